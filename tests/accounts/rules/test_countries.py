"""Countries by plain names, read when they are first asked for."""

import subprocess
import sys

from anyascii import anyascii

from accounts.rules.countries import _PLAIN_NAMES, COUNTRIES, _names, name_of


def test_every_country_has_three_letters_and_a_plain_name() -> None:
    assert len(COUNTRIES) == len({name for _, name in COUNTRIES}) == 249
    for alpha3, name in COUNTRIES:
        assert len(alpha3) == 3
        assert alpha3.isupper()
        assert "," not in name


def test_countries_are_sorted_by_name() -> None:
    names = [anyascii(name) for _, name in COUNTRIES]

    assert names == sorted(names)


def test_a_country_is_called_what_people_call_it() -> None:
    assert name_of("BOL") == "Bolivia"
    assert name_of("VNM") == "Vietnam"
    assert name_of("USA") == "United States"
    assert name_of("XXX") == "XXX"
    assert _PLAIN_NAMES.keys() <= _names().keys()


def test_the_list_is_not_read_at_start_up() -> None:
    read = "from accounts.rules import countries; raise SystemExit(countries._names.cache_info().currsize)"

    assert subprocess.run([sys.executable, "-c", read], check=False).returncode == 0
