"""Two customers with one of everything that belongs to a person, and everybody else who may come by."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import DetailsChange, Passkey, User
from accounts.models.agreements import AgreementSignature
from brokerage.roles import ROLES
from funding.models import Freeze, LinkSession
from tests import make

PERSONAS = ("anonymous", "owner", "frozen", "other", "stopped", *ROLES, "staff without a role")


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
    people["stopped"] = make.user("stopped@example.com", is_active=False)
    return World(own, foreign, {"anonymous": Client(), **{name: _browser(user) for name, user in people.items()}})


def _staff(role: str) -> User:
    made = make.user(f"{role}@ops.example", is_staff=True)
    made.groups.add(Group.objects.get(name=role))
    return made


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
        "signature": AgreementSignature.objects.get(application__user=user),
        "passkey": Passkey.objects.create(user=user, name="A phone", credential_id=uuid.uuid4().hex, public_key=""),
        "change": DetailsChange.objects.create(
            brokerage_account=account, kind="contact", before_json="{}", after_json="{}", form_key=uuid.uuid4()
        ),
    }
