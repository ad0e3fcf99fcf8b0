"""What people may type about themselves, and what gets a clear error beside the field."""

from typing import Any

import pytest
import time_machine

from accounts.forms import FORMS
from accounts.rules.letters import in_broker_letters
from tests import make

INVISIBLE = ["Ada\x00", "A\x07da", "Ada\x7f", "A\u200bda", "\ufeffAda", "A\u202eda", "A\u2028da", "A\ue000da", "A\nda"]


def errors(slug: str, **answers: Any) -> dict[str, list[str]]:
    """Return what the step's form finds wrong, when these answers take the place of good ones."""
    form = FORMS[slug]({**make.ANSWERS[slug], **answers})
    return {field: [str(each) for each in found] for field, found in form.errors.items()}


def cleaned(slug: str, **answers: Any) -> dict[str, Any]:
    form = FORMS[slug]({**make.ANSWERS[slug], **answers})
    assert form.errors == {}
    return form.cleaned_data


# --- Names ------------------------------------------------------------------------------------------------------------

NAMES = [
    ("O'Brien", "O'Brien"),
    ("O’Brien", "O'Brien"),
    ("Nguyễn", "Nguyen"),
    ("Thảo", "Thao"),
    ("Anne-Marie", "Anne-Marie"),
    ("de la Cruz", "de la Cruz"),
    ("Jr.", "Jr."),
    ("Ø", "O"),
    ("Łukasz", "Lukasz"),
    ("李", "Li"),
    ("Ж", "Zh"),
    ("X Æ A-12", "X Ae A-12"),
    ("  Ada  ", "Ada"),
]


@pytest.mark.parametrize(("name", "sent"), NAMES)
@pytest.mark.parametrize("field", ["given_name", "family_name"])
def test_a_name_is_taken_as_people_write_it(field: str, name: str, sent: str) -> None:
    kept = cleaned("name", **{field: name})[field]

    assert kept == name.strip()
    assert in_broker_letters(kept) == sent


def test_a_single_name_goes_in_both_fields() -> None:
    assert errors("name", given_name="Sukarno", family_name="Sukarno") == {}
    assert errors("name", family_name="") == {"family_name": ["Enter your last name"]}


def test_a_name_may_have_a_hundred_letters() -> None:
    assert errors("name", given_name="ễ" * 100) == {}
    assert "given_name" in errors("name", given_name="a" * 101)
    sent = in_broker_letters("Ng " * 33)
    assert len(sent) <= 50
    assert sent == sent.strip()


@pytest.mark.parametrize("name", [*INVISIBLE, "", "   ", "123", "!!!"])
def test_what_is_no_name_is_refused(name: str) -> None:
    assert "given_name" in errors("name", given_name=name)


@pytest.mark.parametrize("text", INVISIBLE)
@pytest.mark.parametrize(
    ("slug", "field"),
    [
        ("address", "street_address"),
        ("address", "unit"),
        ("address", "city"),
        ("work", "employer_name"),
        ("work", "employment_position"),
    ],
)
def test_letters_that_cannot_be_seen_are_refused_everywhere(slug: str, field: str, text: str) -> None:
    assert field in errors(slug, **{field: text})


# --- Phone ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["(201) 555-0143", "2015550143", "201.555.0143", "+1 201 555 0143", "1-201-555-0143", " 201 555 0143 "]
)
def test_a_phone_number_is_kept_in_one_spelling(typed: str) -> None:
    assert cleaned("contact", phone=typed)["phone"] == "+12015550143"


@pytest.mark.parametrize("typed", ["", "555-0143", "911", "call me", "201555014", "+1 201 555 01433", "0" * 30, "\x00"])
def test_a_phone_number_without_its_area_code_is_refused(typed: str) -> None:
    assert "phone" in errors("contact", phone=typed)


# --- Address ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "street",
    [
        "PO Box 12",
        "P.O. Box 12",
        "p.o.box 12",
        "P O Box 12",
        "POBox 12",
        "PO Box12",
        "P. O. Box #12",
        "Post Office Box 12",
        "POST-OFFICE BOX 12",
        "Postal Box 12",
        "Post Box 12",
        "POB 12",
        "P.O.B. 12",
        "P/O Box 12",
        "PO Bx 12",
        "P0 Box 12",
        "Box 12",
        "Box #12",
        "BOX12",
        "P.O. 12",
        "PO Drawer 12",
        "84 Willow Terrace, PO Box 12",
        "ＰＯ Ｂｏｘ 12",
    ],
)
def test_a_po_box_is_no_home(street: str) -> None:
    assert errors("address", street_address=street) == {
        "street_address": ["This is a PO box. Enter the street address where you live."]
    }


@pytest.mark.parametrize(
    "street",
    [
        "12 Boxwood Ave",
        "3 Post Office Square",
        "14 Post Office Road",
        "Box Elder Road 7",
        "1 Box Canyon Dr",
        "22 Poboy Lane",
        "5 Po River Way",
        "9 Pobst Court",
        "100 Old Post Road",
        "7 Post Oak Blvd",
        "8 Postal Way",
        "1600 Pennsylvania Ave NW",
        "1 P Street",
        "221B Baker St",
        "10 Calle Colón",
        "6 Bo'x St",
        "County Road 12",
        "12 1/2 Main St #4",
    ],
)
def test_a_street_is_a_home(street: str) -> None:
    assert errors("address", street_address=street) == {}


@pytest.mark.parametrize("street", ["", " ", "7", "12345", "x" * 101])
def test_what_is_no_street_is_refused(street: str) -> None:
    assert "street_address" in errors("address", street_address=street)


@pytest.mark.parametrize(
    ("state", "postal_code"), [("NJ", "90210"), ("CA", "07030"), ("NY", "30301"), ("TX", "10001"), ("AK", "02134")]
)
def test_a_zip_code_of_another_state_is_refused(state: str, postal_code: str) -> None:
    (message,) = errors("address", state=state, postal_code=postal_code)["postal_code"]

    assert message.startswith("This ZIP code is not in ")


@pytest.mark.parametrize("postal_code", ["", "0703", "070300", "07030-", "07030-12", "O7030", "٠٧٠٣٠", "07030\x00"])
def test_what_is_no_zip_code_is_refused(postal_code: str) -> None:
    assert "postal_code" in errors("address", postal_code=postal_code)


def test_a_zip_code_may_have_four_more() -> None:
    assert cleaned("address", postal_code="07030-1234")["postal_code"] == "07030-1234"


@pytest.mark.parametrize("state", ["", "XX", "nj", "New Jersey", "ON"])
def test_what_is_no_state_is_refused(state: str) -> None:
    assert "state" in errors("address", state=state)


# --- Birth ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "born", "accepted"),
    [
        ("2026-11-22", "2008-11-22", True),
        ("2026-11-22", "2008-11-23", False),
        ("2026-11-22", "1907-01-01", True),
        ("2026-11-22", "1899-12-31", False),
        ("2026-11-22", "2026-11-22", False),
        ("2026-11-22", "2026-11-23", False),
        ("2026-11-22", "9999-12-31", False),
        ("2026-02-28", "2008-02-29", False),
        ("2026-03-01", "2008-02-29", True),
        ("2028-02-29", "2010-02-28", True),
        ("2028-02-29", "2010-03-01", False),
    ],
)
def test_a_customer_is_eighteen(today: str, born: str, accepted: bool) -> None:
    with time_machine.travel(f"{today} 17:00Z", tick=False):
        assert (errors("birth", date_of_birth=born) == {}) is accepted


def test_a_birthday_begins_at_new_yorks_midnight() -> None:
    with time_machine.travel("2026-11-22 04:59Z", tick=False):
        assert "date_of_birth" in errors("birth", date_of_birth="2008-11-22")
    with time_machine.travel("2026-11-22 05:00Z", tick=False):
        assert errors("birth", date_of_birth="2008-11-22") == {}


@pytest.mark.parametrize(
    "born", ["", "1991-02-30", "1991-13-01", "yesterday", "0000-00-00", "19910309", "1991-03-09\x00"]
)
def test_a_day_that_does_not_exist_is_refused(born: str) -> None:
    assert "date_of_birth" in errors("birth", date_of_birth=born)


def test_a_birthday_is_kept_as_text() -> None:
    assert cleaned("birth", date_of_birth="3/9/1991")["date_of_birth"] == "1991-03-09"


@pytest.mark.parametrize("residency", ["", "martian", "citizen; drop table"])
def test_residency_has_to_be_chosen(residency: str) -> None:
    assert "residency" in errors("birth", residency=residency)


# --- Tax id -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["444554321", "444-55-4321", "444 55 4321", " 444-55-4321 "])
def test_a_tax_id_is_kept_as_nine_digits(typed: str) -> None:
    assert cleaned("tax-id", tax_id=typed)["tax_id"] == "444554321"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "000-55-4321",
        "666-55-4321",
        "900-55-4321",
        "999-55-4321",
        "444-00-4321",
        "444-55-0000",
        "078-05-1120",
        "219-09-9999",
        "123-45-6789",
        "987-65-4321",
        *(f"{digit * 3}-{digit * 2}-{digit * 4}" for digit in "0123456789"),
        "44455432",
        "4445543210",
        "444-55-432l",
        "٤٤٤٥٥٤٣٢١",
        "444\x00554321",
        "444-55-4321; drop",
    ],
)
def test_a_number_that_was_never_given_out_is_refused_and_not_repeated(typed: str) -> None:
    found = errors("tax-id", tax_id=typed)

    assert list(found) == ["tax_id"]
    assert not typed or typed not in str(found)


def test_the_form_never_shows_the_number_again() -> None:
    form = FORMS["tax-id"]({"tax_id": "666-55-4321"})

    assert "666-55-4321" not in form.as_p()
