"""The pages of settings in their main states: changing details, the e-mail address, closing the account."""

import json
import uuid
from typing import TYPE_CHECKING

from accounts import kept_details, letter_email, states
from accounts.models import BrokerageAccount, DetailsChange, EmailChange, Letter, User
from funding.models import Closing
from tests import make
from tests.accounts.second_factors import begun, set_up
from tests.browser.scenes import Scene, an_account, submit

if TYPE_CHECKING:
    from playwright.sync_api import Page

Kind = DetailsChange.Kind


def for_settled_people() -> list[Scene]:
    """Return the pages of people whose account is open, or closed."""
    ada, busy, closing = an_account("settled"), an_account("changing"), an_account("closing")
    closed = an_account("closed", status="ACCOUNT_CLOSED")
    refused = _change(busy, Kind.WORK, states.REFUSED, refusal="employer_name is invalid", refusal_status=422)
    _change(busy, Kind.CONTACT, states.UNKNOWN)
    _change(busy, Kind.DISCLOSURES, states.NOT_SENT, tries=1)
    Closing.objects.create(brokerage_account=closing, form_key=uuid.uuid4(), ip_address="203.0.113.7")
    asked = _email_change(busy)
    link = f"/settings/email/confirm/{letter_email.token(asked)}/"
    user = ada.user
    return [
        Scene("settings", "What we and the broker have of you", "/settings/", user),
        Scene("settings, no account", "Go to your application", "/settings/", make.user("settings@example.com")),
        Scene("settings, changes under way", "The broker said no", "/settings/", busy.user),
        Scene("settings, closed", "Your details can’t be changed right now", "/settings/", closed.user),
        *(
            Scene(f"settings, {slug}", "Leave it as it is", f"/settings/{slug}/", user)
            for slug in ("contact", "work", "trusted-contact", "disclosures")
        ),
        Scene("settings, trusted contact, errors", "to continue", "/settings/trusted-contact/", user, submit),
        Scene("settings, refused", "name of an employer", f"/settings/work/?refused={refused.pk}", busy.user),
        Scene("settings, not now", "under way already", "/settings/contact/", busy.user),
        Scene("password", "Change my password", "/settings/password/", user),
        Scene("password, errors", "Change 2 answers to continue", "/settings/password/", user, submit),
        Scene("e-mail", "Send both letters", "/settings/email/", user),
        Scene("e-mail, errors", "Change 1 answer to continue", "/settings/email/", user, submit),
        Scene("e-mail, asked", "Open the letters we sent", "/settings/email/", busy.user),
        Scene("e-mail, its link", "Do you want to sign in with another address?", link),
        *_of_the_sign_in(user, busy.user, closing.user),
        Scene("close, not told", "The broker can’t tell right now", "/settings/close/", user),
        Scene("close, under way", "We are closing your account", "/settings/close/", closing.user),
        Scene("close, closed", "Your brokerage account is closed", "/settings/close/", closed.user),
    ]


def _of_the_sign_in(user: User, begins: User, has_one: User) -> list[Scene]:
    """Return the pages about signing in, of people with none, one half set up, and a whole second factor."""
    begun(begins)
    set_up(has_one)
    return [
        Scene("sign-ins", "Where you are signed in", "/settings/sign-ins/", user),
        Scene("passkeys", "Add a passkey", "/settings/passkeys/", user),
        Scene("passkeys, errors", "Give the device a name", "/settings/passkeys/", user, submit),
        Scene("second factor, off", "Set it up", "/settings/second-factor/", user),
        Scene("second factor, begun", "Enter what it shows", "/settings/second-factor/", begins),
        Scene("second factor, wrong code", "to continue", "/settings/second-factor/", begins, _first_code),
        Scene("second factor, on", "It is on", "/settings/second-factor/", has_one),
        Scene("second factor, codes", "Keep your recovery codes", "/settings/second-factor/", has_one, _new_codes),
        Scene("sign in again", "Go on", "/sign-in/again/", has_one),
        Scene("sign in again, errors", "Change 2 answers to continue", "/sign-in/again/", has_one, submit),
        Scene("code", "One more step", "/sign-in/", None, _to_the_code),
    ]


def _first_code(page: "Page") -> None:
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Turn it on").click()


def _new_codes(page: "Page") -> None:
    page.get_by_role("button", name="Make new recovery codes").click()


def _to_the_code(page: "Page") -> None:
    page.get_by_label("E-mail").fill("closing@example.com")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def _change(account: BrokerageAccount, kind: str, status: str, **more: object) -> DetailsChange:
    """Make a change that stands somewhere; it wants what is there."""
    change = DetailsChange(brokerage_account=account, kind=kind, status=status, form_key=uuid.uuid4(), **more)
    change.before_json = change.after_json = json.dumps(kept_details.read(account.application, kind))
    change.save(force_insert=True)
    return change


def _email_change(account: BrokerageAccount) -> Letter:
    """Make a wish for another address; return the letter to the old one."""
    change = EmailChange.objects.create(
        user=account.user, old_email=account.user.email, new_email="other@example.com", ip_address="203.0.113.7"
    )
    return Letter.objects.create(change=change, kind=Letter.Kind.CONFIRM_OLD)
