"""Everything that a running site has kept, logged, mailed and shown, and the search of all of it for canaries."""

import fnmatch
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_django import Settings

from tests.secrecy import places
from tests.secrecy.canaries import Canary, Search
from tests.secrecy.visitor import Visitor

SECRETS = {
    "SECRET_KEY": "canary-signs-sessions-8820-kestrel-plover-avocet-0123456789-godwit",
    "FIELD_KEYS": "canary:Y2FuYXJ5LWZpZWxkLWtleS0wMTIzNDU2Nzg5LWFiY2Q=",
    "TAX_ID_HASH_KEY": "canary-hashes-tax-ids-8823-kestrel",
    "BROKER_API_SECRET": "canary-broker-secret-8821-plover",
    "PLAID_SECRET": "canary-plaid-secret-8822-avocet",
    "METRICS_TOKEN": "canary-metrics-token-8824-godwit",
}
FOLDERS = ("sandbox", "site", "mail", "tmp", "metrics", "anchors")
KEPT = ("site", "tmp", "metrics", "anchors")  # where our processes leave files
Allowed = Sequence[tuple[str, str, str]]  # a canary, a place (each may hold *), and why it may be there


def settings_of(folder: Path) -> dict[str, str]:
    """Make the folders in which a site leaves what it keeps; return what makes it use them, and tell everything."""
    for name in FOLDERS:
        (folder / name).mkdir()
    return {
        "BROKERAGE_ENV": "sandbox",
        "HTTPS": "off",
        "DEBUG": "off",
        "TRUSTED_PROXIES": "0",
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "METRICS_DIR": str(folder / "metrics"),
        "AUDIT_ANCHOR_DIR": str(folder / "anchors"),
        "TMPDIR": str(folder / "tmp"),
        "LOG_LEVEL": "DEBUG",
    }


def same_keys(settings: Settings) -> None:
    """Let the test open what a site with SECRETS seals, and sign and hash as it does."""
    settings.SECRET_KEY = SECRETS["SECRET_KEY"]
    settings.FIELD_KEYS = SECRETS["FIELD_KEYS"]
    settings.TAX_ID_HASH_KEY = SECRETS["TAX_ID_HASH_KEY"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@dataclass(frozen=True)
class Told:
    """What lies in the folders of `settings_of`, in the database, and with the visitors; canaries went through it."""

    canaries: list[Canary]
    visitors: list[Visitor]
    folder: Path
    processes: list[int]

    def lying(self) -> Iterator[places.Place]:
        """Yield what lies in every place that is nobody's page."""
        folder = self.folder
        yield from places.columns()
        yield from places.forgotten_pages()
        yield from places.opened_sessions()
        yield from places.files(*(folder / name for name in KEPT), but=[folder / "site" / "static"])
        for pid in self.processes:
            yield from places.command_lines(pid)

    def shown(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield what somebody was shown, or sent: to whom, where, and what."""
        yield from places.pages(self.visitors)
        yield from ((to, f"letter to {to}", said.encode()) for to, said in places.letters(self.folder / "mail"))

    def found(self, allowed: Allowed = ()) -> list[str]:
        """Return every canary that is where it may not be, with the place."""
        search = Search(self.canaries)
        hits = {(name, place) for place, raw in self.lying() for name in search.names_in(raw)}
        named = {each.name: each for each in self.canaries}
        assert all(
            (each.owner, each.where) == (named[each.name].owner, named[each.name].where) for each in self.canaries
        )
        for who, place, raw in self.shown():
            hits |= {(name, place) for name in search.names_in(raw) if not named[name].is_for(who, place)}
        return sorted(f"{name} in {place}" for name, place in hits if not _may_be(name, place, allowed))


def _may_be(name: str, place: str, allowed: Allowed) -> bool:
    return any(fnmatch.fnmatch(name, canary) and fnmatch.fnmatch(place, where) for canary, where, _ in allowed)
