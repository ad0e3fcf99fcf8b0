"""The desk's page of faults, in plain words: arm one, see which wait, clear them; and begin anew."""

from typing import Any

from brokerage.sandbox import faults, plans
from brokerage.sandbox.books import Books
from brokerage.sandbox.control.desk_parts import back_to, badge, button, entry, form, page, rows, section, select
from brokerage.sandbox.wire import Answer, Request

HERE = "/control/faults/"
PLACES = {
    "transfer": ("the broker: a new transfer", "POST /broker/v1/accounts/*/transfers"),
    "cancel": ("the broker: canceling a transfer", "DELETE /broker/v1/accounts/*/transfers/*"),
    "transfers": ("the broker: the list of transfers", "GET /broker/v1/accounts/*/transfers"),
    "link": ("the broker: a new bank link", "POST /broker/v1/accounts/*/ach_relationships"),
    "account": ("the broker: a new account", "POST /broker/v1/accounts"),
    "change": ("the broker: a change to an account", "PATCH /broker/v1/accounts/*"),
    "upload": ("the broker: documents sent in", "POST /broker/v1/accounts/*/documents/upload"),
    "close": ("the broker: closing an account", "POST /broker/v1/accounts/*/actions/close"),
    "papers": ("the broker: the list of documents", "GET /broker/v1/accounts/*/documents"),
    "download": ("the broker: downloading a document", "GET /broker/v1/accounts/*/documents/*/download"),
    "positions": ("the broker: what is held", "GET /broker/v1/trading/accounts/*/positions"),
    "history": ("the broker: the portfolio’s history", "GET /broker/v1/trading/accounts/*/account/portfolio/history"),
    "broker": ("the broker: everything", "* /broker/**"),
    "news": ("the broker: its stream of news", "GET /broker/v2/events/funding/status"),
    "link token": ("Plaid: a link token", "POST /plaid/link/token/create"),
    "exchange": ("Plaid: trading the public token", "POST /plaid/item/public_token/exchange"),
    "processor token": ("Plaid: the processor token", "POST /plaid/processor/token/create"),
    "plaid": ("Plaid: everything", "POST /plaid/**"),
}
WORDS = {
    "drop_after_commit": "does it, and hangs up instead of answering",
    "drop_before_commit": "hangs up and does nothing",
    "gateway_timeout_after_commit": "does it, and a gateway says 504",
    "bad_gateway": "does nothing, and a gateway says 502",
    "server_error": "does nothing and says 500",
    "hang_after_commit": "does it, and does not answer for half a minute",
    "hang_before_commit": "does nothing, and does not answer for half a minute",
    "rate_limited": "says that these are too many requests",
    "unauthorized": "does not take the keys",
    "garbage_after_commit": "does it, and answers half of the JSON",
    "empty_after_commit": "does it, and answers nothing",
    "another_after_commit": "does it, and answers about somebody else",
    "short_answer": "does it, and breaks off in the middle of the answer",
    "slow": "answers, but half a minute late",
    "stale_answer": "repeats an old answer",
    "hide_recent": "shows a list without what is new",
    "event_duplicate": "tells one piece of news twice",
    "event_dropped": "leaves one piece of news out",
    "event_partial": "breaks off in the middle of one piece of news",
    "stream_cut": "hangs up after one piece of news",
}
TIMES = {"1": "once", "3": "three times", "minute": "for a minute", "always": "until it is cleared"}


def page_of_faults(books: Books, request: Request) -> Answer:
    return page(
        books, request, "Faults",
        section("Arm one", _arm()),
        section("Waiting", _waiting(books)),
        section("Begin anew", _anew()),
        lede="Choose where something goes wrong, how, and how often. The stories say what to look for.",
    )  # fmt: skip


def arm(books: Books, request: Request) -> Answer:
    asked = request.form()
    place, kind, times = asked.get("place"), asked.get("kind", ""), asked.get("times", "1")
    if place not in PLACES or kind not in WORDS or times not in TIMES:
        return back_to(HERE, "late")
    add(books, PLACES[place][1], kind, times)
    return back_to(HERE, "armed")


def add(books: Books, route: str, kind: str, times: str) -> None:
    """Script a fault for a word of TIMES."""
    details = {"for_seconds": 60} if times == "minute" else {}
    faults.add(books, route, kind, times=int(times) if times.isdecimal() else None, details=details)


def clear(books: Books, request: Request) -> Answer:
    faults.clear(books)
    for plan in plans.armed(books):
        plans.disarm(books, plan)
    return back_to(HERE, "cleared")


def reset(books: Books, request: Request) -> Answer:
    """Forget everything, if that is meant."""
    if request.form().get("sure") != "yes":
        return back_to(HERE, "unsure")
    books.reset()
    return back_to(HERE, "reset")


def waiting(books: Books) -> list[dict[str, Any]]:
    """The faults that may still fire."""
    over = {row["id"] for row in books.all("SELECT * FROM faults") if faults.is_over(books, row)}
    return [fault for fault in faults.listed(books) if fault["fired"] < fault["times"] and fault["id"] not in over]


def _arm() -> str:
    return form(
        "/control/desk/faults",
        select("Where", "place", ((name, words) for name, (words, _) in PLACES.items())),
        select("What it does", "kind", WORDS.items()),
        select("How often", "times", TIMES.items()),
        button("Arm it", style="primary"),
    )


def _waiting(books: Books) -> str:
    said = [_fault(fault) for fault in waiting(books)]
    said += [entry(f"The next deposit: {plan}", badge("ARMED"), []) for plan in plans.armed(books)]
    listed = rows(said, empty="No fault is armed: everything answers as it should.")
    return listed + (form("/control/desk/faults/clear", button("Clear them all")) if said else "")


def _fault(fault: dict[str, Any]) -> str:
    left = fault["times"] - fault["fired"]
    often = "until it is cleared" if left > faults.FOREVER // 2 else f"{left} more" if left > 1 else "once more"
    often = "for a minute at most" if "until" in fault else often
    what = WORDS.get(fault["kind"], fault["kind"])
    return entry(f"{what[0].upper()}{what[1:]}", badge("ARMED"), [fault["route"], often])


def _anew() -> str:
    meant = "<span>Yes, forget every account, link and transfer here</span>"
    box = f'<label class="tick"><input type="checkbox" name="sure" value="yes">{meant}</label>'
    return form("/control/desk/reset", box, button("Forget everything", style="danger"))
