"""Every page of the site in its main states: how to bring each about, and what then stands on it.

Rows are made, not walked to; the vendors are not asked, except by Plaid Link.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from accounts import states as account_states
from accounts.models import Application, BrokerageAccount, User
from funding import states
from funding.models import ACHRelationship, Brake, Break, Case, Freeze, LinkSession, SendAttempt, Transfer
from tests import make

if TYPE_CHECKING:
    from playwright.sync_api import Page


@dataclass(frozen=True)
class Scene:
    """A page in one state: who sees it, where, what they do first, and words by which it is known."""

    name: str
    shows: str
    path: str = ""
    who: User | None = None
    act: Callable[["Page"], Any] = lambda page: None


def submit(page: "Page") -> None:
    page.locator("main button[type=submit]").last.click()


def _typed(amount: str) -> Callable[["Page"], None]:
    def type_and_go_on(page: "Page") -> None:
        page.locator("[name=amount]").fill(amount)
        submit(page)

    return type_and_go_on


# --- Before signing in ------------------------------------------------------------------------------------------------


def for_strangers() -> list[Scene]:
    def wrong_password(page: "Page") -> None:
        page.get_by_label("E-mail").fill("nobody@example.com")
        page.get_by_label("Password").fill("not the one")
        page.get_by_role("button", name="Sign in", exact=True).click()

    sign_up = f"/sign-up/{make.sign_up_letter('new@example.com').make_key()}/"
    password = f"/password/{make.password_letter(make.user('forgetful@example.com')).make_key()}/"
    return [
        Scene("home", "A brokerage account you can follow to the cent", "/"),
        Scene("sign-up", "Send me the letter", "/sign-up/"),
        Scene("sign-up, errors", "Change 1 answer to continue", "/sign-up/", act=submit),
        Scene("sign-up, letter sent", "Look in your mailbox", "/sign-up/sent/"),
        Scene("sign-up, its link", "Create my sign-in", sign_up),
        Scene("sign-up, its link, errors", "Change 1 answer to continue", sign_up, act=submit),
        Scene("password forgotten", "Send me the letter", "/password/"),
        Scene("password forgotten, letter sent", "Look in your mailbox", "/password/sent/"),
        Scene("password forgotten, its link", "Set this password", password),
        Scene("password forgotten, its link, errors", "Change 1 answer to continue", password, act=submit),
        Scene("sign-in", "New here?", "/sign-in/"),
        Scene("sign-in, errors", "You are not signed in yet", "/sign-in/", act=wrong_password),
        Scene("customer agreement", "between you and the broker", "/agreements/customer_agreement/"),
        Scene("style guide", "Every component in all its states", "/styleguide/"),
        Scene("403", "You can’t open this page", "/403/"),
        Scene("403, out of date", "Please send that again", "/403/csrf/"),
        Scene("404", "There is no page here", "/404/"),
        Scene("429", "Please wait a moment", "/429/"),
        Scene("500", "Something broke on our side", "/500/"),
    ]


# --- Opening an account -----------------------------------------------------------------------------------------------


def for_applicants() -> list[Scene]:
    new, done = make.user("new@example.com"), make.user("done@example.com")
    make.application(done)
    steps = [
        scene
        for slug in make.ANSWERS
        for scene in (
            Scene(f"{slug}", "Save and continue", f"/apply/{slug}/", new),
            Scene(f"{slug}, errors", "to continue", f"/apply/{slug}/", new, submit),
        )
    ]
    declared = make.user("declared@example.com")
    yes: dict[str, Any] = dict.fromkeys(make.ANSWERS["disclosures"], True)
    make.application(declared, tax_id="444554398", residency="visa", names_trusted_contact=True, **yes)
    steps += [
        scene
        for slug in make.MORE_ANSWERS
        for scene in (
            Scene(f"{slug}", "Save and continue", f"/apply/{slug}/", declared),
            Scene(f"{slug}, errors", "to continue", f"/apply/{slug}/", declared, submit),
        )
    ]
    refused = make.user("one-answer-refused@example.com")
    make.application(
        refused, tax_id="444554397", status=account_states.REFUSED, refusal="city is invalid", sent_at=timezone.now()
    )
    half = make.user("half@example.com")
    Application.objects.create(user=half, given_name="Thảo", family_name="Nguyễn")
    return [
        Scene("overview, no application", "Open your brokerage account", "/overview/", new),
        *steps,
        Scene("address, refused", "The broker could not take this page", "/apply/address/", refused),
        Scene("check, missing", "Still to answer", "/apply/check/", half),
        Scene("check", "Send my application", "/apply/check/", done),
        *_waiting(),
    ]


def _waiting() -> list[Scene]:
    applications = {
        account_states.READY: "We are sending your application",
        account_states.REFUSED: "One answer needs a change",
    }
    accounts = {
        "SUBMITTED": "The broker is checking your application",
        account_states.APPROVAL_PENDING: "A person at the broker",
        account_states.ACTION_REQUIRED: "The broker needs to see a document",
        account_states.ACTIVE: "Your brokerage account is open",
        account_states.REJECTED: "did not approve",
        account_states.CLOSED: "is closed",
    }
    scenes = []
    for status, shows in applications.items():
        user = make.user(f"{status.lower()}@example.com")
        make.application(
            user,
            status=status,
            tax_id=f"44455{user.pk.int % 10000:04}",
            sent_at=timezone.now(),
            refusal="city is invalid",
        )
        scenes.append(Scene(f"waiting, {status}", shows, "/apply/waiting/", user))
    verdicts: dict[str, Any] = {"accept": {"IDENTITY_VERIFICATION": {}}, "indeterminate": {"ADDRESS_VERIFICATION": {}}}
    for status, shows in accounts.items():
        account = make.account(make.user(f"{status.lower()}@example.com"), status=status, kyc_results=verdicts)
        scenes.append(Scene(f"waiting, {status}", shows, "/apply/waiting/", account.user))
    return scenes


# --- With an account --------------------------------------------------------------------------------------------------


def an_account(name: str, **values: Any) -> BrokerageAccount:
    return make.account(make.user(f"{name}@example.com"), **values)


def _with_transfers(name: str, **values: Any) -> ACHRelationship:
    """Make a customer with a deposit in each state, and enough of them for a second page."""
    relationship = make.relationship(an_account(name, **values))
    for days in range(40):
        transfer = make.transfer(relationship, f"{days + 1}.00", status=states.COMPLETE, settled_at=timezone.now())
        Transfer.objects.filter(pk=transfer.pk).update(created_at=timezone.now() - timedelta(days=days))
    return relationship


def for_customers() -> list[Scene]:
    new, rich = an_account("fresh", cash="0.00"), _with_transfers("rich").brokerage_account
    old = timezone.now() - timedelta(hours=3)
    stale = make.relationship(an_account("stale")).brokerage_account
    BrokerageAccount.objects.filter(pk=stale.pk).update(cash_as_of=old)
    held = make.relationship(an_account("held"))
    BrokerageAccount.objects.filter(pk=held.brokerage_account_id).update(cash_withdrawable=Decimal("590.00"))
    make.transfer(held, "90.00", direction=states.OUTGOING)
    make.transfer(held, "410.00", status=states.COMPLETE, settled_at=timezone.now())
    make.transfer(held, "75.00")
    negative = make.relationship(an_account("negative", cash="-86.40"), suspended_at=old, suspended_because="R02")
    return [
        Scene("overview, new", "Link your bank", "/overview/", new.user),
        Scene("overview, with money", "All transfers", "/overview/", rich.user),
        Scene("overview, on hold", "Deposits on hold", "/overview/", held.brokerage_account.user),
        Scene("overview, stale", "We can’t reach the broker right now", "/overview/", stale.user),
        Scene("overview, negative", "Your cash is below $0.00", "/overview/", negative.brokerage_account.user),
        Scene("transfers, none", "No transfers yet", "/transfers/", new.user),
        Scene("transfers, many", "Older transfers", "/transfers/", rich.user),
        Scene("transfers, filtered none", "No transfer matches", "/transfers/?status=stopped", rich.user),
        Scene("transfers, filter errors", "Enter a day that exists", "/transfers/?since=12026-01-01", rich.user),
        Scene("notifications, none", "Nothing to tell yet", "/notifications/", new.user),
        Scene("notifications, many", "Older notifications", "/notifications/", _told(rich.user)),
        *_amounts(held.brokerage_account.user),
        *_not_now(),
    ]


def _not_now() -> list[Scene]:
    """Return the pages of customers in whose way something is."""
    frozen, doubt = make.relationship(an_account("frozen")), make.relationship(an_account("doubt"))
    Freeze.objects.create(brokerage_account=frozen.brokerage_account, because="R10", frozen_by="broker")
    make.transfer(doubt, sending=states.HELD)
    owing = make.relationship(an_account("owing", cash="-86.40")).brokerage_account
    no_deposits: dict[str, Any] = {"suspended_because": "too little money there", "suspended_deposits_only": True}
    half = make.relationship(an_account("no-deposits"), suspended_at=timezone.now(), **no_deposits)
    return [
        Scene("overview, frozen", "Your account is frozen", "/overview/", frozen.brokerage_account.user),
        Scene("deposit, frozen", "You can’t deposit right now", "/deposit/", frozen.brokerage_account.user),
        Scene("withdraw, owing", "is missing in your account", "/withdraw/", owing.user),
        Scene("deposit, stopped", "No deposits from this bank", "/deposit/", half.brokerage_account.user),
        Scene("deposit, in doubt", "is still being confirmed", "/deposit/", doubt.brokerage_account.user),
    ]


def _told(user: User) -> User:
    """Tell someone so much that it fills more than a page; the older half is read."""
    words = "Bank account: Tartan Bank, ending in 0000. It arrives in your account by Mon, Nov 30."
    for hours in range(30):
        make.notice(
            user,
            f"Your deposit of ${hours + 1}.00 is on its way",
            words,
            created_at=timezone.now() - timedelta(hours=hours),
            read_at=timezone.now() if hours > 2 else None,
        )
    return user


def _amounts(user: User) -> list[Scene]:
    return [
        Scene("deposit", "How much do you want to deposit?", "/deposit/", user),
        Scene("deposit, errors", "Change 1 answer to continue", "/deposit/", user, _typed("a lot")),
        Scene("deposit, too much", "In one transfer: $25,000.00", "/deposit/", user, _typed("30,000")),
        Scene("deposit, review", "Your authorization", "/deposit/", user, _typed("1,200")),
        Scene("withdraw", "Cash you can withdraw", "/withdraw/", user),
        Scene("withdraw, errors", "Change 1 answer to continue", "/withdraw/", user, _typed("")),
        Scene("withdraw, review", "Where it goes", "/withdraw/", user, _typed("20")),
    ]


# --- One transfer -----------------------------------------------------------------------------------------------------


def of_a_transfer() -> list[Scene]:
    """Return a scene for each way that a transfer can stand."""
    bank = make.relationship(an_account("mover"))
    unapproved = make.relationship(an_account("waiter"), status=states.QUEUED)
    now = timezone.now()
    out: dict[str, Any] = {"direction": states.OUTGOING}
    returned: dict[str, Any] = {
        "status": states.RETURNED,
        "return_code": "R01",
        "reason": "R01 - Insufficient funds",
        "ended_at": now,
    }
    called_off: dict[str, Any] = {"sending": states.WITHDRAWN, "reason": "the account is frozen", "ended_at": now}
    settled: dict[str, Any] = {"status": states.COMPLETE, "sent_to_bank_at": now, "settled_at": now}
    long_ago = now - timedelta(days=90)
    made = {
        "held": ("Being looked at", make.transfer(bank, sending=states.HELD)),
        "declined": ("Not made", make.transfer(bank, sending=states.DECLINED, reason="Signal: reroute", ended_at=now)),
        "called off": ("Called off", make.transfer(bank, **called_off, **out)),
        "too late": ("too late to cancel", make.transfer(bank, cancel_asked_at=now, cancel_answer="too late")),
        "settled long ago": ("dispute it is over", make.transfer(bank, **(settled | {"settled_at": long_ago}))),
        "waiting": ("Waiting", make.transfer(unapproved, sending=states.RESERVED)),
        "being sent": ("Being sent", _sent(make.transfer(bank, sending=states.SENDING))),
        "on its way": ("On its way", make.transfer(bank)),
        "canceling": ("Canceling", make.transfer(bank, cancel_asked_at=now, cancel_answer="asked")),
        "settled": ("Settled", make.transfer(bank, **settled)),
        "settled, out": ("Settled", make.transfer(bank, status=states.COMPLETE, settled_at=now, **out)),
        "returned": ("Returned", make.transfer(bank, settled_at=now, **returned)),
        "returned, out": ("Returned", make.transfer(bank, **out, **returned)),
        "canceled": ("Canceled", make.transfer(bank, status=states.CANCELED, ended_at=now)),
        "rejected": ("Refused", make.transfer(bank, status=states.REJECTED, ended_at=now)),
        "refused": ("Refused", make.transfer(bank, sending=states.REFUSED, reason="maximum number of ACH transfers")),
        "not sent": ("Not sent", make.transfer(bank, sending=states.NOT_SENT, ended_at=now)),
        "not made": ("Not made", make.transfer(bank, sending=states.NOT_CREATED, ended_at=now)),
        "confirming": ("Confirming", _sent(make.transfer(bank, sending=states.UNKNOWN, **out))),
        "looked at": ("Confirming", _sent(make.transfer(bank, sending=states.REVIEW))),
    }
    keep = Scene(
        "authorization", "How to cancel or revoke it", f"{made['settled'][1].url}authorization/", bank.login.user
    )
    return [keep, *(Scene(f"transfer, {name}", word, each.url, each.user) for name, (word, each) in made.items())]


def _sent(transfer: Transfer) -> Transfer:
    now = timezone.now()
    SendAttempt.objects.create(transfer=transfer, sender="a test", sent_at=now, lease_until=now + timedelta(minutes=2))
    return transfer


# --- Operations -------------------------------------------------------------------------------------------------------


def for_operations() -> list[Scene]:
    """Return the pages of the admin, with a transfer of each kind to show on them."""
    of_a_transfer()
    ops = _ops()
    return [
        Scene("desk", "What waits for a person", "/admin/", ops),
        Scene("admin, transfers", "Select transfer to view", "/admin/funding/transfer/", ops),
        Scene("admin, a queue", "Select transfer to view", "/admin/funding/transfer/?queue=returned", ops),
    ]


def for_operations_in_depth() -> list[Scene]:
    """Return the pages of one row and all that is kept of it."""
    of_a_transfer()
    ops, account = _ops(), BrokerageAccount.objects.get(user__email="mover@example.com")
    transfer = account.transfers.filter(status=states.RETURNED).latest("created_at")
    document = make.document(account, on=timezone.localdate())
    document.accesses.create(user=ops, actor="OPS", outcome="ALLOWED", because="a call")
    person = f"/admin/accounts/application/{account.application_id}/"
    return [
        Scene("admin, a transfer", "View transfer", f"/admin/funding/transfer/{transfer.pk}/change/", ops),
        Scene("admin, an account", "View", f"/admin/accounts/brokerageaccount/{account.pk}/change/", ops),
        Scene("admin, a document", "Ask to download it", f"/admin/accounts/brokerdocument/{document.pk}/change/", ops),
        Scene("admin, who read what", "A person of ops", "/admin/accounts/documentaccess/", ops),
        Scene("admin, applications", "Waits for", "/admin/accounts/application/", ops),
        Scene("admin, a person", "Everything, the newest first", f"{person}change/", ops),
        Scene("admin, what is hidden", "on the next page, once", f"{person}show/?field=phone", ops),
        Scene("admin, what was hidden", "kept nowhere", f"{person}show/?field=phone", ops, _look),
    ]


def for_operations_deciding() -> list[Scene]:
    """Return the pages on which something waits for a person, and those that ask before it is done."""
    bank = make.relationship(an_account("careful"), suspended_at=timezone.now(), suspended_because="R08")
    account, ops = bank.brokerage_account, _ops()
    held = make.transfer(bank, "9000.00", sending=states.HELD)
    inputs = {"amount": "9000.00", "balance": "9500.00", "returns": ["R08"], "brake": False}
    rules = ["a large deposit from a new bank account"]
    held.risk_decisions.create(actor="risk gate", outcome="HOLD", rules_version="1", reasons=rules, inputs=inputs)
    case = Case.objects.create(
        transfer=make.transfer(bank), brokerage_account=account, kind=Case.Kind.QUESTIONED, because="R08"
    )
    asked = {"lift_asked_at": timezone.now(), "lift_asked_by": make.user("first@example.com"), "lift_because": "fine"}
    freeze = Freeze.objects.create(brokerage_account=account, because="R10", frozen_by="broker", case=case, **asked)
    brake = Brake.objects.create(rate="unauthorized", returned=6, debits=1000)
    lines = {"lines": [{"label": "Settled cash in your account", "amount": "1000.00"}]}
    found = Break.objects.create(
        kind=Break.CASH, brokerage_account=account, ours="1000.00", theirs="900.00", evidence=lines
    )
    return [
        Scene("desk, all kinds of things", "of them waits for the second person", "/admin/", ops),
        Scene("desk, held", "Allow this deposit", f"/admin/funding/transfer/{held.pk}/change/", ops),
        Scene("desk, allow", "goes on past the risk gate", f"/admin/funding/transfer/{held.pk}/allow/", ops),
        Scene("desk, allow, errors", "Nothing is done yet", f"/admin/funding/transfer/{held.pk}/allow/", ops, _press),
        Scene("desk, cases", "Select case to view", "/admin/funding/case/", ops),
        Scene("desk, close", "What you found", f"/admin/funding/case/{case.pk}/close/", ops),
        Scene("desk, freezes", "the second person", "/admin/funding/freeze/", ops),
        Scene("desk, lift", "Money moves again", f"/admin/funding/freeze/{freeze.pk}/lift/", ops),
        Scene("desk, hindered", "has asked already", f"/admin/funding/freeze/{freeze.pk}/ask/", ops),
        Scene("desk, brake", "Customers can deposit again", f"/admin/funding/brake/{brake.pk}/lift/", ops),
        Scene("desk, break", "side by side", f"/admin/funding/break/{found.pk}/change/", ops),
        Scene("desk, limits", "In one transfer", f"/admin/funding/limitoverride/{account.pk}/set/", ops),
        Scene("desk, bank", "Let transfers go on", f"/admin/funding/achrelationship/{bank.pk}/change/", ops),
        *_of_a_held_bank(ops),
    ]


def _of_a_held_bank(ops: User) -> list[Scene]:
    """Return the pages on which it is decided whose a bank account is, with its login and its pass through Link."""
    bank = make.relationship(an_account("namesake"), sending=states.HELD, status="", alpaca_id=None)
    names, login = "Alberta Bobbeth Charleson\nAda Byron-Lovelace", bank.login
    bank.owner_checks.create(actor="owner check", method="NAMES", score=60, outcome="REVIEW", owner_names=names)
    session = LinkSession.objects.create(user=login.user, item=login, outcome="linked", request_id="zX9aBc")
    session.events.create(name="ERROR", link_session_id="0a1b-2c3d", details={"error_code": "INVALID_CREDENTIALS"})
    page = f"/admin/funding/achrelationship/{bank.pk}/"
    return [
        Scene("desk, banks", "Owners to look at", "/admin/funding/achrelationship/?queue=held", ops),
        Scene("desk, held bank", "Show the names the bank gave", f"{page}change/", ops),
        Scene("desk, names", "Alberta Bobbeth Charleson", f"{page}change/", ops, _open_names),
        Scene("desk, accept", "the customer’s own, or one that they own", f"{page}accept/", ops),
        Scene("desk, login", "INVALID_CREDENTIALS", f"/admin/funding/plaiditem/{login.pk}/change/", ops),
        Scene("desk, link", "INVALID_CREDENTIALS", f"/admin/funding/linksession/{session.pk}/change/", ops),
    ]


def _open_names(page: "Page") -> None:
    page.get_by_role("button", name="Show the names the bank gave").click()


def _press(page: "Page") -> None:
    page.locator(".submit-row input[type=submit]").click()


def _look(page: "Page") -> None:
    page.get_by_label("Why").fill("The customer rang")
    _press(page)


def _ops() -> User:
    return make.user("ops@example.com", is_staff=True, is_superuser=True)
