"""Getting in, each way with its faults: by a letter, a password, a code; and being asked once more who one is.

Called by flows, for carl, whom nobody has made beforehand. Each step says what has to come of it.
"""

import re

from accounts.models import SecondFactor, Session, User
from accounts.models.sessions import digest
from accounts.session_store import SessionStore
from accounts.sign_in_stamp import STAMP
from tests.accounts.second_factors import App
from tests.harness.waiting import eventually
from tests.secrecy import canaries
from tests.secrecy.canaries import Canary
from tests.secrecy.flows import SOON, Flows
from tests.secrecy.visitor import Visitor

CARL = "carl@example.com"


def sign_up(flows: Flows) -> None:
    """Ask for a letter, with an address that is none, one that is taken, and one's own; follow its link, once."""
    carl, stranger = flows.carl, flows.stranger
    stranger.post("/sign-up/", {"email": "no address", "password": canaries.PASSWORD}).came(200)
    stranger.post("/sign-up/", {"email": "ada@example.com"}).came(302)
    carl.post("/sign-up/", {"email": CARL}).came(302, to="/sign-up/sent/")
    link = _link(flows, "sign-up")
    carl.get(link).came(200)
    carl.post(link, {"password": canaries.SHORT_PASSWORD}).came(200, says="field-error")
    carl.post(link, {"password": canaries.SIGN_UP_PASSWORD}).came(302, to="/apply/")
    stranger.get(link).came(410)
    carl.get("/apply/")


def _link(flows: Flows, first: str) -> str:
    """Return the newest link to carl that begins so, and remember its key: it may stand in his letter alone."""
    wanted = re.compile(rf"/{first}/[\w-]{{20,}}/")
    there = lambda: [link for to, said in flows.letters() if to == CARL for link in wanted.findall(said)]  # noqa: E731 - asked again and again
    link = str(eventually(there, SOON, because=f"no letter for {first}")[-1])
    flows.remember(Canary(f"key of a letter: {first}", link.split("/")[2], CARL, f"letter to {CARL}"))
    return link


def forget(flows: Flows) -> None:
    """Forget the password, and set another by letter; then sign in with it, wrongly first."""
    flows.carl.post("/sign-out/").came(302)
    flows.stranger.post("/password/", {"email": "nobody@example.com"}).came(302)
    flows.carl.post("/password/", {"email": CARL}).came(302, to="/password/sent/")
    link = _link(flows, "password")
    flows.carl.get(link).came(200)
    flows.carl.post(link, {"password": canaries.SHORT_PASSWORD}).came(200, says="field-error")
    flows.carl.post(link, {"password": canaries.RESET_PASSWORD}).came(302, to="/sign-in/")
    flows.stranger.post(link, {"password": canaries.WRONG_PASSWORD}).came(410)
    flows.carl.post("/sign-in/", {"username": CARL, "password": canaries.WRONG_PASSWORD}).came(200)
    flows.carl.post("/sign-in/", {"username": CARL, "password": canaries.RESET_PASSWORD}).came(302, to="/overview/")


def change_password(flows: Flows) -> None:
    """Be asked once more, on the page that leads back and on the one that carries a form; then change the password."""
    carl, asked, path = flows.carl, "/settings/email/", "/settings/password/"
    right, wrong = {"again-password": canaries.RESET_PASSWORD}, {"again-password": canaries.WRONG_PASSWORD}
    typed, new = {"password": canaries.CHANGED_PASSWORD}, {"again-new_password": canaries.CHANGED_PASSWORD}
    let_time_pass(carl)
    question = carl.get(asked).came(302, to="/sign-in/again/")["Location"]
    carl.post(question, wrong | {"next": asked}).came(200, says="field-error")
    carl.post(question, right | {"next": asked}).came(302, to=asked)
    carl.get(asked).came(200)
    let_time_pass(carl)
    carl.post(asked, {"new_email": CARL} | typed).came(200, says="Sign in again")
    carl.post(asked, {"new_email": CARL} | typed | wrong).came(200, says="field-error")
    carl.post(asked, {"new_email": CARL} | right).came(200, says="the address that you have")
    carl.get(path).came(200)
    carl.post(path, new).came(200, says="field-error")
    carl.post(path, new | wrong).came(200, says="field-error")
    carl.post(path, {"again-new_password": canaries.RESET_PASSWORD} | right).came(
        200, says="the password that you have"
    )
    carl.post(path, new | right).came(302, to="/settings/")


def let_time_pass(visitor: Visitor) -> None:
    """Let the last time that somebody showed who they are be long ago."""
    row = Session.objects.get(key_hash=digest(visitor.cookies["sessionid"]))
    held = SessionStore().decode(row.session_data) | {STAMP: 0}
    Session.objects.filter(pk=row.pk).update(session_data=SessionStore().encode(held))


def second_factor(flows: Flows) -> None:
    """Set a second factor up; come in with a code and with a recovery code, wrongly first; make new codes."""
    carl, path = flows.carl, "/settings/second-factor/"
    carl.post(f"{path}begin/").came(302, to=path)
    carl.get(path).came(200, says='class="key"')
    factor = SecondFactor.objects.get(user=User.objects.get(email=CARL))
    flows.remember(Canary("secret of an app", factor.secret, "carl", "page * /settings/second-factor/*"))
    app = App(factor)
    carl.post(f"{path}on/", {"code": canaries.WRONG_CODE}).came(200, says="field-error")
    codes = recovery_codes(flows, carl.post(f"{path}on/", {"code": app.code()}).came(200).content, "on")
    _let_codes_be_new(factor)
    _come_in(flows, app.code())
    _come_in(flows, codes[0])
    carl.get(path).came(200)
    recovery_codes(flows, carl.post(f"{path}codes/").came(200).content, "codes")
    let_time_pass(carl)
    _let_codes_be_new(factor)
    for code, then in ((canaries.WRONG_CODE, 200), (app.code(), 302)):
        answer = {"again-password": canaries.CHANGED_PASSWORD, "again-code": code, "next": path}
        carl.post("/sign-in/again/", answer).came(then)
    carl.post(f"{path}off/").came(302, to=path)


def _let_codes_be_new(factor: SecondFactor) -> None:
    """Let the last code that was used be one of long ago: each is good once."""
    SecondFactor.objects.filter(pk=factor.pk).update(last_counter=0)


def recovery_codes(flows: Flows, page: bytes, made_by: str) -> list[str]:
    """Return the codes of the page that shows them, and remember that none may stand on another."""
    codes = re.findall(r"<code>([\w -]{16,})</code>", page.decode())
    assert len(codes) == 10
    for code in codes:
        plain = re.sub(r"[ -]", "", code)
        here = f"page POST /settings/second-factor/{made_by}/"
        flows.remember(Canary(f"recovery code, {made_by}", plain, "carl", here, also=(code,)))
    return codes


def _come_in(flows: Flows, code: str) -> None:
    flows.carl.post("/sign-out/").came(302)
    flows.carl.post("/sign-in/", {"username": CARL, "password": canaries.CHANGED_PASSWORD}).came(
        302, to="/sign-in/code/"
    )
    flows.carl.get("/sign-in/code/").came(200)
    flows.carl.post("/sign-in/code/", {"code": canaries.WRONG_CODE}).came(200, says="field-error")
    flows.carl.post("/sign-in/code/", {"code": code}).came(302, to="/overview/")
