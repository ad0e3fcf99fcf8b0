"""The provider's pages: who do you want to be, and signed out. They work without JavaScript."""

from html import escape
from urllib.parse import urlencode

from brokerage.sandbox.books import Books
from brokerage.sandbox.identity import people, requests, tokens
from brokerage.sandbox.identity.requests import BadRequest, Wish
from brokerage.sandbox.wire import Answer, Request

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
STYLE = "/plaid/link/v2/stable/link.css"
_KEPT = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)


def ask(books: Books, request: Request) -> Answer:
    """/oauth2/authorize: everybody who can be chosen. It asks each time, as with prompt=login."""
    fields = {name: request.first(name) for name in _KEPT}
    wish = requests.read(fields)
    return _page("Who is signing in?", _choices(fields), leads_to=wish.origin)


def _choices(fields: dict[str, str]) -> str:
    kept = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value, quote=True)}">' for name, value in fields.items()
    )
    items = "".join(
        f'<li><label><input type="radio" name="person" value="{escape(person.email)}"'
        f"{' checked' if person is people.PEOPLE[0] else ''}>"
        f"<span>{escape(person.email)}<small>{escape(person.words)}</small></span></label></li>"
        for person in people.PEOPLE
    )
    return f"""<form method="post">{kept}
<fieldset>
<legend>Be one of these</legend>
<ul class="list choices">{items}</ul>
</fieldset>
<label for="email">Or somebody else, by an e-mail address</label>
<input id="email" name="email" type="email" autocomplete="off">
<button name="decision" value="enter">Sign in</button>
<button name="decision" value="deny" class="quiet" formnovalidate>Do not sign in</button>
</form>"""


def decide(books: Books, request: Request) -> Answer:
    """Go back to the site with a code, or without."""
    form = request.form()
    wish = requests.read(form)
    if form.get("decision") != "enter":
        return _back(wish, error="access_denied", error_description="the person did not sign in")
    email = form.get("email") or form.get("person", "")
    if "@" not in email:
        raise BadRequest("invalid_request", "Choose somebody, or enter an e-mail address.")
    return _back(wish, code=tokens.hand_out(books, wish, people.find(email)))


def _back(wish: Wish, **said: str) -> Answer:
    address = f"{wish.redirect_uri}?{urlencode({**said, 'state': wish.state})}"
    return Answer(303, headers={"Location": address, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def leave(books: Books, request: Request) -> Answer:
    """/logout: there is no session to end, so straight back to the site."""
    requests.require_client(request.first("client_id"))
    address = request.first("logout_uri")
    requests.require_local(address)
    return Answer(302, headers={"Location": address, "Cache-Control": "no-store"})


def wrong(sentence: str, *, status: int) -> Answer:
    return _page("This is not a sign-in", f"<p>{escape(sentence)}</p>", status=status)


def _page(title: str, inside: str, *, status: int = 200, leads_to: str = "") -> Answer:
    body = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} (simulated)</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{STYLE}">
</head>
<body>
<main id="sheet">
<div id="bar"><p id="ribbon">Simulated sign-in provider: anybody is whoever they choose</p></div>
<h1>{escape(title)}</h1>
{inside}
</main>
</body>
</html>
"""
    headers = {
        # Browsers hold `form-action` against where the answer leads, too.
        "Content-Security-Policy": f"{POLICY} {leads_to}".rstrip(),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return Answer(status, body.encode(), "text/html; charset=utf-8", headers)
