"""What the desk's pages are made of: the frame around each, rows, buttons, badges. Everything shown is escaped here."""

from collections.abc import Iterable
from datetime import datetime
from html import escape

from brokerage.sandbox.books import Books
from brokerage.sandbox.clock import NEW_YORK
from brokerage.sandbox.wire import Answer, Request

POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGES = {
    "/control/": "Banks",
    "/control/stories/": "Stories",
    "/control/people/": "People",
    "/control/faults/": "Faults",
    "/control/log/": "Log",
}
# What was done, by the word in the address; nothing else from there is shown.
DONE = {
    "settled": "Settled. The money is booked.",
    "rejected": "Rejected.",
    "returned": "Sent back by the bank.",
    "approved": "Approved.",
    "refused": "Rejected by the broker.",
    "moved": "The clock was moved, and what fell due is done.",
    "paced": "Done.",
    "armed": "Armed.",
    "disarmed": "Disarmed.",
    "made": "A transfer was made at the broker’s own desk.",
    "nothing": "Nothing was done: there is nobody whose bank account is approved and takes a deposit today.",
    "nobody": "Nothing was done: no bank account that is approved has a login that is well.",
    "login": "The bank wants this customer to sign in again.",
    "revoked": "Access was revoked.",
    "repaired": "Repaired, as if elsewhere.",
    "ending": "Its end was announced: in a week the bank wants a new sign-in.",
    "offered": "It was told that there are new accounts.",
    "account": "Access to the account was revoked.",
    "unshared": "The account is not shared any more. Nobody was told.",
    "renumbered": "The account has another number. Older processor tokens are good for no new link.",
    "seen": "The deposits were seen: the account is verified.",
    "unseen": "The deposits expired.",
    "cleared": "No fault is waiting any more.",
    "reset": "Everything is forgotten. The site still knows its customers; start it with fresh data, too.",
    "unsure": "Nothing was forgotten: tick the box to say that you mean it.",
    "late": "Nothing was done: it has changed in the meantime.",
}
WARNING = {"nothing", "nobody", "unsure", "late"}


def page(books: Books, request: Request, title: str, *inside: str, lede: str = "") -> Answer:
    body = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} – sandbox desk</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/control/desk.css">
</head>
<body>
<header>
<a class="skip" href="#main">Skip to content</a>
<p class="ribbon">Sandbox: no bank, no broker, no money</p>
<nav aria-label="Desk">{_menu(request.path)}</nav>
</header>
<main id="main">
{_notice(request.first("done"))}<h1>{escape(title)}</h1>
{f'<p class="lede">{escape(lede)}</p>' if lede else ""}{"".join(inside)}
</main>
</body>
</html>
"""
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Answer(200, body.encode(), "text/html; charset=utf-8", headers)


def back_to(path: str, done: str) -> Answer:
    return Answer(303, headers={"Location": f"{path}?done={done}"})


def _menu(here: str) -> str:
    marks = {here: ' aria-current="page"'}
    return "".join(f'<a href="{path}"{marks.get(path, "")}>{name}</a>' for path, name in PAGES.items())


def _notice(word: str) -> str:
    if word not in DONE:
        return ""
    tone = " is-warn" if word in WARNING else ""
    return f'<p class="notice{tone}" role="status">{DONE[word]}</p>\n'


def section(title: str, *inside: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{''.join(inside)}\n</section>\n"


def rows(entries: Iterable[str], *, empty: str) -> str:
    inside = "".join(f"<li>{entry}</li>\n" for entry in entries)
    return f'<ul class="rows">\n{inside}</ul>' if inside else f'<p class="empty">{escape(empty)}</p>'


def entry(title: str, badge: str, facts: Iterable[str | None], controls: str = "") -> str:
    """One row: what it is, how it stands, what else there is to know, and what may be done."""
    said = "".join(f'<p class="quiet">{escape(fact)}</p>' for fact in facts if fact)
    return f'<div class="head"><h3>{escape(title)}</h3>{badge}</div>{said}{controls}'


def badge(word: str, tone: str = "") -> str:
    return f'<span class="status {tone}">{escape(word)}</span>'


def form(action: str, *inside: str) -> str:
    return f'<form method="post" action="{escape(action)}">{"".join(inside)}</form>' if inside else ""


def button(label: str, value: str = "", *, about: str = "", style: str = "") -> str:
    """A button whose name says what it acts on, for whoever hears the page."""
    heard = f' aria-label="{escape(label)}: {escape(about)}"' if about else ""
    kind = f' class="{style}"' if style else ""
    return f'<button name="do" value="{escape(value)}"{kind}{heard}>{escape(label)}</button>'


def select(label: str, name: str, options: Iterable[tuple[str, str]]) -> str:
    return f'<label>{escape(label)}<select name="{name}">{_options(options)}</select></label>'


def small_select(label: str, name: str, options: Iterable[tuple[str, str]]) -> str:
    """One beside a button, its label heard only."""
    return f'<select name="{name}" aria-label="{escape(label)}">{_options(options)}</select>'


def _options(options: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options)


def moment(at: float) -> str:
    """A time as the banks see it."""
    there = datetime.fromtimestamp(at, NEW_YORK)
    return f"{there:%a, %b} {there.day}, {there:%I:%M:%S %p %Z}".replace(" 0", " ")
