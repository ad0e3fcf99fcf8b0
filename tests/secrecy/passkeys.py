"""A passkey, with its faults: added, signed in with, shown again, removed. Called by way_through, for carl.

The key itself never leaves the device. What does, is a canary: each challenge, and what was answered to it.
"""

import json
import re

from cryptography.hazmat.primitives.asymmetric import ec

from tests.harness.authenticator import Authenticator, to_text
from tests.secrecy.canaries import Canary
from tests.secrecy.flows import Flows
from tests.secrecy.getting_in import CARL, let_time_pass
from tests.secrecy.visitor import Page, Visitor

MINE, ENTER, AGAIN = "/settings/passkeys/", "/sign-in/passkey/", "/sign-in/again/"
GUARDED = "/settings/email/"
NAME = "Carl’s phone"
ELSEWHERE = "https://evil.example"


def come_and_go(flows: Flows) -> None:
    """Add a phone, wrongly first; come in with it, wrongly first; remove it, and stay outside."""
    carl, phone = flows.carl, Authenticator(host="localhost", origin=f"http://localhost:{flows.port}")
    flows.remember(Canary("id of a passkey", to_text(phone.credential_id), "carl", "page POST *passkey*/question/"))
    _add(flows, phone, origin=ELSEWHERE).came(200, says="could not be checked")
    _add(flows, phone, name="").came(200, says="Give the device a name")
    _add(flows, phone).came(302, to=MINE)
    _add(flows, phone).came(200, says="could not be checked")  # a second time
    page = carl.get(MINE).came(200, says=NAME)
    _come_in(flows, phone)
    _show_again(flows, phone)
    removal = re.findall(rf"{MINE}[\w-]+/remove/", page.content.decode())[0]
    carl.post(removal).came(302, to=MINE)
    _enter(flows, flows.stranger, phone).came(200, says="open an account here")


def _add(flows: Flows, phone: Authenticator, *, name: str = NAME, **lies: str) -> Page:
    answer = phone.create(_question(flows, flows.carl, MINE), **lies)
    return flows.carl.post(MINE, {"name": name, "answer": _kept(flows, answer)})


def _come_in(flows: Flows, phone: Authenticator) -> None:
    """Come in with it, after somebody whose key is another's, and before somebody who has listened."""
    carl = flows.carl
    carl.post("/sign-out/").came(302)
    _enter(flows, flows.stranger, phone, key=ec.generate_private_key(ec.SECP256R1())).came(200)
    _enter(flows, carl, phone, origin=ELSEWHERE).came(200, says="open an account here")
    answer = phone.get(_question(flows, carl, ENTER))
    carl.post(ENTER, {"answer": _kept(flows, answer)}).came(302, to="/overview/")
    flows.stranger.post(ENTER, {"answer": answer}).came(200, says="open an account here")


def _show_again(flows: Flows, phone: Authenticator) -> None:
    """Show it on the page that asks, and on the one that carries a form that was late; wrongly first, each time."""
    carl = flows.carl
    for path, carried in ((AGAIN, {"next": GUARDED}), (GUARDED, {"new_email": CARL})):
        let_time_pass(carl)
        lie = phone.get(_question(flows, carl, f"{AGAIN}passkey/"), origin=ELSEWHERE)
        carl.post(path, {**carried, "again-answer": _kept(flows, lie)}).came(200, says="could not be checked")
        answer = phone.get(_question(flows, carl, f"{AGAIN}passkey/"))
        page = carl.post(path, {**carried, "again-answer": _kept(flows, answer)})
        page.came(302, to=GUARDED) if path == AGAIN else page.came(200, says="the address that you have")


def _enter(flows: Flows, visitor: Visitor, phone: Authenticator, **lies: object) -> Page:
    answer = phone.get(_question(flows, visitor, ENTER), **lies)
    return visitor.post(ENTER, {"answer": _kept(flows, answer)})


def _question(flows: Flows, visitor: Visitor, path: str) -> str:
    """Return what the device is asked; the challenge is for whoever has asked, on this page alone."""
    options = visitor.post(f"{path}question/").came(200).content.decode()
    challenge = json.loads(options)["challenge"]
    flows.remember(
        Canary(f"challenge at {path} of {visitor.name}", challenge, visitor.name, f"page POST {path}question/")
    )
    return options


def _kept(flows: Flows, answer: str) -> str:
    """Return a device's answer; each part of it that tells of the key or of the question is nobody's to see again."""
    said = json.loads(answer)["response"]
    parts = {name: said[name] for name in ("signature", "attestationObject", "clientDataJSON") if name in said}
    for name, value in parts.items():
        flows.remember(Canary(f"answer of a passkey: {name}", value))
    return answer
