"""Twelve stories of failure, each with one button: what to do on the site, and what the product should make of it."""

from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from brokerage.sandbox import plans
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, transfers
from brokerage.sandbox.broker.refusal import Refusal
from brokerage.sandbox.control import bank_logins, desk_faults, desk_logins
from brokerage.sandbox.control.desk_parts import back_to, badge, button, form, page
from brokerage.sandbox.plaid import items
from brokerage.sandbox.wire import Answer, Request

HERE = "/control/stories/"
POST_TRANSFER = "POST /broker/v1/accounts/*/transfers"
FUNDING_NEWS = "GET /broker/v2/events/funding/status"
ELSEWHERE = "75.00"
TROUBLES = {"login_required": "ITEM_LOGIN_REQUIRED", "revoked": "USER_PERMISSION_REVOKED"}


@dataclass(frozen=True)
class Story:
    """One arms a `fault` by its route, kind and times, a `plan`, or a `switch`; any other acts at once, on the login
    of the bank account that was approved last where it names a `change` of control's."""

    title: str
    button: str
    steps: tuple[str, ...]
    sees: tuple[str, ...]
    leads: tuple[str, str] = ("Make a deposit", "/deposit/")
    fault: tuple[str, str, str] | None = None
    plan: str = ""
    switch: str = ""
    change: str = ""


DEPOSIT = "Sign in as a customer with an approved bank account (the demo’s is maya@example.com) and make a deposit."
STORIES: dict[str, Story] = {
    "lost": Story(
        "The answer to a deposit is lost",
        "Lose the next answer",
        (DEPOSIT,),
        ("The page says that the deposit is being confirmed with the broker, and asks not to send it again.",
         "Within ten seconds it is found in the broker’s list and goes on. There is one transfer, here and there."),
        fault=(POST_TRANSFER, "drop_after_commit", "1"),
    ),
    "gateway": Story(
        "The broker takes a deposit, and a gateway answers 504",
        "Answer the next one with 504",
        (DEPOSIT,),
        ("As before: an error page of a gateway says nothing about the money, so nothing is sent twice.",
         "Within ten seconds the deposit is found and goes on."),
        fault=(POST_TRANSFER, "gateway_timeout_after_commit", "1"),
    ),
    "killed": Story(
        "The site dies in the middle of a deposit",
        "Hold the next answer back",
        (DEPOSIT, "While the browser waits, and within ten seconds, kill the site: press Ctrl-C where the demo runs.",
         "Start the demo again and open the transfer."),
        ("The deposit is there, being confirmed: it was written down before it was sent.",
         "A minute after it was sent, at the latest, the broker is asked what became of it. It was sent once."),
        ("Make a deposit", "/deposit/"),
        fault=(POST_TRANSFER, "hang_after_commit", "1"),
    ),
    "returned": Story(
        "The customer’s bank has no money to give (R01)",
        "Return the next deposit",
        (DEPOSIT, "Wait: it settles, and five seconds later it comes back."),
        ("The deposit is marked as returned, its amount struck, and the page says why in plain words.",
         "The balance goes down again by the same amount. The bank account stays linked; a second return within sixty "
         "days stops it, and the demo’s Maya has had one."),
        plan="return R01",
    ),
    "unauthorized": Story(
        "The customer says they never agreed (R10)",
        "Return the next deposit as unauthorized",
        (DEPOSIT, "Wait: it settles, and five seconds later it comes back."),
        ("The deposit is returned, and the bank account is stopped: nothing more is moved with it.",
         "Operations finds the bank account among those that were stopped, on the site’s own desk under /admin/."),
        plan="return R10",
    ),
    "rejected": Story(
        "The broker rejects a bank link",
        "Compare names at the broker",
        ("Sign in as a customer without a bank account (the demo’s is grace@example.com) and link a bank. "
         "In Link use user_good and pass_good.",),
        ("After some seconds the link is refused: the account belongs to Alberta Bobbeth Charleson.",
         "The page lists it as not approved by the broker, and offers to link another bank account."),
        ("Link a bank", "/bank/"),
        switch="reject_name_mismatch",
    ),
    "away": Story(
        "The broker is away for a minute",
        "Send the broker away",
        ("Look at the overview and make a deposit while it is away.",),
        ("Every page still opens. A deposit that is sent now waits as one that is being confirmed.",
         "When the minute is over the site asks again, and never sends twice. The broker never saw this one: "
         "only after an hour of looking does the site say so. Until then this customer can ask for no other deposit."),
        ("Open the overview", "/overview/"),
        fault=("* /broker/**", "bad_gateway", "minute"),
    ),
    "unheard": Story(
        "The broker uses a word that nobody knows",
        "Park the next deposit",
        (DEPOSIT, "When you have seen it, go to Banks here and settle it."),
        ("The page stays honest: the deposit is on its way, and nothing is asked of the customer.",
         "Operations sees the unfamiliar word. Once it is settled here, the deposit goes on as any other."),
        plan="unheard-of status",
    ),
    "news": Story(
        "News come twice, and old news come last",
        "Repeat the next deposit’s news",
        (DEPOSIT, "Wait until it has settled, and five seconds more."),
        ("The deposit stays settled, and its timeline has every step once.",
         "The log here shows that each step was told again, in the wrong order."),
        plan="old news",
        fault=(FUNDING_NEWS, "event_duplicate", "3"),
    ),
    "elsewhere": Story(
        "Somebody makes a transfer elsewhere",
        f"Make a deposit of ${ELSEWHERE} at the broker",
        ("Nothing: it is made at the broker’s own desk, for the customer whose bank account was approved last.",),
        ("Within some seconds it stands among the customer’s transfers; its page says that it was made at the broker.",
         "It is tied to no deposit of theirs, even to one of the same amount."),
        ("Open the transfers", "/transfers/"),
    ),
    "expired": Story(
        "The bank wants a new sign-in",
        "Expire the login",
        ("Sign in as the customer to whom it has happened, and open the page of the bank account.",
         "Sign in to the bank again, with user_saver and pass_good."),
        ("The page says that the bank wants a new sign-in, and offers it. Until then no deposit is made.",
         "After it the same bank account is in use again. Nothing was linked anew, here or at the broker."),
        ("Open the bank account", "/bank/"),
        change="login_required",
    ),
    "left": Story(
        "The customer revokes access at the bank",
        "Revoke access",
        ("Sign in as the customer to whom it has happened, and open the page of the bank account.",),
        ("No deposit is made with it any more: the customer has taken back what allowed us to.",
         "A new sign-in would not help, so none is offered. The page says what happened, and how to go on."),
        ("Open the bank account", "/bank/"),
        change="revoked",
    ),
}  # fmt: skip


def stories(books: Books, request: Request) -> Answer:
    told = "".join(_told(books, name, story, number) for number, (name, story) in enumerate(STORIES.items(), start=1))
    lede = "Twelve things that go wrong with money. Arm one, do what it says on the site, and watch."
    return page(books, request, "Stories of failure", f'<ol class="stories">{told}</ol>', lede=lede)


def tell(books: Books, request: Request) -> Answer:
    """Arm a story, disarm it, or do at once what it is about. Raises KeyError for one that nobody knows."""
    story = STORIES[request.params["story"]]
    if request.form().get("do") == "disarm":
        return _disarm(books, story)
    if story.switch:
        books.set_setting(story.switch, True)
    if story.plan:
        plans.arm(books, story.plan)
    if story.fault:
        desk_faults.add(books, *story.fault)
    if story.change:
        return back_to(HERE, _change(books, story.change))
    if not (story.switch or story.plan or story.fault):
        return back_to(HERE, "made" if _make_elsewhere(books) else "nothing")
    return back_to(HERE, "armed")


def _disarm(books: Books, story: Story) -> Answer:
    if story.switch:
        books.set_setting(story.switch, False)
    if story.plan:
        plans.disarm(books, story.plan)
    if story.fault:
        books.write("DELETE FROM faults WHERE route = ? AND kind = ?", *story.fault[:2])
    return back_to(HERE, "disarmed")


def _make_elsewhere(books: Books) -> bool:
    """Whether there was somebody to make it for."""
    row = books.one("SELECT * FROM relationships WHERE status = 'APPROVED' ORDER BY updated_at DESC LIMIT 1")
    if row is None:
        return False
    asked = {"transfer_type": "ach", "relationship_id": row["id"], "amount": ELSEWHERE, "direction": "INCOMING"}
    try:
        transfers.take_in(books, accounts.fetch(books, row["account_id"]), asked)
    except Refusal:
        return False
    return True


def _change(books: Books, change: str) -> str:
    """The word for what was done."""
    login = desk_logins.newest(books)
    if login is None:
        return "nobody"
    bank_logins.change(books, items.by_id(books, login.item_id), change)
    return desk_logins.DONE[change]


def _is_armed(books: Books, story: Story) -> bool:
    if story.switch:
        return bool(books.setting(story.switch))
    if story.plan:
        return story.plan in plans.armed(books)
    waiting = [(fault["route"], fault["kind"]) for fault in desk_faults.waiting(books)]
    return story.fault is not None and story.fault[:2] in waiting


def _told(books: Books, name: str, story: Story, number: int) -> str:
    armed = _is_armed(books, story)
    act = button("Disarm", "disarm", about=story.title) if armed else button(story.button, "arm", style="primary")
    words, path = story.leads
    link = f'<a href="{escape(site(books) + path)}">{escape(words)}</a>'
    whose = f'<p class="quiet">{escape(_whose(books, story.change))}</p>' if story.change else ""
    return (
        f'<li id="{name}"><div class="head"><h2>{number}. {escape(story.title)}</h2>'
        f"{badge('Armed', 'is-warn') if armed else ''}</div>"
        f"{form(f'/control/desk/stories/{name}', act)}{whose}"
        f"<h3>On the site</h3><ul>{_items(story.steps)}</ul><p>{link}</p>"
        f"<h3>What you see</h3><ul>{_items(story.sees)}</ul></li>"
    )


def _whose(books: Books, change: str) -> str:
    """To whom it has happened, and to whom it would happen next."""
    stricken = [str(login) for login in desk_logins.known(books) if login.trouble == TROUBLES[change]]
    following = desk_logins.newest(books)
    if not stricken and not following:
        return "There is nobody yet to whom it could happen: no bank account linked through Plaid is approved."
    said = [f"It has happened to {' and to '.join(stricken)}."] if stricken else []
    said += [f"It would happen {'next ' if stricken else ''}to {following}." if following else "There is nobody else."]
    return " ".join(said)


def _items(sentences: tuple[str, ...]) -> str:
    return "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)


def site(books: Books) -> str:
    """Where the site is; an address of another kind is not linked to."""
    address = str(books.setting("site_url")).rstrip("/")
    return address if urlsplit(address).scheme in ("http", "https") else ""
