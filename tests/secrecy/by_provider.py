"""To an OpenID provider and back, with its faults, on a running site; every secret of each way is a canary.

Called by tests/accounts/oidc/test_nothing_left.py. Each step says what has to come of it, as in flows.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from accounts.models import Session, User
from accounts.models.sessions import digest
from accounts.session_store import SessionStore
from brokerage.encryption import unseal
from tests import make
from tests.harness.openid_provider import Provider
from tests.harness.waiting import eventually
from tests.secrecy import canaries, places
from tests.secrecy.canaries import Canary
from tests.secrecy.flows import SOON
from tests.secrecy.getting_in import let_time_pass
from tests.secrecy.visitor import Page, Visitor

HOST = "testserver"  # to no other may the provider send anybody back
BEGIN, GUARDED = "/sign-in/", "/settings/email/"
FAULTS: dict[str, dict[str, Any]] = {
    "denied there": {"authorize": "access_denied"},
    "broken before there is a code": {"authorize": "server_error"},
    "code refused, with all that was sent": {"token": "echo"},
    "token endpoint broken": {"token": 500},
    "no token at all": {"token": "garbage"},
    "token for somebody else's site": {"claims": {"aud": "x"}},
    "another nonce": {"claims": {"nonce": "another"}},
    "signed by another key": {"sign": "another key"},
    "no access token": {"tokens": {"access_token": None}},
    "person refused, with the token that was sent": {"userinfo": "echo"},
    "somebody else at the end": {"person": {"sub": "another"}},
    "an address that is nobody's yet": {"person": {"email_verified": "false"}},
}


@dataclass
class Comings:
    """Ada, whom the provider knows, on three devices; Bob, who had a password here before; `met` are the secrets."""

    port: int
    provider: Provider
    mail: Path
    met: list[Canary] = field(default_factory=list)
    visitors: list[Visitor] = field(default_factory=list)

    def take_all(self) -> None:
        """Take every way; those who failed, and one who was asked again, stay where they are, with all they hold."""
        never_in, leaving, staying = (self._visitor("ada") for _ in range(3))
        for fault, lies in FAULTS.items():
            self.provider.lies(**lies)
            assert self._way(never_in).status_code in (400, 403, 503), fault
        self.provider.lies()
        self._come_in(leaving)
        self._come_in(staying)  # of which she is told by a letter
        eventually(lambda: any(to == "ada@example.com" for to, _ in places.letters(self.mail)), SOON)
        leaving.post("/sign-out/").came(302)
        self._be_asked_again(staying)
        self._connect(self._visitor("bob"))

    def _visitor(self, name: str) -> Visitor:
        self.visitors.append(Visitor(self.port, name, host=HOST))
        return self.visitors[-1]

    def _come_in(self, visitor: Visitor) -> None:
        self._way(visitor).came(302, to="/overview/")
        visitor.get("/overview/").came(200)
        back = next(page.asked for page in reversed(visitor.pages) if "/sign-in/return/" in page.asked)
        assert visitor.get(back.removeprefix("GET ")).status_code in (400, 403)  # a second time

    def _be_asked_again(self, ada: Visitor) -> None:
        """Show anew who one is: by an old sign-in, as somebody else, and rightly."""
        let_time_pass(ada)
        self.provider.lies(claims={"auth_time": 1_700_000_000})
        self._way(ada, GUARDED).came(403)
        self.provider.lies()
        self.provider.person("grace")
        self._way(ada, GUARDED).came(403)
        self.provider.person("ada")
        self._way(ada, GUARDED).came(302, to=GUARDED)
        ada.get(GUARDED).came(200)

    def _connect(self, bob: Visitor) -> None:
        """Come by the provider to an account that was here before, with a wrong password first."""
        user: User = make.user("bob@example.com")
        user.set_password(canaries.PASSWORD)
        user.save()
        self.provider.person("bob")
        page = self._way(bob).came(302)["Location"]
        bob.get(page).came(200)
        bob.post(page, {"again-password": canaries.WRONG_PASSWORD}).came(200, says="field-error")
        bob.post(page, {"again-password": canaries.PASSWORD}).came(302, to="/overview/")
        bob.get("/overview/").came(200)

    def _way(self, visitor: Visitor, address: str = BEGIN) -> Page:
        """Go to the provider and back; return what the site answers to whoever returns."""
        there = visitor.get(address).came(302)["Location"]
        self.met += self._begun(visitor, there)
        back = self.provider.come_back(there)
        self.met += [Canary(f"code {self._next}", code) for code in _asked(back).get("code", [])]
        return visitor.get(back)

    def _begun(self, visitor: Visitor, there: str) -> Iterator[Canary]:
        """Yield what is known of this way; its owner's browser is told some of it, on the page that sends it off."""
        [state] = _asked(there)["state"]
        row = Session.objects.get(key_hash=digest(visitor.cookies["sessionid"]))
        kept = SessionStore().decode(row.session_data)["oidc_states"][state]
        begun = json.loads(unseal(kept["sealed"], bound_to=state))
        seen = (visitor.name, f"page {visitor.pages[-1].asked}")
        yield Canary(f"state {self._next}", state, *seen)
        yield Canary(f"nonce {self._next}", begun["nonce"], *seen)
        yield Canary(f"verifier {self._next}", begun["code_verifier"])

    @property
    def _next(self) -> int:
        return len(self.met)

    def canaries(self) -> list[Canary]:
        """Return all that was met, and all that the provider has handed out, from its own memory."""
        keys = [
            Canary(f"key of {each.name}, {n}, {at}", key, each.name, "cookies of *")
            for n, each in enumerate(self.visitors)
            for at, key in enumerate(sorted(each.keys))
        ]
        return [*self.met, *keys, *_tokens(self.provider.handed())]


def _asked(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def _tokens(answers: list[dict[str, Any]]) -> Iterator[Canary]:
    """Yield every token; of an ID token what it says and its signature, for its head is the same in all."""
    for n, said in enumerate(answers):
        for name in ("access_token", "refresh_token"):
            if name in said:
                yield Canary(f"{name} {n}", said[name])
        _, claims, signature = said["id_token"].split(".")
        yield Canary(f"ID token {n}", claims)
        yield Canary(f"signature of ID token {n}", signature)
