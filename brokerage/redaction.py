"""What no log may hold, and how it is masked: by its shape, by the name beside it, and our own secrets by their value.

Called by logs for every line, tracebacks among them. The rule is still that nobody hands a secret to a logger: this is
the net below, for the words of libraries and of vendors. It would rather mask a harmless number than let one through.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

MASK = "[hidden]"
LONGEST = 32_000  # characters of one text; behind that it is cut, so that no flood of words holds a thread up
SHORTEST_SECRET = 12  # a shorter one would be found inside other words

_NAMES = (
    r"passw(?:or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|signature|session[_-]?(?:id|key)|otp"
    r"|ssn|tax[_-]?id(?!_type)|birth|account[_-]?number|routing|e-?mail|phone|street|csrf"
)
_SECRET_NAME = re.compile(rf"{_NAMES}|cookie|authorization", re.I)
_UUID = r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
_GAP = r"[-.\s\u2010-\u2015]"

# What is masked in the words of vendors, too, before they are kept: they may repeat what they were sent.
_IN_PROSE = frozenset({"credentials", "key", "token", "day", "number"})

# Pattern, and what is left of it. A group named `kept` stays; each quantifier is bounded or meets no other of its kind,
# so that the time grows with the length alone.
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    # A whole header, to the end of its line.
    (re.compile(r"(?P<kept>(?:cookie|authorization)[\"']?\s{0,5}[:=]\s{0,5})[^\r\n]+", re.I), "header"),
    (re.compile(r"(?P<kept>\b(?:bearer|basic)\s{1,3})[\w+/=.~-]{6,}", re.I), "credentials"),
    (re.compile(r"-----BEGIN [A-Z ]{1,40}-----.*?(?:-----END [A-Z ]{1,40}-----|\Z)", re.S), "key"),
    # Plaid's tokens of every kind: access-sandbox-…, processor-production-…
    (re.compile(r"\b[a-z]{2,12}-(?:sandbox|development|production)-[\w-]+", re.I), "token"),
    (re.compile(r"\beyJ[\w-]{4,}(?:\.[\w-]*){1,4}"), "token"),
    (re.compile(r"(?P<kept>://)[^\s/@]{1,200}@"), "credentials"),
    # What follows the question mark of an address.
    (re.compile(r"(?P<kept>\?)[\w%.+-]{1,80}=[^\s\"'<>]*"), "query"),
    # One-use tokens in a path: long, with a digit, and no UUID, which is how our rows are named.
    (re.compile(rf"(?P<kept>{_UUID}(?![\w:=-]))|(?<=/)(?=[\w:=-]{{0,200}}\d)[\w:=-]{{20,}}"), "token"),
    (
        # name=…, "name": … and name: …; the last is prose as well, so that a longer word there names something else.
        re.compile(
            rf"(?P<kept>(?:{_NAMES})(?:[\w-]{{0,20}}(?:[\"']?\s{{0,5}}=|[\"']\s{{0,5}}:)|(?:\d|_address)?\s{{0,5}}:)\s{{0,5}}"
            r"[bu]?)(?:\"[^\"]*\"|'[^']*'|[^\s,;&}\])]+)",
            re.I,
        ),
        "value",
    ),
    (re.compile(r"[^\s<>\"'@,;:()\[\]\\]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"), "address"),
    # Days on which somebody may be born who is of age.
    (re.compile(r"\b(?:19\d\d|200\d)-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}/(?:19\d\d|200\d)\b"), "day"),
    # A tax id, an employer's number, a telephone number, a card; then whatever else is nine digits or longer.
    (
        re.compile(
            rf"(?P<kept>{_UUID})|(?<!\d)(?:\d{{3}}{_GAP}\d{{2}}{_GAP}\d{{4}}|\d{{2}}-\d{{7}}"
            rf"|\(?\d{{3}}\)?{_GAP}{{1,2}}\d{{3}}{_GAP}\d{{4}}|(?:\d{{4}}{_GAP}){{2,4}}\d{{1,7}})(?!\d)|\d{{9,}}"
        ),
        "number",
    ),
)


def masked(text: str, *, secrets: Iterable[str] = ()) -> str:
    """Return a text without what is nobody's to read; `secrets` are values that are masked wherever they stand."""
    if len(text) > LONGEST:
        text = f"{text[:LONGEST].rpartition(' ')[0]} … [cut]"  # between words: half a secret has no shape
    for secret in secrets:
        text = text.replace(secret, MASK)
    for shape, what in _SHAPES:
        text = shape.sub(partial(_left, f"[{what}]"), text)
    return text


def prose(text: str) -> str:
    """Return what a vendor wrote without tokens, keys, long numbers and days of birth; the rest is as it came."""
    for shape, what in _SHAPES:
        if what in _IN_PROSE:
            text = shape.sub(partial(_left, f"[{what}]"), text)
    return text


def _left(mask: str, found: re.Match[str]) -> str:
    kept = found.groupdict().get("kept") or ""
    return kept if kept == found[0] else f"{kept}{mask}"


def redact(value: Any, *, secrets: Iterable[str] = ()) -> Any:
    """Return a value with every text in it masked, and whatever stands under a name that tells of a secret."""
    if isinstance(value, Mapping):
        return {
            str(name): MASK if _SECRET_NAME.search(str(name)) else redact(each, secrets=secrets)
            for name, each in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(each, secrets=secrets) for each in value]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and abs(value) < 10**8:
        return value
    return masked(str(value), secrets=secrets)


def secrets_among(settings: Mapping[str, Any]) -> list[str]:
    """Return the values that settings keep secret, the longest first, so that none leaves a piece of another."""
    found: set[str] = set()
    for name, value in settings.items():
        if not re.search(r"SECRET|PASSWORD|TOKEN|_KEYS?\b", name) or name.endswith(("_URL", "_NAME")):
            continue
        for text in value if isinstance(value, list | tuple) else [value]:
            # FIELD_KEYS is a list of id:key.
            found |= {part.rpartition(":")[2] for part in str(text).split(",")} if name == "FIELD_KEYS" else {str(text)}
    return sorted((text for text in found if len(text) >= SHORTEST_SECRET), key=len, reverse=True)


Redaction = Callable[[Any], Any]


def knowing(secrets: Iterable[str]) -> Redaction:
    """Return the redaction that knows our own secrets by value."""
    return partial(redact, secrets=tuple(secrets))
