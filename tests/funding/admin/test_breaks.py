"""The queue of breaks at the desk: what is worst comes first, two persons decide on money, both sides are shown."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.findings import Finding
from accounts.operations import leases
from funding import queues, states
from funding.models import ACHRelationship, Break, CashActivity, Transfer
from funding.operations import breaks
from tests import make
from tests.funding import books
from tests.funding.admin.ops import AtTheDesk, page, person, text_of
from tests.funding.cash import cash, missing, settled, unexplained
from tests.funding.standing import LIST as LISTED
from tests.funding.standing import Customer, fault, lost, read_anew
from tests.harness.sandbox import Sandbox

LIST = "/admin/funding/break/"
WHY: dict[str, Any] = {"because": "I read their e-mail"}
MAY = ("view_break", "change_break", "view_cashactivity", "view_cashactivityevent", "view_transfer")


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person("first@example.com", *MAY))


@pytest.fixture
def second(db: None) -> AtTheDesk:
    return AtTheDesk(person("second@example.com", *MAY))


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def some(bank: ACHRelationship, kind: str, *, days: int = 0, **more: Any) -> Break:
    account = bank.brokerage_account
    subject = more.pop("subject", f"transfer {kind}")
    seen = timezone.now() - timedelta(days=days)
    return Break.objects.create(
        kind=kind, subject=subject, brokerage_account=account, first_seen_at=seen, what="so", **more
    )


def shown(desk: AtTheDesk, query: str = "") -> list[str]:
    """Return the kinds on the list, in its order."""
    answer = desk.client.get(f"{LIST}{query}")
    assert answer.status_code == 200
    return [row.kind for row in answer.context["cl"].result_list]


# --- The list ---------------------------------------------------------------------------------------------------------


def test_the_most_severe_come_first_and_of_those_the_oldest(desk: AtTheDesk, bank: ACHRelationship) -> None:
    some(bank, "LOGIN_BEHIND", days=90)
    some(bank, "CASH_MISSING", days=1)
    some(bank, "OVERDUE", days=9)
    some(bank, "NOT_LISTED", days=3)
    some(bank, "TWIN", days=99, ended_at=timezone.now(), state=Break.GONE)

    assert shown(desk) == ["NOT_LISTED", "CASH_MISSING", "OVERDUE", "LOGIN_BEHIND"]
    text = desk.read(LIST)
    for words in ("Critical", "High", "Low", "Settled, and no cash was booked", "3\xa0days".replace("\xa0", " ")):
        assert words in text


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("?state=closed", ["TWIN"]),
        ("?state=asked", ["CASH_MISSING"]),
        ("?state=all", ["NOT_LISTED", "CASH_MISSING", "TWIN", "OVERDUE", "LOGIN_BEHIND"]),
        ("?severity=CRITICAL", ["NOT_LISTED", "CASH_MISSING"]),
        ("?severity=HIGH", ["OVERDUE"]),
        ("?severity=LOW", ["LOGIN_BEHIND"]),
        ("?area=cash", ["CASH_MISSING"]),
        ("?area=items", ["LOGIN_BEHIND"]),
        ("?owner=mine", ["OVERDUE"]),
        ("?owner=nobody", ["NOT_LISTED", "CASH_MISSING", "LOGIN_BEHIND"]),
        ("?kind=OVERDUE", ["OVERDUE"]),
        ("?kind=NEVER", []),
        ("?q=TWIN", ["TWIN"]),
        ("?q=ada@example.com", ["NOT_LISTED", "CASH_MISSING", "TWIN", "OVERDUE", "LOGIN_BEHIND"]),
    ],
)
def test_the_list_answers_what_ops_ask(desk: AtTheDesk, bank: ACHRelationship, query: str, kinds: list[str]) -> None:
    some(bank, "LOGIN_BEHIND", days=9)
    some(bank, "CASH_MISSING", days=2, state=Break.ASKED, asked_by=desk.user, proposal={"do": "dismiss"})
    some(bank, "OVERDUE", days=9, owner=desk.user)
    some(bank, "NOT_LISTED", days=3)
    some(bank, "TWIN", days=1, ended_at=timezone.now(), state=Break.GONE)

    assert shown(desk, query) == kinds


def test_a_break_is_found_by_any_id(desk: AtTheDesk, bank: ACHRelationship) -> None:
    transfer = settled(bank)
    found = missing(transfer)
    unexplained(row := cash(bank, "7.00"))

    for name in (found.pk, transfer.pk, transfer.alpaca_id):
        assert shown(desk, f"?q={name}") == ["CASH_MISSING"], name
    assert shown(desk, f"?q={row.alpaca_id}") == ["CASH_UNEXPLAINED"]
    assert len(shown(desk, f"?q={bank.brokerage_account.alpaca_id}")) == 2


def test_the_queue_says_how_many_and_its_tone_how_bad(desk: AtTheDesk, bank: ACHRelationship) -> None:
    def queue() -> queues.Queue:
        [found] = [each for each in queues.everything() if each.title == "Breaks"]
        return found

    assert (queue().count, queue().tone, queue().oldest) == (0, "", None)
    some(bank, "LOGIN_BEHIND", days=5)
    assert (queue().count, queue().tone) == (1, "")
    some(bank, "OVERDUE")
    assert (queue().count, queue().tone) == (2, "warn")
    some(bank, "TWIN", days=1)
    with CaptureQueriesContext(connection) as queries:
        found = queue()
    few = len(queries)
    assert (found.count, found.tone) == (3, "danger")
    assert "1 critical, 1 high, 1 low" in found.text
    assert found.oldest == Break.objects.get(kind="LOGIN_BEHIND").first_seen_at
    for number in range(20):
        some(bank, "TWIN", subject=f"another {number}")
    with CaptureQueriesContext(connection) as queries:
        assert queue().count == 23
    assert len(queries) == few


def test_more_breaks_and_rows_take_no_more_queries(desk: AtTheDesk) -> None:
    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            desk.read(url)
        return len(captured)

    def more(*names: str) -> None:
        for name in names:
            of = make.relationship(make.account(make.user(f"{name}@example.com")))
            row, transfer = cash(of, "9.00"), settled(of)
            unexplained(row, owner=desk.user)
            missing(transfer, state=Break.ASKED, asked_by=of.brokerage_account.user, proposal={"do": "dismiss"})
            cash(of, "250.00", transfer=settled(of), role=CashActivity.BOOKING)

    more("ada")
    desk.read(LIST)  # the first look begins the audit; other rows are another look
    more("eve")
    before = [queries(url) for url in (LIST, "/admin/funding/cashactivity/")]
    more("bo", "cleo", "dan")

    assert [queries(url) for url in (LIST, "/admin/funding/cashactivity/")] == before


# --- The page ---------------------------------------------------------------------------------------------------------


def test_the_page_shows_both_sides_and_says_what_differs(desk: AtTheDesk, bank: ACHRelationship) -> None:
    transfer = settled(bank)
    row = cash(bank, "205.00")
    sides = {
        "ours": {"id": str(transfer.pk), "broker's id": transfer.alpaca_id, "amount": "250.00", "direction": "INCOMING",
                 "status": "COMPLETE", "settled": timezone.now().isoformat()},
        "theirs": {"broker's id": row.alpaca_id, "kind": "CSD", "amount": "205.00",
                   "settle date": str(row.booked_on), "status": "EXECUTED"},
    }  # fmt: skip
    found = unexplained(row, kind="CASH_AMOUNT_DIFFERS", transfer=transfer, evidence=sides)

    text = desk.read(page(found))

    for words in (
        "Amount, signed 250.00 205.00 differs",
        "Kind of cash CSD, for INCOMING CSD the same",
        "The broker’s word COMPLETE EXECUTED not compared",
        "Critical",
        "It ends when the broker corrects the row",
        "two persons, since money hangs on it",
        "an operator; nobody looks at it",
        "ada@example.com",
        "Tartan Bank",
    ):
        assert words in text, words
    html = desk.client.get(page(found)).content.decode()
    for there in (transfer, row, bank, bank.brokerage_account, bank.brokerage_account.application):
        assert page(there) in html
    assert " EST" in text or " EDT" in text


def test_a_transfer_beside_the_brokers_is_compared_line_by_line(desk: AtTheDesk, bank: ACHRelationship) -> None:
    alike = {"broker's id": "b-1", "amount": "250.00", "direction": "INCOMING", "bank account": "r-1"}
    sides = {"ours": alike | {"status": "QUEUED", "id": "ours"}, "theirs": alike | {"status": "REJECTED"}}
    found = some(bank, "STATUS_CONTRADICTS", ours="COMPLETE", theirs="QUEUED", evidence=sides)

    text = desk.read(page(found))

    assert "Status QUEUED REJECTED differs" in text
    assert "Amount 250.00 250.00 the same" in text
    assert "Id ours — not compared" in text


def test_a_difference_of_the_cash_shows_the_lines_it_is_made_of(desk: AtTheDesk, bank: ACHRelationship) -> None:
    lines = [{"label": "Settled cash in your account", "amount": "1000.00", "on": ""}]
    found = some(bank, Break.CASH, ours="1000.00", theirs="900.00", evidence={"lines": lines, "cash": "900.00"})

    text = desk.read(page(found))

    assert "In short 1000.00 900.00 differs" in text
    assert "Settled cash in your account 1000.00" in text
    assert "They add up to 1000.00; the broker says 900.00." in text
    desk.press(page(found), status=403, ours="900.00")
    desk.read(page(found, "delete"), status=403)


def test_one_of_no_account_and_one_of_an_older_version_can_be_read(desk: AtTheDesk) -> None:
    strange = Break.objects.create(kind="CASH_UNKNOWN_ACCOUNT", subject="cash x", what="not ours", theirs="5.00")
    old = Break.objects.create(kind="OLD_WORD", subject="something", evidence={"a": {"b": "c"}})

    assert "Of no account of ours" in desk.read(page(strange))
    assert "Old word" in desk.read(page(old))
    assert "not ours" in desk.read(LIST)
    assert "about no account of ours" in desk.press(page(strange, "again"), status=409)


# --- Whose it is ------------------------------------------------------------------------------------------------------


def test_it_is_taken_given_and_let_go_and_the_history_tells(
    desk: AtTheDesk, second: AtTheDesk, bank: ACHRelationship
) -> None:
    found = some(bank, "OVERDUE")

    assert "It is yours" in desk.press(page(found, "take"), **WHY)
    assert read_anew(found).owner == desk.user
    assert "yours already" in desk.press(page(found, "take"), status=409, **WHY)
    said = desk.press(page(found, "give"), to=second.user.pk, because="my holidays")
    assert "given to second@example.com" in said
    assert read_anew(found).owner == second.user
    assert "waits for an operator" in second.press(page(found, "let-go"), **WHY)

    assert read_anew(found).owner is None
    text = desk.read(page(found))
    for words in ("Given to second@example.com first@example.com my holidays", "Let go second@example.com"):
        assert words in text


def test_it_is_given_to_nobody_but_colleagues_and_not_without_a_reason(desk: AtTheDesk, bank: ACHRelationship) -> None:
    found = some(bank, "OVERDUE")
    viewer = person("viewer@example.com", "view_break")

    for to in (viewer.pk, bank.brokerage_account.user.pk, "", "x"):
        assert "Nothing is done yet" in desk.press(page(found, "give"), to=to, **WHY)
    for deed in ("give", "dismiss"):
        assert "Nothing is done yet" in desk.press(page(found, deed), because=" ")

    assert read_anew(found).owner is None


# --- Dismissing -------------------------------------------------------------------------------------------------------


def test_one_person_dismisses_what_no_money_hangs_on(desk: AtTheDesk, bank: ACHRelationship) -> None:
    found = some(bank, "OVERDUE")

    assert "Dismissed" in desk.press(page(found, "dismiss"), **WHY)

    assert (read_anew(found).state, found.decided_by) == (Break.DISMISSED, desk.user)
    assert "has ended" in desk.press(page(found, "dismiss"), status=409, **WHY)


def test_two_persons_dismiss_what_money_hangs_on(desk: AtTheDesk, second: AtTheDesk, bank: ACHRelationship) -> None:
    found = some(bank, "NOT_LISTED")
    assert "two persons dismiss it" in desk.press(page(found, "dismiss"), status=409, **WHY)

    assert "once someone else agrees" in desk.press(page(found, "propose"), **WHY)
    assert "someone else has to agree" in desk.press(page(found, "agree"), status=409, **WHY)
    assert read_anew(found).is_open
    asked = second.read(page(found, "agree"))
    for words in ("Proposed to dismiss it", "By first@example.com", "I read their e-mail"):
        assert words in asked
    assert "wants a second person" in second.read(LIST)
    assert "Dismissed by two persons" in second.press(page(found, "agree"), because="so did I")

    assert (read_anew(found).state, found.asked_by, found.decided_by) == (Break.DISMISSED, desk.user, second.user)


def test_a_proposal_is_declined_and_the_break_is_open_again(
    desk: AtTheDesk, second: AtTheDesk, bank: ACHRelationship
) -> None:
    found = some(bank, "NOT_LISTED")
    desk.press(page(found, "propose"), **WHY)

    assert "open again" in second.press(page(found, "decline"), because="not so fast")

    assert (read_anew(found).state, found.asked_by) == (Break.OPEN, None)
    assert "Proposal declined second@example.com not so fast" in desk.read(page(found))
    assert "Nobody has proposed" in second.press(page(found, "agree"), status=409, **WHY)


def test_what_changed_since_it_was_proposed_is_not_agreed_to(
    desk: AtTheDesk, second: AtTheDesk, bank: ACHRelationship
) -> None:
    found = some(bank, "NOT_LISTED")
    desk.press(page(found, "propose"), **WHY)
    found.events.create(field="seen", actor="reconciliation")

    assert "has changed since" in second.press(page(found, "agree"), status=409, **WHY)

    assert read_anew(found).state == Break.ASKED


# --- What was shown ---------------------------------------------------------------------------------------------------


def look_otherwise(found: Break) -> None:
    """Let reconciliation see it again, and much larger."""
    account, what = found.brokerage_account_id, "it differs by $5,000.00"
    seen = Finding(found.subject, what, ours="", theirs="", mended=False, code=found.kind, account=account, evidence={})
    breaks.Book([account], [found.kind]).keep(account, [seen])


def test_a_proposal_that_was_never_shown_is_not_agreed_to(
    desk: AtTheDesk, second: AtTheDesk, bank: ACHRelationship
) -> None:
    row, transfer = far(bank)
    found = unexplained(row)
    desk.press(page(found, "propose"), **WHY)
    shown = second.stamp_on(page(found, "agree"))
    desk.press(page(found, "decline"), **WHY)
    desk.press(page(found, "match"), fitting=str(transfer.pk), **WHY)

    said = second.press(page(found, "agree"), status=409, **shown, because="so did I")

    assert "has changed since the page was opened" in said
    assert "Proposed to match a row of cash with a transfer" in said
    assert (read_anew(found).state, read_anew(row).transfer) == (Break.ASKED, None)


def test_the_same_proposed_anew_for_another_reason_is_not_agreed_to(
    desk: AtTheDesk, second: AtTheDesk, bank: ACHRelationship
) -> None:
    found = some(bank, "NOT_LISTED")
    desk.press(page(found, "propose"), **WHY)
    shown = second.stamp_on(page(found, "agree"))
    desk.press(page(found, "decline"), **WHY)
    desk.press(page(found, "propose"), because="something else")

    assert "has changed since" in second.press(page(found, "agree"), status=409, **shown, **WHY)

    assert read_anew(found).state == Break.ASKED


@pytest.mark.parametrize(("kind", "deed"), [("OVERDUE", "dismiss"), ("NOT_LISTED", "propose")])
def test_what_reconciliation_sees_otherwise_meanwhile_is_not_dismissed_unseen(
    desk: AtTheDesk, bank: ACHRelationship, kind: str, deed: str
) -> None:
    found = some(bank, kind)
    shown = desk.stamp_on(page(found, deed))
    look_otherwise(found)

    said = desk.press(page(found, deed), status=409, **shown, **WHY)

    assert "has changed since the page was opened" in said
    assert "it differs by $5,000.00" in said
    assert read_anew(found).state == Break.OPEN


def test_a_match_of_what_looks_otherwise_is_not_proposed_unseen(desk: AtTheDesk, bank: ACHRelationship) -> None:
    row, transfer = far(bank)
    found = unexplained(row)
    shown = desk.stamp_on(page(found, "match"))
    look_otherwise(found)

    desk.press(page(found, "match"), status=409, fitting=str(transfer.pk), **shown, **WHY)

    assert read_anew(found).state == Break.OPEN


def test_the_page_that_says_so_can_be_decided_on(desk: AtTheDesk, bank: ACHRelationship) -> None:
    found = some(bank, "OVERDUE")
    shown = desk.stamp_on(page(found, "dismiss"))
    look_otherwise(found)

    answer = desk.client.post(page(found, "dismiss"), {**shown, **WHY})

    assert answer.context["stamp"] == breaks.stamp_of(read_anew(found)) != shown["seen"]
    assert f'name="seen" value="{answer.context["stamp"]}"' in answer.content.decode()
    assert WHY["because"] in answer.content.decode()
    assert "Dismissed" in desk.press(page(found, "dismiss"), seen=answer.context["stamp"], **WHY)


def test_a_page_shown_anew_for_want_of_a_reason_carries_what_it_shows(desk: AtTheDesk, bank: ACHRelationship) -> None:
    found = some(bank, "OVERDUE")
    shown = desk.stamp_on(page(found, "dismiss"))
    look_otherwise(found)

    answer = desk.client.post(page(found, "dismiss"), {**shown, "because": ""})

    assert "it differs by $5,000.00" in text_of(answer)
    assert answer.context["stamp"] == breaks.stamp_of(read_anew(found)) != shown["seen"]


@pytest.mark.parametrize("seen", [{}, {"seen": ""}, {"seen": "x"}])
def test_without_its_stamp_nothing_is_dismissed(desk: AtTheDesk, bank: ACHRelationship, seen: dict[str, str]) -> None:
    found = some(bank, "OVERDUE")

    answer = desk.client.post(page(found, "dismiss"), {**WHY, **seen})

    assert (answer.status_code, read_anew(found).state) == (409, Break.OPEN)


def test_who_looks_at_it_is_no_change(desk: AtTheDesk, second: AtTheDesk, bank: ACHRelationship) -> None:
    found = some(bank, "OVERDUE")
    shown = desk.stamp_on(page(found, "dismiss"))
    second.press(page(found, "take"), **WHY)

    assert "Dismissed" in desk.press(page(found, "dismiss"), **shown, **WHY)


# --- Matching ---------------------------------------------------------------------------------------------------------


def far(bank: ACHRelationship) -> tuple[CashActivity, Transfer]:
    return cash(bank, "250.00"), settled(bank, settled_at=timezone.now() - timedelta(days=30))


@pytest.mark.parametrize("begin", ["the row", "the transfer"])
@pytest.mark.parametrize("by", ["fitting", "by_id"])
def test_cash_and_a_transfer_are_matched_from_either_side(
    desk: AtTheDesk, second: AtTheDesk, bank: ACHRelationship, begin: str, by: str
) -> None:
    row, transfer = far(bank)
    found = unexplained(row) if begin == "the row" else missing(transfer)
    chosen: dict[str, Any] = {by: str(transfer.pk) if begin == "the row" else row.alpaca_id}
    offered = desk.read(page(found, "match"))
    assert ("Deposit " if begin == "the row" else "CSD $250.00, booked") in offered

    assert "once someone else agrees" in desk.press(page(found, "match"), **chosen, **WHY)
    assert "match a row of cash with a transfer" in second.read(page(found, "agree"))
    assert "Matched." in second.press(page(found, "agree"), **WHY)

    assert (read_anew(row).transfer, row.role) == (transfer, CashActivity.BOOKING)
    assert read_anew(found).state == Break.HEALED
    assert "Matched by hand" in desk.read(page(found))


def test_what_does_not_fit_is_told_on_the_page_and_nothing_is_proposed(desk: AtTheDesk, bank: ACHRelationship) -> None:
    row, transfer = far(bank)
    found = unexplained(row)
    another = settled(make.relationship(make.account(make.user("bo@example.com"))))
    wrong = {
        str(another.pk): "another brokerage account",
        str(settled(bank, "7.00").pk): "the amounts differ",
        "nothing": "none of that id",
        "": "Choose one that fits",
        "\0": "Nothing is done yet",
    }

    for name, words in wrong.items():
        assert words in desk.press(page(found, "match"), by_id=name, **WHY), name
    assert "Choose one that fits" in desk.press(page(found, "match"), by_id=row.pk, fitting=transfer.pk, **WHY)

    assert read_anew(found).state == Break.OPEN


def test_only_breaks_of_cash_are_matched(desk: AtTheDesk, bank: ACHRelationship) -> None:
    assert "not about cash" in desk.press(page(some(bank, "OVERDUE"), "match"), status=409, **WHY)


def test_a_match_waits_while_a_run_matches(desk: AtTheDesk, bank: ACHRelationship) -> None:
    row, transfer = far(bank)
    found = unexplained(row)

    with leases.held("reconcile cash", holder="a run"):
        assert "right now" in desk.press(page(found, "match"), fitting=transfer.pk, **WHY)

    assert read_anew(found).state == Break.OPEN


def test_a_match_is_taken_back_on_the_page_of_the_row(desk: AtTheDesk, bank: ACHRelationship) -> None:
    row = cash(bank, "250.00", transfer=settled(bank), role=CashActivity.BOOKING)
    assert f"/admin/funding/cashactivity/{row.pk}/unmatch/" in desk.client.get(page(row)).content.decode()

    assert "Taken back" in desk.press(page(row, "unmatch"), **WHY)

    assert read_anew(row).transfer is None
    assert "I read their e-mail" in desk.read(page(row))
    assert "matched with no transfer" in desk.press(page(row, "unmatch"), status=409, **WHY)


# --- Asking again -----------------------------------------------------------------------------------------------------


def test_the_vendor_is_asked_again_and_what_came_of_it_is_told(
    desk: AtTheDesk, ada: Customer, sandbox: Sandbox
) -> None:
    transfer = ada.move("50.00")
    found = some(ada.relationship, "NOT_LISTED", subject=f"transfer {transfer.pk}", transfer=transfer)
    unread = some(ada.relationship, "BANK_NOT_LISTED", subject=f"relationship {ada.relationship.pk}")

    assert "the break is gone" in desk.press(page(found, "again"))
    assert read_anew(found).state == Break.GONE
    assert read_anew(unread).is_open
    assert "The vendor was asked again first@example.com" in desk.read(page(found))


def test_what_is_still_there_is_said_to_be(desk: AtTheDesk, ada: Customer, sandbox: Sandbox) -> None:
    transfer = ada.move("50.00")
    Transfer.objects.filter(pk=transfer.pk).update(amount="51.00")
    books.compare("transfers", account=ada.account)
    found = Break.objects.get(kind="AMOUNT_DIFFERS")

    assert "still there, as it was" in desk.press(page(found, "again"))
    Transfer.objects.filter(pk=transfer.pk).update(direction=states.OUTGOING, amount="50.00")
    assert "the break is gone. Other differences of this account: 1" in desk.press(page(found, "again"))


@pytest.mark.parametrize("kind", ["server_error", "rate_limited"])
def test_a_vendor_that_is_away_leaves_the_break_as_it_was(
    desk: AtTheDesk, ada: Customer, sandbox: Sandbox, kind: str
) -> None:
    found = some(ada.relationship, "NOT_LISTED", subject="transfer x")
    fault(sandbox, kind, LISTED, times=9)

    assert "nothing could be compared" in desk.press(page(found, "again"))

    assert read_anew(found).is_open


def test_another_process_that_is_at_it_is_named(desk: AtTheDesk, bank: ACHRelationship) -> None:
    found = some(bank, "NOT_LISTED")

    with leases.held("reconcile transfers", holder="a run"):
        assert "right now" in desk.press(page(found, "again"))


def test_one_that_may_be_ours_leads_to_where_it_is_decided(ada: Customer, sandbox: Sandbox) -> None:
    desk = AtTheDesk(person("ops@example.com", *MAY, "change_transfer"))
    transfer = lost(ada)
    evidence = {"theirs": {"direction": "INCOMING"}}
    found = some(ada.relationship, "MAY_BE_OURS", subject="the broker's transfer x", evidence=evidence)
    assert transfer.short_reference in desk.read(page(found, "look"))

    said = desk.press(page(found, "look"))

    assert f"ACCEPTED, the broker’s {read_anew(transfer).alpaca_id}" in said
    Transfer.objects.filter(pk=transfer.pk).update(sending=states.REVIEW, alpaca_id=None)
    assert f"/admin/funding/transfer/{transfer.pk}/review/" in desk.client.get(page(found)).content.decode()
    assert "on its own page" in desk.press(page(found, "look"), status=409)


# --- Who may ----------------------------------------------------------------------------------------------------------

DEEDS = ("take", "give", "let-go", "again", "dismiss", "propose", "agree", "decline", "match", "look")


def test_someone_who_may_only_look_does_nothing(bank: ACHRelationship) -> None:
    viewer = AtTheDesk(person("viewer@example.com", "view_break", "view_cashactivity"))
    row = cash(bank, "250.00", transfer=settled(bank), role=CashActivity.BOOKING)
    found = unexplained(cash(bank, "9.00"))

    for url in [*(page(found, deed) for deed in DEEDS), page(row, "unmatch")]:
        viewer.read(url, status=403)
        viewer.press(url, status=403, **WHY)

    html = viewer.client.get(page(found)).content.decode()
    assert not any(page(found, deed) in html for deed in DEEDS)
    assert read_anew(found).state == Break.OPEN
