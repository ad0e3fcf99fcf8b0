"""Requests to vendors are counted by what they are and what comes of them, under names of our own code alone."""

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from brokerage import ulid
from brokerage.gateways import broker, broker_accounts, broker_streams, measuring, plaid
from brokerage.gateways.errors import NotSent, OutcomeUnknown, Refused, VendorError
from tests.brokerage.gateways.vendor import Vendor, answer, cut
from tests.harness.counting import Counting
from tests.harness.environment import ROOT
from tests.harness.sandbox import Sandbox


@pytest.fixture
def calls() -> Counting:
    return Counting("brokerage_vendor_call_seconds", "vendor", "operation", "outcome")


# --- Vendors ----------------------------------------------------------------------------------------------------------


def test_a_request_to_the_broker_is_counted_by_what_it_is(sandbox: Sandbox, calls: Counting) -> None:
    broker_accounts.find_accounts("ada@example.com")
    with pytest.raises(Refused):
        broker.create_transfer(
            account_id=str(uuid4()), relationship_id=str(uuid4()), direction="INCOMING", amount=Decimal("250.00")
        )

    assert calls.news == {("broker", "list_accounts", "ok"): 1, ("broker", "create_transfer", "refused"): 1}


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (answer(200, []), "ok"),
        (answer(429, {"code": 42910000, "message": "slow"}), "not_sent"),
        (answer(422, {"code": 42210000, "message": "no"}), "refused"),
        (answer(504, "<h1>Bad gateway"), "unknown"),
        (answer(200, "no JSON"), "unknown"),
        (cut(b""), "unknown"),
    ],
)
def test_each_outcome_is_counted(vendor: Vendor, calls: Counting, act: object, outcome: str) -> None:
    vendor.says(act)  # type: ignore[arg-type]

    if outcome == "ok":
        broker.list_relationships("3f0c")
    else:
        with pytest.raises(VendorError):
            broker.list_relationships("3f0c")

    assert calls.news == {("broker", "list_relationships", outcome): 1}


def test_a_vendor_that_is_not_there_is_counted(settings: Settings, calls: Counting) -> None:
    settings.BROKER_BASE_URL = settings.PLAID_BASE_URL = "http://127.0.0.1:1"

    with pytest.raises(NotSent):
        broker.list_relationships("3f0c")
    with pytest.raises(NotSent):
        plaid.get_item(access_token="access-sandbox-1", plaid_item_id="item-1")

    assert calls.news == {("broker", "list_relationships", "not_sent"): 1, ("plaid", "item_get", "not_sent"): 1}


def test_a_stream_is_counted_when_it_ends(sandbox: Sandbox, calls: Counting) -> None:
    list(broker_streams.listen(broker_streams.FUNDING, since="0" * 26, until=ulid.first_at(timezone.now())))

    assert calls.news == {("broker", "funding_events", "ok"): 1}


def test_a_stream_that_breaks_off_is_counted_as_such(vendor: Vendor, calls: Counting) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 500\r\n\r\n"
    vendor.says(cut(head + b'data: {"event_id": "1"}\n\n'))

    with pytest.raises(OutcomeUnknown):
        list(broker_streams.listen(broker_streams.FUNDING, since="0" * 26, until=ulid.first_at(timezone.now())))

    assert calls.news == {("broker", "funding_events", "unknown"): 1}


# --- So many names and no more ----------------------------------------------------------------------------------------


@given(
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT"]) | st.text(max_size=10),
    words=st.lists(st.sampled_from(sorted(measuring._WORDS)) | st.uuids().map(str) | st.text(max_size=20), max_size=9),
)
def test_whatever_is_asked_for_there_are_only_so_many_names(method: str, words: list[str]) -> None:
    assert measuring.operation(method, "/".join(words)) in {*measuring.OPERATIONS.values(), measuring.OTHER}


def test_the_names_are_few_enough() -> None:
    names = len({*measuring.OPERATIONS.values(), measuring.OTHER, measuring.FETCH_DOCUMENT, measuring.FETCH_TOKEN})
    outcomes = len({*measuring.OUTCOMES.values(), measuring.OK})

    assert (names + len(list(_asked_of_plaid()))) * outcomes < 200


def test_every_request_of_the_gateways_has_a_name() -> None:
    """A request that is counted as `other` tells nothing: add its line to measuring.OPERATIONS."""
    known = {operation.partition(" ")[2] for operation in measuring.OPERATIONS}

    assert {path for path in _asked_of_the_broker() if path not in known} == set()


def _gateways() -> Iterator[ast.AST]:
    for path in (ROOT / "brokerage" / "gateways").glob("broker*.py"):
        yield from ast.walk(ast.parse(Path(path).read_text()))


def _asked_of_the_broker() -> set[str]:
    """Return every text of the gateways that is an address of the broker's, its ids as stars."""
    found = set()
    for node in _gateways():
        if isinstance(node, ast.JoinedStr):
            found.add("".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return {text for text in found if re.fullmatch(r"/(accounts|trading|events)(/[a-z_*]+)*", text)}


def _asked_of_plaid() -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / "brokerage" / "gateways" / "plaid.py").read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_ask":
            assert isinstance(node.args[0], ast.Constant), "what is asked of Plaid is a word of our code"
            yield str(node.args[0].value)


def test_these_tests_see_the_addresses() -> None:
    assert {"/accounts/*/transfers", "/events/funding/status", "/accounts"} <= _asked_of_the_broker()
    assert {"item_get", "item_public_token_exchange"} <= set(_asked_of_plaid())


def test_a_bug_of_ours_is_no_outcome_of_the_vendors(calls: Counting) -> None:
    with pytest.raises(ZeroDivisionError), measuring.measured("broker", "get_account"):
        raise ZeroDivisionError

    assert calls.news == {}
