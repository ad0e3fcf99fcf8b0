"""Phone numbers, in the one spelling that the broker and every network understand: E.164, such as +12015550143."""

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, ValidationResult

from accounts.rules import NotTaken
from accounts.rules.letters import readable

# Area code and exchange never begin with 0 or 1: https://www.nanpa.com/numbering/area-codes
_NORTH_AMERICAN = re.compile("[2-9][0-9]{2}[2-9][0-9]{6}")


def phone(text: str, region: str = "US") -> str:
    """Return the number in E.164. Without a plus sign it is one of `region` (two letters). Raises NotTaken."""
    number = _parse(readable(text).replace("_", " "), region)
    if number.extension:
        raise NotTaken("Leave out the extension. Enter a number that rings your own phone.")
    # Seven digits are possible too, for someone who lives next door.
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise _no_number()
    if number.country_code == 1 and not _NORTH_AMERICAN.fullmatch(str(number.national_number)):
        raise _no_number()
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def national(e164: str) -> str:
    """Return a kept number as a page shows it: (201) 555-0143, or +44 20 7946 0958 from abroad."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    at_home = number.country_code == 1
    return phonenumbers.format_number(
        number, PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    )


def _parse(text: str, region: str) -> PhoneNumber:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise _no_number() from None


def _no_number() -> NotTaken:
    return NotTaken(
        "Enter a phone number with its area code, such as (201) 555-0143. "
        "A number from another country starts with a plus sign."
    )
