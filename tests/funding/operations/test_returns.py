"""What a bank's return does to the transfer, to its relationship, to the customer, and to what may follow."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from brokerage.stamps import ChangedMeanwhile
from funding import return_codes, states
from funding.models import ACHRelationship, Case, Freeze, Reversal, Transfer
from funding.operations import bank_stops, limits, returns, settlement, transfers
from tests import make
from tests.funding.standing import IN, OUT, SENDER, T0, Customer, at_once, event, read_anew

FUNDS = ["R01", "R09"]
DEAD = ["R02", "R03", "R04", "R12", "R13", "R20", "R28"]
STOPPED = ["R08", "R16", "R23", "R24"]
UNAUTHORIZED = ["R05", "R07", "R10", "R11", "R29", "R51"]
HOLDER = ["R14", "R15"]
QUESTIONED = ["R06", "R17", "R31", "R90"]
BETWEEN_BANKS = [f"R{n}" for n in range(18, 86) if f"R{n}" not in return_codes.CODES]
NO_CODE = ["", "returned by the bank", "R1", "R012", "ERR01", "r01 in small letters"]


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def returned(bank: ACHRelationship, reason: str, *, direction: str = IN, days: int = 0) -> Transfer:
    """Let a settled transfer come back."""
    transfer = make.transfer(bank, direction=direction, status=states.COMPLETE, settled_at=T0)
    settlement.apply_event(event(transfer, states.RETURNED, minutes=days * 24 * 60, reason=reason))
    bank.refresh_from_db()
    return read_anew(transfer)


def consequences(bank: ACHRelationship) -> tuple[str, bool, list[str]]:
    """Return what stands still: the bank ("", "deposits" or "all"), the customer, and the cases that are open."""
    stopped = "" if not bank.suspended_at else "deposits" if bank.suspended_deposits_only else "all"
    frozen = Freeze.stands_for(bank.brokerage_account)
    return stopped, frozen, sorted(Case.objects.exclude(kind=Case.Kind.DEBT).values_list("kind", flat=True))


# --- The table, code by code ------------------------------------------------------------------------------------------

TABLE = [
    *((code, "", False, []) for code in FUNDS),
    *((code, "all", False, []) for code in DEAD + STOPPED),
    *((code, "all", True, ["UNAUTHORIZED"]) for code in UNAUTHORIZED),
    *((code, "all", True, ["CHANGED_HOLDER"]) for code in HOLDER),
    *((code, "all", False, ["QUESTIONED"]) for code in QUESTIONED),
    *((code, "", False, ["BETWEEN_BANKS"]) for code in BETWEEN_BANKS),
]


@pytest.mark.parametrize(("code", "stopped", "frozen", "cases"), TABLE, ids=[row[0] for row in TABLE])
def test_a_return_does_what_the_table_says(
    bank: ACHRelationship, code: str, stopped: str, frozen: bool, cases: list[str]
) -> None:
    transfer = returned(bank, f"{code} - for some reason")

    assert transfer.return_code == code
    assert consequences(bank) == (stopped, frozen, cases)
    assert bank.events.filter(field="suspended").count() == bool(stopped)


@pytest.mark.parametrize("prose", NO_CODE)
def test_a_return_without_a_code_stops_the_bank_and_alarms(
    bank: ACHRelationship, prose: str, caplog: pytest.LogCaptureFixture
) -> None:
    transfer = returned(bank, prose)

    assert transfer.return_code == ""
    assert consequences(bank) == ("all", False, ["NO_CODE"])
    assert any(record.levelname == "ERROR" for record in caplog.records)


def test_an_unauthorized_return_stops_every_bank_account_of_the_item(bank: ACHRelationship) -> None:
    other = make.relationship(make.account(make.user("ben@example.com")))
    ACHRelationship.objects.filter(pk=other.pk).update(item=bank.item)

    returned(bank, "R10")

    assert read_anew(other).suspended_at is not None


# --- Lack of money, twice ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("first", "second"), [("R01", "R01"), ("R01", "R09"), ("R09", "R01")])
@pytest.mark.parametrize("order", [(0, 59), (59, 0), (0, 0)], ids=str)
def test_a_second_return_for_lack_of_money_stops_deposits(
    bank: ACHRelationship, first: str, second: str, order: tuple[int, int]
) -> None:
    returned(bank, first, days=order[0])

    returned(bank, second, days=order[1])

    assert consequences(bank)[0] == "deposits"
    assert (bank.usable_for(IN), bank.usable_for(OUT)) == (False, True)


@pytest.mark.parametrize(("first", "second", "days"), [("R01", "R01", 61), ("R18", "R01", 1), ("R18", "R18", 1)])
def test_returns_that_have_nothing_in_common_keep_the_bank(
    bank: ACHRelationship, first: str, second: str, days: int
) -> None:
    returned(bank, first)

    returned(bank, second, days=days)

    assert bank.usable


def test_a_stop_is_widened_and_never_narrowed(bank: ACHRelationship) -> None:
    returned(bank, "R01")
    returned(bank, "R01", days=1)

    returned(bank, "R03", days=2)
    returned(bank, "R01", days=3)

    assert consequences(bank)[0] == "all"


def test_a_return_after_a_stop_by_hand_is_kept_beside_it(bank: ACHRelationship) -> None:
    bank_stops.suspend(relationship=bank, because="a phone call", person=make.user("ops@example.com"))

    returned(bank, "R16")

    assert [event.because for event in bank.standing_stops()] == ["a phone call", return_codes.of("R16").because]
    assert bank.suspended_because == bank_stops.LOOKING_INTO_IT


def test_the_wider_stop_is_kept_with_its_reason(bank: ACHRelationship) -> None:
    bank.stop_deposits(because="it lacked the money twice", actor="broker")

    returned(bank, "R02")
    bank.stop_deposits(because="it lacked the money once more", actor="broker")

    assert consequences(bank)[0] == "all"
    assert bank.suspended_because == return_codes.of("R02").because
    assert len(bank.standing_stops()) == 3
    bank.resume(because="fine", actor="ops")
    assert bank.standing_stops() == []


def test_withdrawals_go_on_where_deposits_alone_are_stopped(ada: Customer) -> None:
    ada.relationship.stop_deposits(because="no money, twice", actor="broker")

    with pytest.raises(transfers.RelationshipNotUsable):
        ada.ask("50.00")

    assert ada.move("50.00", OUT).sending == states.ACCEPTED


def test_a_returned_withdrawal_has_its_money_back(bank: ACHRelationship) -> None:
    transfer = returned(bank, "R03 - No Account", direction=OUT)

    assert (transfer.status, transfer.return_code) == (states.RETURNED, "R03")
    assert not bank.usable
    assert limits.debt(account=bank.brokerage_account) == 0


# --- Debt -------------------------------------------------------------------------------------------------------------


def taken_back(customer: Customer, amount: str, code: str = "R01") -> None:
    """Let a deposit settle and come back, in the broker's books and in ours, and read no cash in between."""
    transfer = customer.move(amount)
    for step in ({"action": "settle"}, {"action": "return", "code": code}):
        customer.sandbox.post(f"/control/transfers/{transfer.alpaca_id}", **step)
    for status, minutes in ((states.COMPLETE, 1), (states.RETURNED, 2)):
        at = timezone.now() + timedelta(minutes=minutes)
        settlement.apply(transfer=transfer, status=status, actor="broker", at=at, reason=code)


def test_a_debt_blocks_withdrawals_before_the_broker_tells_of_it(ada: Customer) -> None:
    type(ada.account).objects.update(cash="30.00", cash_withdrawable="30.00")
    waiting = ada.ask("20.00", OUT)

    taken_back(ada, "50.00")

    ada.account.refresh_from_db()
    assert limits.debt(account=ada.account) == Decimal("20.00")
    assert read_anew(waiting).sending == states.WITHDRAWN
    with pytest.raises(limits.LimitReached, match="missing in your account"):
        ada.ask("1.00", OUT)
    assert Case.objects.get().kind == Case.Kind.DEBT


def test_a_debt_can_be_made_up_for(ada: Customer) -> None:
    type(ada.account).objects.update(cash="30.00", cash_withdrawable="30.00")
    ada.account.refresh_from_db()
    taken_back(ada, "50.00")

    assert ada.move("20.00").sending == states.ACCEPTED


def test_a_return_that_the_cash_covers_is_no_debt(ada: Customer) -> None:
    taken_back(ada, "50.00")

    ada.account.refresh_from_db()
    assert limits.debt(account=ada.account) == 0
    assert limits.withdrawable(account=ada.account) == Decimal("950.00")
    assert not Case.objects.exists()


# --- Frozen -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def frozen(ada: Customer) -> Freeze:
    taken_back(ada, "50.00", "R10")
    return Freeze.objects.get()


def test_a_frozen_customer_moves_nothing(ada: Customer, frozen: Freeze) -> None:
    ACHRelationship.objects.update(suspended_at=None)

    for direction in (IN, OUT):
        with pytest.raises(transfers.AccountFrozen):
            ada.ask("10.00", direction)


def test_what_waits_is_called_off_by_a_freeze(ada: Customer) -> None:
    waiting = [ada.ask("10.00"), ada.ask("10.00", OUT)]

    returns.freeze_by_hand(account=ada.account, because="a phone call", person=make.user("ops@example.com"))

    assert [read_anew(each).sending for each in waiting] == [states.WITHDRAWN] * 2
    assert ada.at_the_broker() == []


def test_nothing_reserved_slips_through_a_freeze(ada: Customer) -> None:
    waiting = ada.ask("10.00", OUT)
    Freeze.objects.create(brokerage_account=ada.account, because="a test", frozen_by="a test")

    transfers.send(transfer=waiting, sender=SENDER)

    assert read_anew(waiting).sending == states.RESERVED
    assert ada.at_the_broker() == []


def test_two_persons_lift_a_freeze(ada: Customer, frozen: Freeze) -> None:
    first, second = make.user("one@example.com"), make.user("two@example.com")

    with pytest.raises(returns.NotFrozen):
        returns.lift(freeze=frozen, person=second)
    returns.ask_to_lift(freeze=frozen, because="the customer withdrew the claim", person=first)
    with pytest.raises(returns.SamePerson):
        returns.lift(freeze=frozen, person=first)
    returns.lift(freeze=frozen, person=second)

    assert not Freeze.stands_for(ada.account)
    row = read_anew(frozen)
    assert (row.lift_asked_by, row.lifted_by) == (first, second)
    with pytest.raises(returns.NotFrozen):
        returns.lift(freeze=frozen, person=second)


@pytest.mark.parametrize("asked", [True, False])
def test_the_database_lets_no_single_person_lift_a_freeze(frozen: Freeze, asked: bool) -> None:
    person = make.user("one@example.com")
    change = {"lifted_at": timezone.now(), "lifted_by": person} | ({"lift_asked_by": person} if asked else {})

    with pytest.raises(IntegrityError), transaction.atomic():
        Freeze.objects.update(**change)


def test_one_freeze_stands_at_a_time(ada: Customer, frozen: Freeze) -> None:
    again = returns.freeze_by_hand(account=ada.account, because="again", person=make.user("ops@example.com"))

    assert again == frozen


@pytest.fixture
def by_hand(bank: ACHRelationship) -> Freeze:
    """Return a freeze by hand, that one person wants lifted."""
    first, other = make.user("one@example.com"), make.user("two@example.com")
    made = returns.freeze_by_hand(account=bank.brokerage_account, because="a phone call", person=other)
    returns.ask_to_lift(freeze=made, because="it was a joke", person=first)
    return made


def test_a_freezing_return_is_kept_with_the_freeze_that_stands(bank: ACHRelationship, by_hand: Freeze) -> None:
    returned(bank, "R10")

    [reason] = read_anew(by_hand).further_reasons
    assert (reason.actor, reason.because) == ("broker", return_codes.of("R10").because)
    case = Case.objects.get(kind=Case.Kind.UNAUTHORIZED)
    assert reason.evidence["case"] == str(case.pk)
    assert by_hand.because == "a phone call"


def test_a_freezing_return_drops_the_wish_to_lift_and_keeps_that_there_was_one(
    bank: ACHRelationship, by_hand: Freeze
) -> None:
    asker = by_hand.lift_asked_by or User.objects.get(email="one@example.com")
    returned(bank, "R10")

    with pytest.raises(returns.NotFrozen):
        returns.lift(freeze=by_hand, person=make.user("three@example.com"))

    assert Freeze.stands_for(bank.brokerage_account)
    kept = by_hand.further_reasons.get().evidence
    assert (kept["lift_asked_by"], kept["lift_because"]) == (str(asker.pk), "it was a joke")


def test_once_it_is_asked_anew_the_freeze_is_lifted(bank: ACHRelationship, by_hand: Freeze) -> None:
    returned(bank, "R10")
    returns.ask_to_lift(freeze=by_hand, because="the claim is withdrawn", person=make.user("three@example.com"))

    returns.lift(freeze=by_hand, person=make.user("four@example.com"))

    assert not Freeze.stands_for(bank.brokerage_account)


def test_what_was_shown_before_a_further_reason_is_not_lifted(bank: ACHRelationship, by_hand: Freeze) -> None:
    shown = returns.stamp_of(read_anew(by_hand))
    returned(bank, "R10")
    with pytest.raises(ChangedMeanwhile):
        returns.ask_to_lift(freeze=by_hand, because="x", person=make.user("three@example.com"), seen=shown)
    returns.ask_to_lift(freeze=by_hand, because="it was a joke", person=User.objects.get(email="one@example.com"))

    with pytest.raises(ChangedMeanwhile):
        returns.lift(freeze=by_hand, person=make.user("four@example.com"), seen=shown)

    assert Freeze.stands_for(bank.brokerage_account)


def test_who_asked_first_to_lift_a_freeze_stays_the_one_who_asked(by_hand: Freeze) -> None:
    with pytest.raises(returns.AskedAlready):
        returns.ask_to_lift(freeze=by_hand, because="me, too", person=make.user("three@example.com"))

    row = read_anew(by_hand)
    assert (row.lift_because, str(row.lift_asked_by)) == ("it was a joke", "one@example.com")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_reason_and_a_lift_at_once_leave_the_account_frozen_or_freeze_it_anew() -> None:
    account, second = make.account(make.user()), make.user("two@example.com")
    made = returns.freeze_by_hand(account=account, because="a phone call", person=second)
    returns.ask_to_lift(freeze=made, because="it was a joke", person=make.user("one@example.com"))

    came = at_once(
        lambda: returns.lift(freeze=made, person=second),
        lambda: returns.freeze_by_hand(account=account, because="R10", person=second),
    )

    assert {type(each).__name__ for each in came} <= {"NoneType", "NotFrozen", "Freeze"}
    [standing] = Freeze.objects.filter(lifted_at=None)
    assert "R10" in [standing.because, *standing.further_reasons.values_list("because", flat=True)]
    assert standing.lift_asked_by is None


# --- By a person of ops -----------------------------------------------------------------------------------------------


def test_a_case_is_closed_once_with_what_was_found(bank: ACHRelationship) -> None:
    returned(bank, "R17")
    case, person = Case.objects.get(), make.user("ops@example.com")

    assert returns.close_case(case=case, outcome="a typing error at the bank", person=person)
    assert not returns.close_case(case=case, outcome="again", person=person)

    assert read_anew(case).outcome == "a typing error at the bank"
    assert read_anew(case).closed_by == person


def test_a_stopped_bank_goes_on_on_a_persons_word(bank: ACHRelationship) -> None:
    returned(bank, "R16")
    person = make.user("ops@example.com")

    bank_stops.resume(relationship=bank, because="the bank has lifted it", person=person)

    assert read_anew(bank).usable
    last = bank.events.filter(field="suspended").latest("at")
    assert (last.before, last.actor, last.because) == ("suspended", f"ops {person.pk}", "the bank has lifted it")


def test_the_same_return_heard_twice_does_it_once(bank: ACHRelationship) -> None:
    transfer = returned(bank, "R10")
    settlement.apply_event(event(transfer, states.RETURNED, reason="R10"))
    settlement.apply_event(event(transfer, states.RETURNED, reason="R10", name="another event"))

    assert Case.objects.filter(kind=Case.Kind.UNAUTHORIZED).count() == Freeze.objects.count() == 1
    assert Reversal.objects.count() == 1
