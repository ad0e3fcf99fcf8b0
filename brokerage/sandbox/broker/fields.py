"""Rules for single fields of an application, each named for what it asks and each refusing with the field's name."""

import re
from collections.abc import Callable
from datetime import date, datetime
from ipaddress import IPv4Address
from typing import Any

from brokerage.sandbox.broker.refusal import bad_parameter, invalid

Rule = Callable[[str, Any], None]


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STATES = words(
    """AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK
    OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI"""
)
STATE_NAMES = words(
    """alabama alaska arizona arkansas california colorado connecticut delaware district-of-columbia florida georgia
    hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota
    mississippi missouri montana nebraska nevada new-hampshire new-jersey new-mexico new-york north-carolina
    north-dakota ohio oklahoma oregon pennsylvania rhode-island south-carolina south-dakota tennessee texas utah
    vermont virginia washington west-virginia wisconsin wyoming puerto-rico guam"""
)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9:]{8}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})")
UPWARDS = "0123456789"
# No one who signs today is older.
OLDEST = 124


def require(part: dict[str, Any], name: str, rule: Rule) -> None:
    if part.get(name) in (None, "", [], {}):
        raise invalid(f"{name} is required")
    rule(name, part[name])


def allow(part: dict[str, Any], name: str, rule: Rule) -> None:
    if part.get(name) not in (None, ""):
        rule(name, part[name])


def a_string(name: str, value: Any) -> None:
    if not isinstance(value, str):
        raise bad_parameter(f"{name} must be a string")


def text(name: str, value: Any) -> None:
    a_string(name, value)
    if value != value.strip():
        raise invalid(f"{name} must not start or end with a space")
    if not re.fullmatch(r"[ -~]*", value):
        raise invalid(f"{name} contains characters that are not allowed")


def at_most(length: int) -> Rule:
    def rule(name: str, value: Any) -> None:
        text(name, value)
        if len(value) > length:
            raise invalid(f"{name} must be at most {length} characters")

    return rule


def one_of(allowed: frozenset[str]) -> Rule:
    def rule(name: str, value: Any) -> None:
        if not isinstance(value, str) or value not in allowed:
            raise invalid(f"{name} is invalid")

    return rule


def list_of(rule: Rule) -> Rule:
    def rules(name: str, values: Any) -> None:
        if not isinstance(values, list):
            raise bad_parameter(f"{name} must be an array")
        for value in values:
            rule(name, value)

    return rules


def yes_or_no(name: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise bad_parameter(f"{name} must be a boolean")


def an_object(name: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise bad_parameter(f"{name} must be an object")


def count(name: str, value: Any) -> None:
    """A whole number of people or things."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad_parameter(f"{name} must be an integer")
    if not 0 <= value <= 100:
        raise invalid(f"{name} is invalid")


def number(name: str, value: Any) -> None:
    """Not negative, and no more than anybody owns."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad_parameter(f"{name} must be a number")
    if not 0 <= value <= 10**13:
        raise invalid(f"{name} is invalid")


person_name = at_most(50)


def email(name: str, value: Any) -> None:
    """Sixty characters without the part that follows a plus sign, a hundred with it."""
    text(name, value)
    if not EMAIL.fullmatch(value) or len(re.sub(r"\+[^@]*", "", value)) > 60 or len(value) > 100:
        raise invalid(f"{name} is invalid")


def phone(name: str, value: Any) -> None:
    a_string(name, value)
    if not re.fullmatch(r"\+?[0-9 ().-]{7,20}", value):
        raise invalid(f"{name} is invalid")


def place(name: str, value: Any) -> None:
    text(name, value)
    if not 2 <= len(value) <= 50 or value.isdigit():
        raise invalid(f"{name} is invalid")


def state(name: str, value: Any) -> None:
    a_string(name, value)
    if value not in STATES and value.lower().replace(" ", "-") not in STATE_NAMES:
        raise invalid(f"{name} is invalid")


def zip_code(name: str, value: Any) -> None:
    a_string(name, value)
    if not re.fullmatch(r"[0-9]{5}[-0-9]{0,5}", value):
        raise invalid(f"{name} is invalid")


def country(name: str, value: Any) -> None:
    a_string(name, value)
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise invalid(f"{name} must be an ISO 3166-1 alpha-3 code")


def day(name: str, value: Any) -> None:
    try:
        _day(value)
    except ValueError:
        raise invalid(f"{name} must be formatted as YYYY-MM-DD") from None


def _day(value: Any) -> date:
    written = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) if isinstance(value, str) else None
    return date.fromisoformat(value if written else "")


def adult_on(today: date) -> Rule:
    def rule(name: str, value: Any) -> None:
        day(name, value)
        born = _day(value)
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        if not 18 <= age <= OLDEST:
            raise invalid(f"{name} is invalid")

    return rule


def signed_by(latest: float) -> Rule:
    """A moment as RFC 3339 has it, and not after `latest`, in seconds since the epoch."""

    def rule(name: str, value: Any) -> None:
        a_string(name, value)
        if not MOMENT.fullmatch(value):
            raise invalid(f"{name} is invalid")
        try:
            signed_at = datetime.fromisoformat(re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", value)).timestamp()
        except (ValueError, OverflowError):
            raise invalid(f"{name} is invalid") from None
        if signed_at > latest:
            raise invalid(f"{name} cannot be in the future")

    return rule


def ipv4(name: str, value: Any) -> None:
    a_string(name, value)
    try:
        IPv4Address(value)
    except ValueError:
        raise invalid(f"{name} must be an IPv4 address") from None


def social_security(name: str, value: str, *, itin: bool) -> None:
    """`value` is text."""
    digits = value.replace("-", "")
    if not re.fullmatch(r"[0-9]{9}", digits):
        raise invalid(f"{name} must be 9 digits")
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    bad_area = not area.startswith("9") if itin else area in ("000", "666") or area.startswith("9")
    made_up = len(set(digits)) == 1 or digits in UPWARDS or digits in UPWARDS[::-1]
    if bad_area or group == "00" or serial == "0000" or made_up:
        raise invalid(f"{name} is invalid")
