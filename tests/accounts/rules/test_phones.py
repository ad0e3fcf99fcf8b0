"""Phone numbers in one spelling; the long lists are in real_people and bad_answers."""

import pytest

from accounts.rules import NotTaken
from accounts.rules.phones import national, phone


@pytest.mark.parametrize(
    ("typed", "region", "kept"),
    [
        ("(201) 555-0143", "US", "+12015550143"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 20 7946 0958", "US", "+442079460958"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("+1 416 555 0143", "GB", "+14165550143"),
    ],
)
def test_a_number_is_kept_with_its_country(typed: str, region: str, kept: str) -> None:
    assert phone(typed, region) == kept


@pytest.mark.parametrize("typed", ["201-555-0143 x12", "201-555-0143 ext. 12", "+44 20 7946 0958 ext 5"])
def test_an_extension_is_refused_by_its_name(typed: str) -> None:
    with pytest.raises(NotTaken, match="extension"):
        phone(typed)


@pytest.mark.parametrize("typed", ["555-0143", "(055) 555-0143", "201-155-0143"])
def test_a_number_without_a_real_area_code_is_refused(typed: str) -> None:
    with pytest.raises(NotTaken, match="area code"):
        phone(typed)


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("+12015550143", "(201) 555-0143"),
        ("+442079460958", "+44 20 7946 0958"),
        ("", ""),
        ("no number", "no number"),
    ],
)
def test_a_page_shows_a_number_as_people_write_it(kept: str, shown: str) -> None:
    assert national(kept) == shown
