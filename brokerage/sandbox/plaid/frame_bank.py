"""The pages of a bank that asks for itself: one question, yes or no, and which accounts. Works without JavaScript."""

from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from brokerage.sandbox.books import Books
from brokerage.sandbox.plaid import frame_oauth, frame_sessions, institutions, logins
from brokerage.sandbox.plaid.bank_accounts import BankAccount
from brokerage.sandbox.plaid.frame_offers import key_of
from brokerage.sandbox.plaid.frame_sessions import Session
from brokerage.sandbox.plaid.refusal import PlaidRefusal
from brokerage.sandbox.wire import Answer, Request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
ASSETS = "/plaid/link/v2/stable"


def gate(books: Books, request: Request, handler: Callable[[Books, Request], Answer]) -> Answer:
    """A stale address gets a page that says so; a post from another site's page gets nothing."""
    if request.method == "POST" and request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return _page("Not from here", "<p>This form was sent from another site.</p>", status=403)
    try:
        with books.entry():
            return handler(books, request)
    except (KeyError, PlaidRefusal):
        gone = "<p>This sign-in is over, or never was. Close this window and start again.</p>"
        return _page("Nothing to do here", gone, status=404)


def ask(books: Books, request: Request) -> Answer:
    state, session = _found(books, request)
    if state["outcome"]:
        return _done()
    return _page(_bank_name(session), _question(books, session, request.first("way")), returns=session)


def decide(books: Books, request: Request) -> Answer:
    """Take the answer, and go back the way the customer came."""
    state, session = _found(books, request)
    form = parse_qs(request.body.decode("utf-8", "replace"))
    approved = form.get("decision") == ["approve"]
    frame_oauth.decide(books, state["id"], form.get("accounts", []) if approved else None)
    if form.get("way") != ["redirect"] or not session.asked.get("redirect_uri"):
        return _done()
    address = frame_oauth.return_address(session.asked["redirect_uri"], state["id"])
    return Answer(303, headers={"Location": address, "Cache-Control": "no-store"})


def _found(books: Books, request: Request) -> tuple[Any, Session]:
    state = frame_oauth.state(books, request.params["state_id"])
    return state, frame_sessions.find(books, state["session_id"])


def _bank_name(session: Session) -> str:
    return institutions.name_of(str(session.institution_id))


def _question(books: Books, session: Session, way: str) -> str:
    client = escape(str(session.asked["client_name"]))
    return f"""<p>{client} asks, through Plaid, to see these accounts and to move money with them.</p>
<form method="post">
<fieldset>
<legend>Share with {client}</legend>
<ul class="list choices">{_choices(books, session)}</ul>
</fieldset>
<input type="hidden" name="way" value="{escape(way, quote=True)}">
<button name="decision" value="approve" data-testid="bank-approve">Approve</button>
<button name="decision" value="deny" class="quiet" data-testid="bank-deny">Do not share anything</button>
</form>"""


def _accounts(session: Session) -> list[BankAccount]:
    products, filters = session.asked.get("products") or ["auth"], session.asked.get("account_filters") or {}
    return logins.accounts_of(frame_oauth.USERNAME, products=products, filters=filters)


def _choices(books: Books, session: Session) -> str:
    accounts, shared = _accounts(session), frame_oauth.shared(books, session)
    return "".join(_choice(account, key_of(account, accounts), shared) for account in accounts)


def _choice(account: BankAccount, key: str, shared: list[str | None] | None) -> str:
    checked = " checked" if shared is None or account.mask in shared else ""
    name, kind = escape(account.name), f"{escape(account.subtype.capitalize())} ···· {escape(account.mask or '')}"
    return (
        f'<li><label><input type="checkbox" name="accounts" value="{escape(key)}"{checked} '
        f'data-testid="bank-account-{escape(key)}"><span>{name}<small>{kind}</small></span></label></li>'
    )


def _done() -> Answer:
    """Close the window, where a script may; otherwise say that it can be closed."""
    script = f'<script src="{ASSETS}/bank.js"></script>'
    return _page("Back to the application", f"<p>You can close this window and go on there.</p>{script}")


def _page(title: str, inside: str, *, status: int = 200, returns: Session | None = None) -> Answer:
    body = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} (simulated)</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{ASSETS}/link.css">
</head>
<body>
<main id="sheet">
<div id="bar"><p id="ribbon">Simulated bank: not a real sign-in</p></div>
<h1>{escape(title)}</h1>
{inside}
</main>
</body>
</html>
"""
    headers = {
        "Content-Security-Policy": POLICY + _return_source(returns),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return Answer(status, body.encode(), "text/html; charset=utf-8", headers)


def _return_source(session: Session | None) -> str:
    """The form's answer may lead back to the application; browsers hold `form-action` against that, too."""
    address = urlsplit(str(session.asked.get("redirect_uri") or "")) if session else None
    return f" {address.scheme}://{address.netloc}" if address and address.netloc else ""
