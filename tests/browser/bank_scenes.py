"""The pages about a bank account in all their states, as `scenes` has those of the rest of the site.

Rows are made, not walked to, except where Plaid Link has to have been there.
"""

from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from funding import states
from funding.models import ACHRelationship, PlaidItem
from tests import make
from tests.brokerage.sandbox.bench import Bench
from tests.browser import clicks
from tests.browser.in_link import InLink, link
from tests.browser.scenes import Scene, an_account, submit
from tests.funding.views.test_bank_page import STATES

if TYPE_CHECKING:
    from playwright.sync_api import Page


def of_a_bank() -> list[Scene]:
    """Return the page of the bank account in each of its states, and what is asked before one ends."""
    new = an_account("fresh").user
    early = an_account("early", status="SUBMITTED").user
    return [
        Scene("bank, none", "No bank linked yet", "/bank/", new),
        Scene("bank, too early", "once your brokerage account is open", "/bank/", early),
        *(_standing(state) for state in STATES),
        Scene("bank, one after the other", "Comes next", "/bank/", _followed("followed", states.WAITING)),
        Scene("bank, a code for the next", "Enter the code", "/bank/", _followed("coded", states.UNVERIFIED)),
        *_ending(),
        *_numbers(new),
    ]


def _standing(state: str) -> Scene:
    columns, health, says, _ = STATES[state]
    made = make.relationship(an_account(state.replace(" ", "-")))
    ACHRelationship.objects.filter(pk=made.pk).update(**columns)
    PlaidItem.objects.filter(pk=made.login.pk).update(**health)
    return Scene(f"bank, {state}", says, "/bank/", made.login.user)


def _followed(name: str, sending: str) -> User:
    """Make a bank account and another one that is to follow it."""
    bank = make.relationship(an_account(name))
    if sending == states.WAITING:
        ACHRelationship.objects.filter(pk=bank.pk).update(ending_at=timezone.now(), ending_because="REPLACED")
    other: dict[str, Any] = {"name": "Plaid Saving", "mask": "1111", "subtype": "savings", "alpaca_id": None}
    other |= {"sending": sending, "status": "", "verification": "pending_manual_verification"}
    make.relationship(bank.brokerage_account, **other)
    return bank.login.user


def _ending() -> list[Scene]:
    quiet, busy = make.relationship(an_account("quiet")).login.user, make.relationship(an_account("busy"))
    make.transfer(busy, "1250.00")
    make.transfer(busy, "80.00", direction=states.OUTGOING, created_at=timezone.now() - timedelta(days=2))
    moving, cut_off = busy.login.user, make.relationship(an_account("cut-off"), lost_at=timezone.now()).login.user
    return [
        Scene("replace", "What happens", "/bank/replace/", quiet),
        Scene("replace, under way", "$1,250.00", "/bank/replace/", moving),
        Scene("replace, access ended", "at the same bank once more", "/bank/replace/", cut_off),
        Scene("unlink", "Unlink this bank account", "/bank/unlink/", quiet),
        Scene("unlink, under way", "Not yet: money is under way", "/bank/unlink/", moving),
        Scene("numbers, replacing", "It replaces", "/bank/numbers/", quiet),
    ]


def _numbers(new: User) -> list[Scene]:
    def mistype(page: "Page") -> None:
        page.get_by_label("Routing number").fill("021000022")
        page.get_by_label("Account number").fill("12")
        submit(page)

    return [
        Scene("numbers", "Nine digits, at the bottom left", "/bank/numbers/", new),
        Scene("numbers, errors", "Change 2 answers to continue", "/bank/numbers/", new, mistype),
        Scene("429, signed in", "Please wait a moment", "/429/", new),
    ]


def of_linking() -> list[Scene]:
    """Return the pages around Plaid Link, whose frame opens on them."""
    new, known = an_account("newcomer").user, _known_to_plaid("known")
    typed = an_account("typed").user

    def share_two(page: "Page") -> None:
        clicks.share_accounts(page, "0000", "1111")
        clicks.heading(page, "Which account at First Platypus Bank?")

    def choose_none(page: "Page") -> None:
        share_two(page)
        submit(page)

    def leave(page: "Page") -> None:
        link(page).leave()

    def deny(page: "Page") -> None:
        link(page).go_to_bank()
        page.get_by_test_id("bank-deny").click()
        InLink(page)["error-close"].click()

    def name_account(page: "Page") -> None:
        link(page).name_account()
        clicks.press(page, "Enter the code")
        InLink(page)["deposit"].wait_for()

    def replace(page: "Page") -> None:
        inside = link(page, "Sign in at the new bank")
        inside.choose()
        inside.enter("user_saver")
        inside.share("0000", "1111")

    def sign_in(page: "Page") -> None:
        clicks.press(page, "Sign in at Tartan Bank")
        InLink(page)["username"].wait_for()

    return [
        Scene("link", "Plaid opens now", "/bank/", new, lambda page: link(page)),
        Scene("link, left", "Nothing was changed. You can try again", "/bank/", new, leave),
        Scene("link, denied", "Start again, please.", "/bank/", new, deny),
        Scene("choose account", "Link this account", "/bank/", new, share_two),
        Scene("choose account, errors", "Change 1 answer to continue", "/bank/", new, choose_none),
        Scene("choose account, replacing", "Replace it with this account", "/bank/replace/", known, replace),
        Scene("link for a repair", "You leave the account that is linked here shared", "/bank/", known, sign_in),
        Scene("link for a code", "You type the three letters", "/bank/", typed, name_account),
    ]


def _known_to_plaid(name: str) -> User:
    """Make a customer whose bank wants a new sign-in, and whose login Plaid has, too."""
    with closing((bench := Bench(settings.BROKER_BASE_URL.removesuffix("/broker"))).session):
        bank = make.relationship(an_account(name), login=bench.bank_login())
    PlaidItem.objects.filter(pk=bank.login.pk).update(health=states.SIGN_IN)
    return bank.login.user
