"""The broker's news of transfers and banks: what each event does, what a batch leads to, and what it proves."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import StreamCursor, StreamEvent
from accounts.models.streams import DONE, PARKED, RECEIVED, SET_ASIDE, STRANGER, UNFAMILIAR
from accounts.operations import acting, keeping, leases, news
from accounts.operations.account_changes import Change
from accounts.operations.keeping import Heard
from accounts.operations.streams import Acted
from brokerage.gateways import broker_streams
from funding import states
from funding.models import ACHRelationship, Lookup, Transfer
from funding.operations import funding_stream, resolving
from funding.operations.funding_stream import FUNDING
from tests import make
from tests.funding.standing import OUT, Clocks, Customer, fault, in_doubt, lost, read_anew, work
from tests.harness.sandbox import Sandbox
from tests.harness.unguarded import rewrite

pytestmark = pytest.mark.django_db
R10 = "R10 - Customer Advises Not Authorized"


@pytest.fixture
def bank() -> ACHRelationship:
    return make.relationship(make.account(make.user(), alpaca_id="ada"), alpaca_id="bank")


def body(of: str | None, status: str, **more: Any) -> str:
    return json.dumps(
        {
            "event_id": str(uuid.uuid4()),
            "at": timezone.now().isoformat(),
            "account_id": "ada",
            "entity_type": "Transfer",
            "entity_id": of,
            "status_to": status,
            **more,
        }
    )


def keep(*bodies: str) -> StreamEvent:
    """Keep events, and return the last of them."""
    cursor = make.stream_read(FUNDING.name, timezone.now())
    now = timezone.now()
    keeping.keep(cursor, [Heard(broker_streams.said(FUNDING.feed, each), now, timedelta()) for each in bodies])
    return StreamEvent.objects.latest("received_at", "event_id")


def act() -> int:
    StreamEvent.objects.update(next_at=None)
    return acting.act_on_due(FUNDING, holder="a test")


# --- One event --------------------------------------------------------------------------------------------------------


def test_news_of_a_transfer_moves_it_and_says_so(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank)

    acted = funding_stream.act(body(transfer.alpaca_id, states.SENT_TO_CLEARING))

    assert read_anew(transfer).status == states.SENT_TO_CLEARING
    assert [str(change) for change in acted.changes] == [f"transfer {transfer.alpaca_id}: QUEUED → SENT_TO_CLEARING"]


def test_news_of_a_bank_moves_it_and_says_so(bank: ACHRelationship) -> None:
    acted = funding_stream.act(body("bank", states.CANCELED, entity_type="BankRelationship"))

    assert read_anew(bank).status == states.CANCELED
    assert [str(change) for change in acted.changes] == ["relationship bank: APPROVED → CANCELED"]


@pytest.mark.parametrize(
    ("said", "state", "why"),
    [
        ({"entity_type": "WireBank"}, DONE, ""),
        ({"entity_type": "FundingWallet"}, DONE, ""),
        ({"entity_type": "TimeMachine"}, UNFAMILIAR, "entity_type TimeMachine"),
        ({"status_to": None}, UNFAMILIAR, "names no entity_id or status_to"),
        ({"entity_id": None}, UNFAMILIAR, "names no entity_id or status_to"),
        ({"account_id": ""}, UNFAMILIAR, "names no account"),
        ({"account_id": "the firm's own"}, DONE, "no account of ours"),
        ({}, STRANGER, "no Transfer of ours"),
        ({"entity_type": "BankRelationship"}, STRANGER, "no BankRelationship of ours"),
    ],
)
def test_what_we_do_not_know_is_kept(bank: ACHRelationship, said: dict[str, Any], state: str, why: str) -> None:
    acted = funding_stream.act(body("unheard of", states.QUEUED, **said))

    assert (acted.state, acted.why, acted.changes) == (state, why, [])


def test_a_kind_without_a_name_is_known_by_its_id(bank: ACHRelationship) -> None:
    transfer = make.transfer(bank)

    funding_stream.act(body(transfer.alpaca_id, states.COMPLETE, entity_type=None))

    assert read_anew(transfer).status == states.COMPLETE


# --- What is not known yet --------------------------------------------------------------------------------------------


def test_news_that_comes_before_the_answer_is_heard_after_it(bank: ACHRelationship) -> None:
    row = keep(body("t1", states.SENT_TO_CLEARING))
    funding_stream.act(row.body)
    StreamEvent.objects.update(state=STRANGER, tries=1)

    transfer = make.transfer(bank, alpaca_id="t1")
    act()

    assert read_anew(transfer).status == states.SENT_TO_CLEARING
    assert read_anew(row).state == DONE


def test_a_stranger_is_tried_ever_more_rarely_and_given_up_after_an_hour(bank: ACHRelationship, sandbox: Any) -> None:
    row = keep(body("t1", states.QUEUED, entity_type="BankRelationship"))
    pauses = []
    for _ in range(3):
        act()
        pauses.append(read_anew(row).next_at - timezone.now())
    rewrite(StreamEvent.objects.all(), received_at=timezone.now() - timedelta(minutes=61))
    act()

    assert pauses == sorted(pauses)
    assert pauses[0] > timedelta(seconds=5)
    assert (read_anew(row).state, row.tries) == (DONE, 4)


def test_the_resolver_hears_of_a_stranger_before_the_event_counts(bank: ACHRelationship) -> None:
    doubt = in_doubt(bank, direction=OUT)
    keep(body("t1", states.QUEUED))

    funding_stream.act(StreamEvent.objects.get().body)

    assert StreamEvent.objects.get().state == RECEIVED
    assert Lookup.objects.get(transfer=doubt, heard=True).candidates == ["t1"]


# --- What a batch leads to --------------------------------------------------------------------------------------------


def test_cash_is_read_again_and_the_strange_is_taken_in(ada: Customer, clocks: Clocks, sandbox: Sandbox) -> None:
    transfer, theirs = ada.move("50.00"), ada.made_elsewhere("12.00", OUT)
    sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="settle")
    clocks.advance(seconds=1)

    news.read_and_act(FUNDING, holder="a test")

    assert str(read_anew(ada.account).cash) == "1050.00"
    assert Transfer.objects.get(alpaca_id=theirs).origin == Transfer.Origin.EXTERNAL
    act()
    assert set(StreamEvent.objects.values_list("state", flat=True)) == {DONE}


def test_a_broker_that_is_away_is_asked_for_cash_once(ada: Customer, clocks: Clocks, sandbox: Sandbox) -> None:
    fault(sandbox, "status", "GET /broker/v1/trading/**", times=99, status=502)
    other = make.account(make.user("bo@example.com"), alpaca_id="bo")
    acted = [
        Acted(DONE, account_id, changes=[Change("transfer x", states.QUEUED, states.COMPLETE)])
        for account_id in (ada.account.alpaca_id, other.alpaca_id)
    ]

    funding_stream.after(acted, lambda: None)

    assert sum(each["fired"] for each in sandbox.get("/control/faults")) == 1


def test_after_a_loss_each_account_with_a_transfer_under_way_is_compared(ada: Customer, sandbox: Sandbox) -> None:
    transfer = ada.move("50.00")
    sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="settle")
    make.account(make.user("bo@example.com"))
    passed: list[str] = []

    findings = list(funding_stream.sweep(lambda: passed.append("")))

    assert read_anew(transfer).status == states.COMPLETE
    assert [finding.mended for finding in findings] == [True]
    assert len(passed) == 1


# --- What it proves ---------------------------------------------------------------------------------------------------


@pytest.fixture
def doubt(bank: ACHRelationship) -> Transfer:
    """Return a transfer of an hour ago for which everything but the news says that it was never made."""
    transfer = in_doubt(bank, created_at=timezone.now() - timedelta(minutes=65))
    for minutes in (0.1, 2, 10, 30, 61):
        at = transfer.attempt.sent_at + timedelta(minutes=minutes)
        Lookup.objects.create(transfer=transfer, at=at, complete=True)
    make.stream_read(FUNDING.name, timezone.now())
    return transfer


def certify(transfer: Transfer) -> str:
    resolving._certify_not_created(transfer, [])
    sending: str = read_anew(transfer).sending
    return sending


def kept(state: str, account_id: str = "ada", **more: Any) -> None:
    StreamEvent.objects.create(stream=FUNDING.name, event_id="e", account_id=account_id, body="{", state=state, **more)


def test_without_news_that_was_not_acted_on_it_is_certified(doubt: Transfer) -> None:
    kept(DONE, acted_at=timezone.now())

    assert certify(doubt) == states.NOT_CREATED


@pytest.mark.parametrize("account_id", ["ada", ""])
@pytest.mark.parametrize("state", [RECEIVED, PARKED, UNFAMILIAR])
def test_news_that_was_kept_and_not_acted_on_forbids_a_certificate(
    doubt: Transfer, state: str, account_id: str
) -> None:
    kept(state, account_id)

    assert certify(doubt) == states.UNKNOWN


@pytest.mark.parametrize(
    "row",
    [
        {"state": PARKED, "account_id": "bo"},
        {"state": SET_ASIDE},
        {"state": STRANGER},  # the resolver has heard of it
        {"state": PARKED, "received_at": timezone.now() - timedelta(minutes=70)},
    ],
    ids=["of another", "set aside", "told", "older"],
)
def test_other_news_does_not(doubt: Transfer, row: dict[str, Any]) -> None:
    kept(**row)

    assert certify(doubt) == states.NOT_CREATED


def test_news_of_another_stream_does_not(doubt: Transfer) -> None:
    kept(PARKED)
    rewrite(StreamEvent.objects.all(), stream="accounts/status")

    assert certify(doubt) == states.NOT_CREATED


# --- The worker's rounds ----------------------------------------------------------------------------------------------


def test_a_stream_that_is_followed_is_not_read_by_rounds_but_acted_on(
    ada: Customer, clocks: Clocks, sandbox: Sandbox
) -> None:
    transfer, other = ada.move("50.00"), ada.move("20.00", OUT)
    said = body(transfer.alpaca_id, states.COMPLETE, account_id=ada.account.alpaca_id)
    sandbox.post(f"/control/transfers/{other.alpaca_id}", action="settle")
    clocks.advance(seconds=1)
    keep(said)

    with leases.held(FUNDING.name, holder="a follower", lasts=leases.SHORT):
        work()

    assert (read_anew(transfer).status, read_anew(other).status) == (states.COMPLETE, states.QUEUED)
    work()
    assert read_anew(other).status == states.COMPLETE


def test_a_loss_is_read_again_and_compared_by_rounds_too(ada: Customer, clocks: Clocks, sandbox: Sandbox) -> None:
    transfer = ada.move("50.00")
    work()
    fault(sandbox, "event_dropped", "GET /broker/v2/events/**")
    sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="settle")
    clocks.advance(seconds=1)

    work()

    assert read_anew(transfer).status == states.COMPLETE


def test_a_transfer_lost_and_heard_of_is_adopted(ada: Customer, clocks: Clocks) -> None:
    transfer = lost(ada)
    clocks.advance(seconds=6)

    work()
    work()

    assert read_anew(transfer).sending == states.ACCEPTED
    assert StreamCursor.objects.get(name=FUNDING.name).heard_at
