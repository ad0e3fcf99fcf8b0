"""Plaid with one key that signs, an item that it tells of, and who hears it."""

from collections.abc import Iterator

import pytest
import time_machine
from pytest_django import Settings

from funding.models import ACHRelationship, PlaidItem
from tests import make
from tests.funding.webhooks.hearing import START, Hearing
from tests.funding.webhooks.plaid import ITEM_ID, Plaid, running_plaid
from tests.harness.plaid_signing import SigningKey


@pytest.fixture
def plaid(settings: Settings) -> Iterator[Plaid]:
    with running_plaid() as plaid:
        settings.PLAID_BASE_URL = plaid.url
        yield plaid


@pytest.fixture
def key(plaid: Plaid) -> SigningKey:
    return plaid.new_key()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    bank = make.relationship(make.account(make.user()))
    PlaidItem.objects.filter(pk=bank.login.pk).update(plaid_item_id=ITEM_ID)
    bank.login.refresh_from_db()
    return bank


@pytest.fixture
def hear() -> Hearing:
    return Hearing()
