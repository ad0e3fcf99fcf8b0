"""What a person decides about a transfer in review: kept, adopted, or certified away; asked for again never."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Notice, User
from funding import states
from funding.models import SendAttempt, Transfer
from funding.operations import resolving, reviewing
from tests import make
from tests.funding import books
from tests.funding.standing import IN, LIST, OUT, POST, Customer, at_once, fault, lost, open_customer, read_anew
from tests.harness.sandbox import Sandbox


@pytest.fixture
def ops(db: None) -> User:
    return make.user("ops@example.com", is_staff=True)


def doubled(customer: Customer, amount: str = "50.00", direction: str = IN) -> tuple[Transfer, str, str]:
    """Lose an answer while someone makes the same transfer elsewhere; return it, and the broker's two ids."""
    transfer = lost(customer, amount, direction)
    elsewhere = customer.made_elsewhere(amount, direction)
    resolving.resolve(transfer=transfer)
    assert read_anew(transfer).sending == states.REVIEW
    [really] = [row["id"] for row in customer.at_the_broker() if row["id"] != elsewhere]
    return transfer, really, elsewhere


def mismatched(customer: Customer) -> Transfer:
    """Send a transfer of which the broker says another amount."""
    fault(customer.sandbox, "patch_after_commit", POST, patch={"amount": "500.00", "requested_amount": "500.00"})
    transfer = customer.move("50.00")
    assert (transfer.sending, bool(transfer.alpaca_id)) == (states.REVIEW, True)
    return transfer


def adopt(transfer: Transfer, alpaca_id: str, person: User) -> None:
    reviewing.adopt(transfer=transfer, alpaca_id=alpaca_id, because="same minute", person=person)


def certify(transfer: Transfer, person: User) -> None:
    """Certify that it is none of those that stand there now."""
    in_review = transfer.sending == states.REVIEW
    found, unlisted = reviewing.none_of(transfer=transfer) if in_review else ([], [])
    shown = [*(each.theirs.alpaca_id for each in found), *unlisted]
    reviewing.certify_not_created(transfer=transfer, shown=shown, because="both are from their desk", person=person)


def told(transfer: Transfer) -> list[str]:
    about = Notice.objects.filter(key__contains=str(transfer.pk))
    return list(about.order_by("created_at").values_list("kind", flat=True))


def keep(transfer: Transfer, person: User) -> None:
    reviewing.keep(transfer=transfer, because="the broker rounds", person=person)


# --- Bound, and not what was asked for --------------------------------------------------------------------------------


def test_what_is_kept_is_accepted_on_a_persons_word(ada: Customer, ops: User) -> None:
    transfer = mismatched(ada)
    accepted_at = transfer.accepted_at

    keep(transfer, ops)

    assert (read_anew(transfer).sending, transfer.accepted_at) == (states.ACCEPTED, accepted_at)
    said = transfer.events.get(before=states.REVIEW)
    assert (said.actor, said.because) == (f"ops {ops.pk}", "the broker rounds")
    assert said.evidence == {"alpaca_id": transfer.alpaca_id}


def test_the_customer_of_a_kept_one_hears_what_became_of_it_meanwhile(
    ada: Customer, ops: User, sandbox: Sandbox
) -> None:
    transfer = mismatched(ada)
    sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="settle")
    books.compare(full=True)

    keep(read_anew(transfer), ops)

    assert told(transfer) == ["REQUESTED", "SENT", "SETTLED"]


def test_the_customer_hears_that_none_was_made(ada: Customer, ops: User) -> None:
    transfer, *_ = doubled(ada)

    certify(transfer, ops)

    assert told(transfer) == ["REQUESTED", "RESOLVED"]


def test_what_is_kept_lets_the_next_one_be_asked_for(ada: Customer, ops: User) -> None:
    keep(mismatched(ada), ops)

    assert ada.move("10.00").sending == states.ACCEPTED


def test_what_is_bound_is_shown_as_the_broker_has_it(ada: Customer, sandbox: Sandbox) -> None:
    transfer = mismatched(ada)
    ada.made_elsewhere("50.00")

    [found] = reviewing.candidates(transfer=transfer)

    assert (found.theirs.alpaca_id, found.bound_to) == (transfer.alpaca_id, transfer)


def test_what_is_not_bound_cannot_be_kept(ada: Customer, ops: User) -> None:
    transfer, *_ = doubled(ada)

    with pytest.raises(reviewing.NotInReview):
        keep(transfer, ops)

    assert read_anew(transfer).sending == states.REVIEW


# --- Not bound --------------------------------------------------------------------------------------------------------


def test_the_candidates_are_shown_as_the_broker_has_them_now(ada: Customer, sandbox: Sandbox) -> None:
    transfer, really, elsewhere = doubled(ada)
    sandbox.post(f"/control/transfers/{really}", action="settle")

    found = {
        each.theirs.alpaca_id: (each.theirs.status, each.is_free) for each in reviewing.candidates(transfer=transfer)
    }

    assert found == {really: (states.COMPLETE, True), elsewhere: (states.QUEUED, True)}


@pytest.mark.parametrize("direction", [IN, OUT])
def test_the_one_that_is_chosen_is_bound(ada: Customer, ops: User, direction: str) -> None:
    transfer, really, _ = doubled(ada, direction=direction)

    adopt(transfer, really, ops)

    assert (read_anew(transfer).sending, transfer.alpaca_id) == (states.ACCEPTED, really)
    said = transfer.events.get(before=states.REVIEW)
    assert (said.actor, said.because) == (f"ops {ops.pk}", "same minute")
    assert len(ada.at_the_broker()) == 2


def test_the_chosen_one_has_the_brokers_status_and_the_other_one_is_taken_in(
    ada: Customer, ops: User, sandbox: Sandbox
) -> None:
    transfer, really, elsewhere = doubled(ada)
    sandbox.post(f"/control/transfers/{really}", action="settle")

    adopt(transfer, really, ops)
    books.compare(full=True)

    assert read_anew(transfer).status == states.COMPLETE
    assert Transfer.objects.get(alpaca_id=elsewhere).origin == Transfer.Origin.EXTERNAL


def test_none_of_them_is_certified_with_the_list_as_evidence(ada: Customer, ops: User) -> None:
    transfer, really, elsewhere = doubled(ada, direction=OUT)

    certify(transfer, ops)

    assert read_anew(transfer).sending == states.NOT_CREATED
    said = transfer.events.get(after=states.NOT_CREATED)
    assert said.actor == f"ops {ops.pk}"
    assert {each["alpaca_id"]: each["amount"] for each in said.evidence["none_of"]} == {
        really: "50.00",
        elsewhere: "50.00",
    }
    assert not Transfer.objects.in_doubt().exists()


def test_one_that_is_bound_meanwhile_is_refused(ada: Customer, ops: User) -> None:
    transfer, really, elsewhere = doubled(ada)
    other = make.transfer(ada.relationship, "50.00", alpaca_id=really)

    with pytest.raises(reviewing.BoundElsewhere):
        adopt(transfer, really, ops)

    assert read_anew(transfer).sending == states.REVIEW
    shown = {each.theirs.alpaca_id: each.bound_to for each in reviewing.candidates(transfer=transfer)}
    assert shown == {really: other, elsewhere: None}


@pytest.mark.parametrize("alpaca_id", ["", "no-such-id", "2fd96f20-3892-4a7b-9bbe-3a1e6dc04634"])
def test_one_that_is_no_candidate_is_refused(ada: Customer, ops: User, alpaca_id: str) -> None:
    transfer, *_ = doubled(ada)

    with pytest.raises(reviewing.NotACandidate):
        adopt(transfer, alpaca_id, ops)


def test_one_of_another_amount_or_customer_is_no_candidate(ada: Customer, ops: User, sandbox: Sandbox) -> None:
    transfer, *_ = doubled(ada)
    strangers = [ada.made_elsewhere("51.00"), open_customer(sandbox, "grace@example.com").made_elsewhere("50.00")]

    for alpaca_id in strangers:
        with pytest.raises(reviewing.NotACandidate):
            adopt(transfer, alpaca_id, ops)


@pytest.mark.parametrize(
    "decide", [lambda found, ops: adopt(found[0], found[1], ops), lambda found, ops: certify(found[0], ops)]
)
def test_nothing_is_decided_while_the_list_is_away(
    ada: Customer, ops: User, sandbox: Sandbox, decide: Callable[..., Any]
) -> None:
    found = doubled(ada)
    fault(sandbox, "status", LIST, times=9, status=502)

    with pytest.raises(reviewing.BrokerAway):
        decide(found, ops)

    assert read_anew(found[0]).sending == states.REVIEW


@pytest.mark.parametrize("sending", [states.UNKNOWN, states.ACCEPTED, states.NOT_CREATED])
def test_what_is_not_in_review_is_not_decided(ada: Customer, ops: User, sending: str) -> None:
    transfer = make.transfer(ada.relationship, sending=sending)

    for decide in (lambda: keep(transfer, ops), lambda: adopt(transfer, "x", ops), lambda: certify(transfer, ops)):
        with pytest.raises(reviewing.NotInReview):
            decide()


def test_a_decision_on_what_was_read_before_another_one_is_refused(ada: Customer, ops: User) -> None:
    transfer, really, elsewhere = doubled(ada)
    as_read_before = Transfer.objects.get(pk=transfer.pk)
    adopt(transfer, really, ops)

    for alpaca_id in (really, elsewhere):
        with pytest.raises(reviewing.NotInReview):
            adopt(as_read_before, alpaca_id, ops)
    with pytest.raises(reviewing.NotInReview):
        certify(as_read_before, ops)

    assert read_anew(transfer).alpaca_id == really


@pytest.mark.django_db(transaction=True)
def test_many_persons_deciding_at_once_decide_once(sandbox: Sandbox) -> None:
    ada, ops = open_customer(sandbox, cash="100.00"), make.user("ops@example.com", is_staff=True)
    transfer, really, elsewhere = doubled(ada)
    posts = len(ada.at_the_broker())

    def job(decide: Callable[[Transfer], None]) -> Callable[[], None]:
        return lambda: decide(Transfer.objects.get(pk=transfer.pk))

    came = at_once(
        *[job(lambda row: adopt(row, really, ops))] * 2,
        *[job(lambda row: adopt(row, elsewhere, ops))] * 2,
        *[job(lambda row: certify(row, ops))] * 2,
    )

    assert [each for each in came if each is not None and not isinstance(each, reviewing.NotInReview)] == []
    assert came.count(None) == 1
    assert transfer.events.filter(before=states.REVIEW).count() == 1
    assert SendAttempt.objects.filter(transfer=transfer).count() == 1
    assert len(ada.at_the_broker()) == posts
