"""Made-up secrets that are carried through every flow, and every form in which one of them would be found again."""

import base64
import fnmatch
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

PASSWORD = "Zebra-7731-lantern & quiet"
WRONG_PASSWORD = "Heron-4402-ladder & loud"
SHORT_PASSWORD = "newt9-oak"  # too short to be one
SIGN_UP_PASSWORD = "Otter-3318-candle & slow"
RESET_PASSWORD = "Lynx-9954-kettle & mild"
CHANGED_PASSWORD = "Stoat-6627-saddle & brisk"
WRONG_CODE = "code-5513-kestrel"
TAX_ID = "527-93-6418"
BIRTH = "1987-10-23"
STREET = "4417 Quetzal Crescent"
PHONE = "(201) 555-0177"
ACCOUNT_NUMBER = "4417731998820"
ROUTING_NUMBER = "026009593"
WEBHOOK_WORD = "webhook-word-55120-kestrel"
ECHOED_TOKEN = "access-sandbox-5a1d7c3b-8f42-4c11-9d0e-6f1c90ae2b47"


@dataclass(frozen=True)
class Canary:
    """One secret. `owner` is who may see it, in the places that `where` names; nobody where it is empty."""

    name: str
    value: str
    owner: str = ""
    where: str = "page *"
    also: tuple[str, ...] = ()  # other ways to write it

    def is_for(self, who: str, place: str) -> bool:
        """Say whether somebody may see it there."""
        return self.owner == who != "" and fnmatch.fnmatchcase(place, self.where)

    @property
    def needles(self) -> frozenset[bytes]:
        """Return how it may be written down: plain, backwards, in digits, in an address or a page, base64, hex."""
        plain = {self.value, *self.also}
        plain |= {way(each) for each in plain for way in (quote, quote_plus, html.escape)}
        digits = re.sub(r"\D", "", self.value)
        if len(digits) >= 9 and not re.search("[a-zA-Z]", self.value):
            plain.add(digits)
        plain |= {each[::-1] for each in plain}
        raw = {each.encode() for each in plain}
        return frozenset(raw | {each.hex().encode() for each in raw} | {b for each in raw for b in _base64(each)})


def _base64(value: bytes) -> Iterator[bytes]:
    """Return what base64 makes of a value, whatever stands before it: only the signs that depend on it alone."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + value).rstrip(b"=")
        yield text[before and before + 1 : -1]
        yield text[before and before + 1 : -1].translate(bytes.maketrans(b"+/", b"-_"))


def known(*, secrets: dict[str, str]) -> list[Canary]:
    """Return the canaries that are known before anything has happened; `secrets` are settings by name."""
    return [
        Canary("password", PASSWORD),
        Canary("wrong password", WRONG_PASSWORD),
        Canary("short password", SHORT_PASSWORD),
        Canary("password at sign-up", SIGN_UP_PASSWORD),
        Canary("password by letter", RESET_PASSWORD),
        Canary("changed password", CHANGED_PASSWORD),
        Canary("wrong code", WRONG_CODE, owner="carl"),  # typed again more easily where it stands in its field
        Canary("tax id", TAX_ID),
        Canary("birth date", BIRTH, "ada", also=("10/23/1987", "October 23, 1987", "Oct. 23, 1987", "19871023")),
        Canary("street", STREET, owner="ada"),
        Canary("phone", PHONE, owner="ada"),
        Canary("account number", ACCOUNT_NUMBER),
        Canary("routing number", ROUTING_NUMBER),
        Canary("webhook", WEBHOOK_WORD),
        Canary("echoed token", ECHOED_TOKEN),
        *(Canary(name, value) for name, value in secrets.items()),
    ]


HEAD = 8  # how much of a needle is looked for at first; none is shorter


class Search:
    """Looks for all canaries at once, in one pass."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._needles: dict[bytes, list[tuple[bytes, str]]] = {}
        for canary in canaries:
            for needle in {each.lower() for each in canary.needles}:
                assert len(needle) >= HEAD, canary.name
                self._needles.setdefault(needle[:HEAD], []).append((needle, canary.name))

    def names_in(self, haystack: bytes | str) -> set[str]:
        """Return the names of the canaries in a text; letters' case is no difference."""
        raw = (haystack.encode() if isinstance(haystack, str) else haystack).lower()
        heads, length = self._needles, HEAD
        begins = [at for at in range(len(raw) - length + 1) if raw[at : at + length] in heads]
        return {name for at in begins for needle, name in heads[raw[at : at + length]] if raw.startswith(needle, at)}
