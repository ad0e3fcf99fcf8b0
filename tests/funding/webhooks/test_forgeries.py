"""Nothing that Plaid has not signed is believed, and nothing is written of it but how often keys were looked up."""

import logging
import re
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.test import Client
from django.utils import timezone

from accounts.models import ActionCount
from tests import make
from tests.funding.webhooks.forgeries import FAMILIES, Forgery, Keys
from tests.funding.webhooks.plaid import ITEM_ID, URL, Plaid, deliver, message, pretty
from tests.harness.plaid_signing import SigningKey

pytestmark = pytest.mark.django_db
REFUSALS = {400, 401, 405, 413, 503}


@pytest.fixture(autouse=True)
def standing_clock() -> Iterator[None]:
    """Stop the clock: on a slow day what is dated a minute ahead would be of the present by the time it comes."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def keys(plaid: Plaid) -> Keys:
    """Give the forger everything but Plaid's private key; Plaid's present key is known here, and an item is."""
    bank = make.relationship(make.account(make.user()))
    bank.login.plaid_item_id = ITEM_ID
    bank.login.save()
    known, expired = plaid.new_key(), plaid.new_key()
    plaid.expire(expired)
    first = pretty(message("ITEM", "LOGIN_REPAIRED"))
    assert deliver(first, known.sign(first)) == 200
    return Keys(plaids=known, expired=expired, made_up=SigningKey())


def send(forgery: Forgery) -> int:
    environ: dict[str, Any] = {"REMOTE_ADDR": "203.0.113.7"} | forgery.environ
    if forgery.signature is not None:
        environ["HTTP_PLAID_VERIFICATION"] = forgery.signature
    answer = Client().generic(
        forgery.method, URL + forgery.path, forgery.body, forgery.content_type or "application/json", **environ
    )
    assert not answer.cookies
    return answer.status_code


def everything() -> dict[str, list[Any]]:
    """Return every row of every model but the limiter's."""
    models = [model for model in apps.get_models() if model is not ActionCount]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models}


@pytest.mark.parametrize("family", FAMILIES)
def test_none_of_them_is_believed(keys: Keys, family: str, caplog: pytest.LogCaptureFixture) -> None:
    before, forgeries = everything(), list(FAMILIES[family](keys))

    with caplog.at_level(logging.INFO, logger="funding"):
        answers = {each.name: send(each) for each in forgeries}

    assert len(answers) == len(forgeries), "two of a name"
    assert {name: status for name, status in answers.items() if status not in REFUSALS} == {}
    assert everything() == before
    told = " ".join(record.getMessage() for record in caplog.records)
    assert re.findall(rf"{ITEM_ID}|eyJ[\w-]+", told) == []  # a body's, a JWT's


def test_there_are_hundreds_and_each_is_refused_soon(keys: Keys, pytestconfig: pytest.Config) -> None:
    took = []

    forgeries = [each for family in FAMILIES.values() for each in family(keys)]
    for each in forgeries:
        began_at = time.perf_counter()
        status = send(each)
        took.append((time.perf_counter() - began_at) * 1000)
        assert status in REFUSALS, each.name

    assert len(forgeries) >= 400
    p50, p95 = statistics.median(took), statistics.quantiles(took, n=20)[-1]
    line = f"{len(took)} forgeries refused: p50 {p50:.1f} ms, p95 {p95:.1f} ms, longest {max(took):.1f} ms"
    pytestconfig.get_terminal_writer().line(f"\n{line}")


def test_the_same_door_takes_what_is_plaids(keys: Keys) -> None:
    body = pretty(message("ITEM", "ERROR"))

    assert send(Forgery("true", keys.plaids.sign(body), body)) == 200
