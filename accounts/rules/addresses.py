"""Where a person lives, at home and abroad, in their own letters; the broker gets it by letters.in_broker_letters."""

import re
from functools import cache

from localflavor.us.us_states import STATE_CHOICES

from accounts.rules import NotTaken
from accounts.rules.letters import at_most, has_letters, in_plain_letters, readable
from accounts.rules.po_boxes import is_po_box
from accounts.rules.zip_codes import may_be_in

# The broker tells of no longest street; each Chinese letter becomes three or four of its own.
LONGEST_STREET, LONGEST_STREET_SENT = 100, 300
LONGEST_UNIT, LONGEST_CITY, LONGEST_STATE, LONGEST_POSTAL_CODE = 20, 50, 50, 12
HOME = "USA"


def street(text: str) -> str:
    """Return the line with the house and the street. Raises NotTaken."""
    line = at_most(LONGEST_STREET, readable(text))
    if not line:
        raise NotTaken("Enter your street address.")
    if is_po_box(line):
        raise NotTaken("This is a PO box. Enter the street address where you live.")
    # A street has a name, except in Japan: block and house are 5-2-1.
    if not re.search("[A-Za-z].|.[A-Za-z]|[0-9]-[0-9]+-[0-9]", in_plain_letters(line)):
        raise NotTaken("Enter the number and the name of the street.")
    return _fits(LONGEST_STREET_SENT, line)


def unit(text: str) -> str:
    """Return the apartment, or nothing for nothing. Raises NotTaken."""
    return _fits(LONGEST_UNIT, readable(text))


def city(text: str) -> str:
    """Return the city or town. Raises NotTaken."""
    place = readable(text)
    if not place:
        raise NotTaken("Enter your city.")
    _fits(LONGEST_CITY, has_letters(place))
    if len(in_plain_letters(place)) < 2:
        raise NotTaken("Enter the full name of your city. It has two letters or more.")
    return place


def us_state(text: str) -> str:
    """Return the two letters of a state or territory, or of a military post. Raises NotTaken."""
    typed = readable(text).casefold()
    for code, name in _states().items():
        if typed in (code.casefold(), name.casefold()):
            return code
    raise NotTaken("Choose your state.")


def zip_code(text: str) -> str:
    """Return five digits, or five and four: 07030, 07030-1234. Raises NotTaken."""
    written = re.fullmatch("([0-9]{5})(?:[- ]?([0-9]{4}))?", readable(text))
    if not written:
        raise NotTaken("A ZIP code has five digits, such as 07030. Enter all of them.")
    return "-".join(part for part in written.groups() if part)


def zip_in_state(zip_code: str, state: str) -> str:
    """Return the ZIP code. Raises NotTaken when its first digits are another state's."""
    if not may_be_in(zip_code, state):
        raise NotTaken(f"This ZIP code is not in {_states().get(state, 'that state')}. Change one of them.")
    return zip_code


def postal_code(text: str, country: str) -> str:
    """Return the postal code of a country (alpha-3), or nothing where a country may have none. Raises NotTaken."""
    if country == HOME:
        return zip_code(text)
    written = in_plain_letters(readable(text))
    if len(written) > LONGEST_POSTAL_CODE:
        raise NotTaken(f"Check the postal code. It has at most {LONGEST_POSTAL_CODE} letters and digits.")
    if not re.fullmatch("([A-Za-z0-9]+([ -][A-Za-z0-9]+)*)?", written):
        raise NotTaken("Use letters, digits, spaces and hyphens only.")
    return written


def state_abroad(text: str) -> str:
    """Return a state, province or region outside the United States, or nothing for nothing. Raises NotTaken."""
    return _fits(LONGEST_STATE, readable(text))


@cache
def _states() -> dict[str, str]:
    """Return the names of states, territories and military posts by their two letters."""
    return {code: str(name) for code, name in STATE_CHOICES}


def _fits(length: int, text: str) -> str:
    """Return the text. Raises NotTaken when it, or the broker's copy of it, is longer."""
    at_most(length, text)
    sent = in_plain_letters(text)
    if len(sent) > length:
        raise NotTaken(f"This is too long in plain letters. Shorten it to {length}.")
    if text and not sent:
        raise NotTaken("Use letters or digits here.")
    return text
