"""Two customers with one of everything that belongs to a person, and everybody else who may come by."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import DetailsChange, Passkey, Session, User
from accounts.models.agreements import AgreementSignature
from brokerage.roles import ADMIN, ROLES
from funding.models import Freeze, LinkSession
from tests import make
from tests.accounts.second_factors import set_up

PERSONAS = (
    "anonymous",
    "owner",
    "frozen",
    "other",
    "stopped",
    "half in",
    *ROLES,
    "staff without a role",
    "staff without second factor",
)

LATER = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """The owner's things by name, the other customer's, and a browser for each persona."""

    own: dict[str, Any]
    foreign: dict[str, Any]
    browsers: dict[str, Client]


def build() -> World:
    owner, other = make.user("ada@example.com"), make.user("bob@example.com")
    own, foreign = things_of(owner), things_of(other)
    freeze = make.user("frozen@example.com")
    frozen = things_of(freeze)
    Freeze.objects.create(brokerage_account=frozen["account"], because="R10", frozen_by="broker")
    people = {"owner": owner, "other": other, "frozen": freeze}
    people |= {role: _staff(role) for role in ROLES}
    people["staff without a role"] = make.user("nobody@ops.example", is_staff=True)
    people["staff without second factor"] = _staff(ADMIN, "bare@ops.example")
    people["stopped"] = make.user("stopped@example.com", is_active=False)
    browsers = {name: _browser(user) for name, user in people.items()}
    return World(own, foreign, {"anonymous": Client(), "half in": _half_in(), **browsers})


def _staff(role: str, email: str = "") -> User:
    made = make.user(email or f"{role}@ops.example", is_staff=True)
    made.groups.add(Group.objects.get(name=role))
    return made


def _half_in() -> Client:
    """Return the browser of somebody whose password was right, and who has not shown the code yet."""
    user, browser = make.user("half@ops.example", is_staff=True, is_superuser=True), Client()
    set_up(user)
    browser.post("/sign-in/", {"username": user.email, "password": make.PASSWORD})
    return browser


def _browser(user: User) -> Client:
    browser = Client(raise_request_exception=False)
    browser.force_login(user)
    return browser


def things_of(user: User) -> dict[str, Any]:
    account = make.account(user)
    bank = make.relationship(account)
    return {
        "account": account,
        "transfer": make.transfer(bank),
        "document": make.document(account),
        "notice": make.notice(user, path="/overview/"),
        "session": LinkSession.objects.create(user=user, item=bank.login, public_token_hash=uuid.uuid4().hex),
        "sign-in": Session.objects.create(user=user, key_hash=uuid.uuid4().hex, ends_at=LATER),
        "signature": AgreementSignature.objects.get(application__user=user),
        "passkey": Passkey.objects.create(user=user, name="A phone", credential_id=uuid.uuid4().hex, public_key=""),
        "change": DetailsChange.objects.create(
            brokerage_account=account, kind="contact", before_json="{}", after_json="{}", form_key=uuid.uuid4()
        ),
    }
