"""Streets and PO boxes, states and ZIP codes; the long lists are in real_people and bad_answers."""

import pytest
from localflavor.us.us_states import STATE_CHOICES

from accounts.rules import NotTaken, addresses
from accounts.rules.po_boxes import is_po_box
from accounts.rules.zip_codes import may_be_in
from tests.accounts.rules.bad_answers import PO_BOXES
from tests.accounts.rules.real_people import ABROAD, AT_HOME

_STREETS = """
12 Boxwood Ln;Post Road 5;Box Elder Dr 9;Box Elder Road 7;1 Box Canyon Dr;5 Police Plaza;3 Post Office Square;100 Old Post Road
14 Post Office Road;22 Poboy Lane;5 Po River Way;9 Pobst Court;7 Post Oak Blvd;8 Postal Way;1 P Street;6 Bo'x St;12 Caller St
Rural Route 2 Box 15;RR 2 Box 15;Box 15 RR 2;HC 1 Box 12;PSC 3 Box 4120;Unit 2050 Box 4190;CMR 415 Box 7;5 Postbox Cottage
5 Post Box Lane;Calle Apartado 5;9 Drawer Rd;12 Lock St;77 Binney St;Postfachweg 3;12 Main St PMB 40;12 Po Boxer Ln;Boxer 5
5 Drawbridge Ct;12 P O'Brien Way;5 P Oxford St;12 Main St Box 4;Poe Boxley Rd 5;4 Bp Prince Dr;12 Casilla Rd;8 Mailbox Peak Rd
"""  # noqa: E501
STREETS = [street for line in _STREETS.strip().splitlines() for street in line.split(";")]


def test_po_boxes_are_known_in_many_spellings() -> None:
    assert len(PO_BOXES) >= 25


@pytest.mark.parametrize("street", PO_BOXES)
def test_a_po_box_is_no_home(street: str) -> None:
    with pytest.raises(NotTaken, match="This is a PO box"):
        addresses.street(street)


@pytest.mark.parametrize("street", [*STREETS, *(home[0] for home in (*AT_HOME, *ABROAD))])
def test_a_street_is_a_home(street: str) -> None:
    assert not is_po_box(street)
    assert addresses.street(street) == street


@pytest.mark.parametrize("state", [code for code, _ in STATE_CHOICES])
def test_every_state_has_zip_codes(state: str) -> None:
    beginnings = {number for number in range(1000) if may_be_in(f"{number:03}01", state)}

    assert 1 <= len(beginnings) <= 75 or state == "AS"
    assert may_be_in("96799", state) is (state == "AS")


def test_two_states_share_the_first_digits_only_around_the_capital_and_in_the_pacific() -> None:
    states = [code for code, _ in STATE_CHOICES]
    shared = {
        f"{number:03}": " ".join(sorted(state for state in states if may_be_in(f"{number:03}01", state)))
        for number in range(1000)
    }

    assert {begins: names for begins, names in shared.items() if " " in names} == {
        "099": "AE NJ",
        "201": "DC VA",
        "205": "DC MD VA",
        "969": "GU MP",
    }


@pytest.mark.parametrize(
    ("zip_code", "state"),
    [
        *(("06390", "NY"), ("20500", "DC"), ("56901", "DC"), ("73301", "TX"), ("88510", "TX"), ("96799", "AS")),
        *(("96950", "MP"), ("96910", "GU"), ("96278", "AP"), ("34002", "AA"), ("09204", "AE"), ("83414", "WY")),
        *(("05501", "MA"), ("00501", "NY"), ("39901", "GA"), ("97801", "OR"), ("96720", "HI"), ("73960", "TX")),
        *(("82001-1234", "WY"), ("20101", "VA"), ("39813", "GA"), ("00802", "VI"), ("00926", "PR")),
    ],
)
def test_odd_zip_codes_are_in_their_state(zip_code: str, state: str) -> None:
    assert addresses.zip_in_state(zip_code, state) == zip_code


def test_a_street_in_japan_may_be_numbers_alone() -> None:
    assert addresses.street("5-2-1") == "5-2-1"
    with pytest.raises(NotTaken):
        addresses.street("5-2")


@pytest.mark.parametrize("typed", ["NJ", "nj", " New Jersey ", "new jersey", "NEW JERSEY"])
def test_a_state_is_its_two_letters(typed: str) -> None:
    assert addresses.us_state(typed) == "NJ"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("07030", "07030"), (" 07030 ", "07030"), ("07030-1234", "07030-1234"), ("070301234", "07030-1234")],
)
def test_a_zip_code_has_five_digits_or_nine(typed: str, kept: str) -> None:
    assert addresses.zip_code(typed) == kept
    assert addresses.postal_code(typed, "USA") == kept


@pytest.mark.parametrize(("typed", "kept"), [("sw1a 2ab", "sw1a 2ab"), ("１００-0005", "100-0005"), ("", "")])
def test_a_postal_code_abroad_may_be_anything_short(typed: str, kept: str) -> None:
    assert addresses.postal_code(typed, "GBR") == kept


def test_what_may_be_nothing() -> None:
    assert addresses.unit(" ") == ""
    assert addresses.state_abroad("") == ""


def test_what_grows_too_long_in_plain_letters_is_refused() -> None:
    assert addresses.city("北京市") == "北京市"
    with pytest.raises(NotTaken, match="Shorten it to 50"):
        addresses.city("北京市" * 10)
