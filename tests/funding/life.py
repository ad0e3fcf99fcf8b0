"""Any life of a customer's transfers: what people, banks, the broker, the worker and bad luck do, in any order.

A state machine for Hypothesis, run by test_life.py; life_oracle.py says what must hold.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from accounts.operations import account_status
from brokerage import ulid
from brokerage.gateways.broker_answers import FundingEvent
from brokerage.gateways.errors import VendorError, patience
from funding import states
from funding.models import Freeze, Transfer
from funding.operations import bank_stops, canceling, limits, returns, risk, settlement, transfers
from funding.operations.rounds import Rounds
from tests import make
from tests.brokerage.gateways import streams
from tests.funding import books, life_oracle
from tests.funding.standing import IN, LIST, OUT, POST, SENDER, T0, fault, open_customer, standing_still
from tests.harness.sandbox import Sandbox

DELETE = "DELETE /broker/v1/accounts/*/transfers/*"
CASH = "GET /broker/v1/trading/accounts/*/account"
STREAM = "GET /broker/v2/events/funding/status"
# An error in the broker's own form.
NO = {"code": 42210000, "message": "no"}
LOST = [
    "drop_before_commit",
    "drop_after_commit",
    "reset_after_commit",
    "gateway_timeout",
    "gateway_timeout_after_commit",
]
LOST += ["server_error", "server_error_after_commit", "short_answer", "garbage_after_commit", "empty_after_commit"]
MISFORTUNES: dict[str, list[dict[str, Any]]] = {
    POST: [
        *({"kind": kind} for kind in [*LOST, "rate_limited", "unauthorized"]),
        *({"kind": kind, "status": 409, "body": NO} for kind in ("status", "status_after_commit")),
        *({"kind": "status", "status": status, "body": NO} for status in (400, 403, 422)),
        {"kind": "patch_after_commit", "patch": {"status": "TELEPORTED"}},
        {"kind": "patch_after_commit", "patch": {"account_id": "another"}},
        {"kind": "patch_after_commit", "drop": ["status", "amount", "requested_amount"]},
    ],
    LIST: [
        *({"kind": kind} for kind in ("bad_gateway", "garbage_after_commit", "short_answer", "unauthorized")),
        {"kind": "hide_recent", "seconds": 600},
        {"kind": "insert_after", "amount": life_oracle.SOMEBODY_ELSES},
        {"kind": "patch_after_commit", "drop": ["amount", "requested_amount"]},
    ],
    DELETE: [
        *({"kind": kind} for kind in [*LOST, "rate_limited", "unauthorized", "cancel_overtaken"]),
        *({"kind": kind, "status": 409, "body": NO} for kind in ("status", "status_after_commit")),
        {"kind": "status", "status": 422, "body": NO},
    ],
    CASH: [{"kind": "bad_gateway"}, {"kind": "garbage_after_commit"}],
    STREAM: [
        *(
            {"kind": f"event_{kind}"}
            for kind in ("duplicate", "late", "swapped", "dropped", "lost_in_error", "partial")
        ),
        *({"kind": kind} for kind in ("event_in_crlf", "stream_cut", "stream_reset", "bad_gateway")),
        {"kind": "event_patch", "patch": {"status_to": "TELEPORTED"}},
    ],
}
PLANNED = [(route, how) for route, kinds in MISFORTUNES.items() if route != POST for how in kinds]
MAY_FOLLOW = {
    states.QUEUED: ["advance", "settle", "reject", "cancel", "return"],
    states.SENT_TO_CLEARING: ["settle", "reject", "return"],
    states.COMPLETE: ["return"],
}

ANY = st.integers(0, 10**6)
AMOUNTS = st.sampled_from(["2.37", "333.33", "333.33", "700.00"])  # often the same as another
TROUBLE = st.sampled_from([None, None, *MISFORTUNES[POST]])
AT_ONCE = st.sampled_from([True, True, True, False])
HIDDEN = st.sampled_from([None, None, {"kind": "hide_recent", "times": 3}])
CENT = Decimal("0.01")  # what is made elsewhere has an amount of its own, if it is to be told apart
CODES = st.sampled_from(["R01", "R01", "R09", "R03", "R10", "R85"])


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo in the end all that a life has written; to our operations this is no transaction, as with any test."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


class Life(RuleBasedStateMachine):
    """Ada's transfers, from the beginning to a day on which nothing more is to come."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self.sandbox, self.exits = sandbox, ExitStack()
        self.exits.enter_context(rolled_back())
        self.exits.enter_context(patience(2))
        sandbox.post("/control/reset")
        sandbox.post("/control/settings", profile="manual")
        self.clocks = self.exits.enter_context(standing_still(sandbox, T0))
        self.ada = open_customer(sandbox, cash="1000.00")
        self.rounds = Rounds(sender="worker of a test")
        self.oracle = life_oracle.Oracle(self.ada)
        self.ops = [make.user(f"{name}@example.com", is_staff=True) for name in ("eve", "olu")]

    # --- What customers do ---

    @rule(amount=AMOUNTS, direction=st.sampled_from([IN, OUT]), at_once=AT_ONCE, trouble=TROUBLE, hidden=HIDDEN)
    def ask(
        self, amount: str, direction: str, at_once: bool, trouble: dict[str, Any] | None, hidden: dict[str, Any] | None
    ) -> None:
        account_status.refresh_cash(account=self.ada.account)
        try:
            transfer = self.ada.ask(amount, direction)
        except (transfers.TransferNotPossible, limits.LimitReached):
            return
        self.oracle.asked(transfer)
        if direction == OUT:
            self.oracle.hold_is_covered()
        if at_once:
            self.plan(LIST, hidden)
            self.plan(POST, trouble)
            transfers.send(transfer=transfer, sender=SENDER)

    def plan(self, route: str, how: dict[str, Any] | None) -> None:
        # A list that hides for an hour what it holds proves what is not so.
        if how and not (how["kind"] == "hide_recent" and self.oracle.is_hiding()):
            fault(self.sandbox, route=route, **how)

    @rule(which=ANY, reached=st.booleans())
    def die_while_sending(self, which: int, reached: bool) -> None:
        """Claim a withdrawal and die: before the request has left, or before its answer has come."""
        transfer = self.pick(which, sending=states.RESERVED, direction=OUT)
        if transfer and transfers._claim(transfer, "who died") and reached:
            with suppress(Exception):
                self.ada.made_elsewhere(str(transfer.amount), OUT)

    @rule(which=ANY)
    def cancel(self, which: int) -> None:
        transfer = self.pick(which)
        if transfer:
            with suppress(canceling.TooLateToCancel, canceling.BrokerAway):
                canceling.cancel(transfer=transfer, actor="customer")

    # --- What the broker and the banks do ---

    @rule(which=ANY, how=ANY, code=CODES)
    def let_the_bank_act(self, which: int, how: int, code: str) -> None:
        rows = [row for row in self.ada.at_the_broker() if row["status"] in MAY_FOLLOW]
        if not rows:
            return
        row = rows[which % len(rows)]
        action = MAY_FOLLOW[row["status"]][how % len(MAY_FOLLOW[row["status"]])]
        act = {"action": "set", "status": states.CANCELED} if action == "cancel" else {"action": action, "code": code}
        self.sandbox.post(f"/control/transfers/{row['id']}", **act)

    @rule(which=ANY, amount=AMOUNTS, direction=st.sampled_from([IN, OUT]), alike=st.booleans())
    def somebody_moves_money_elsewhere(self, which: int, amount: str, direction: str, alike: bool) -> None:
        twin = self.pick(which, sending=states.UNKNOWN) if alike else None
        asked, direction = (twin.amount, twin.direction) if twin else (Decimal(amount) + CENT, direction)
        with suppress(Exception):  # the broker refuses too large a withdrawal
            self.oracle.elsewhere.add(self.ada.made_elsewhere(str(asked), direction))

    @rule(which=st.sampled_from(PLANNED))
    def plan_a_misfortune(self, which: tuple[str, dict[str, Any]]) -> None:
        self.plan(*which)

    # --- What our own side does ---

    @rule(times=st.integers(1, 3), seconds=st.sampled_from([6, 61, 1801]))
    def work(self, times: int, seconds: int) -> None:
        for _ in range(times):
            self.clocks.advance(seconds=seconds)
            self.rounds._run()

    @rule(seconds=st.sampled_from([1, 601, 86_400, 5 * 86_400]))
    def let_time_pass(self, seconds: int) -> None:
        self.clocks.advance(seconds=seconds)

    @rule(dry_run=st.booleans())
    def compare(self, dry_run: bool) -> None:
        books.compare(dry_run=dry_run, full=True)

    @rule(which=st.lists(ANY, min_size=1, max_size=6))
    def hear_the_news_again(self, which: list[int]) -> None:
        """Hear some of what was ever said, late, in any order, any number of times."""
        if said := self.everything_said():
            for number in which:
                settlement.apply_event(said[number % len(said)])

    def everything_said(self) -> list[FundingEvent]:
        until = ulid.first_at(life_oracle.now())
        with suppress(VendorError):
            return streams.funding_events(since="0" * 26, until=until)
        return []

    @precondition(lambda self: Freeze.objects.exists() or not self.ada.relationship.usable)
    @rule()
    def ops_look_into_it(self) -> None:
        """Let two persons lift what a return has stopped."""
        for freeze in Freeze.objects.filter(lifted_at=None):
            returns.ask_to_lift(freeze=freeze, because="talked to her", person=self.ops[0])
            returns.lift(freeze=freeze, person=self.ops[1])
        with suppress(bank_stops.NotStopped):
            bank_stops.resume(relationship=self.ada.relationship, because="talked to her", person=self.ops[0])

    @rule(which=ANY, allow=st.booleans())
    def ops_decide_about_a_held_one(self, which: int, allow: bool) -> None:
        if transfer := self.pick(which, sending=states.HELD):
            decide = risk.allow_held if allow else risk.decline_held
            decide(transfer=transfer, because="talked to her", person=self.ops[0])

    def pick(self, which: int, **like: Any) -> Transfer | None:
        rows = list(
            Transfer.objects.filter(**like).select_related("brokerage_account", "relationship").order_by("created_at")
        )
        return rows[which % len(rows)] if rows else None

    # --- What must hold ---

    @invariant()
    def all_is_in_order(self) -> None:
        self.oracle.check()

    def teardown(self) -> None:
        try:
            if sys.exception() is None:
                self.come_to_an_end()
        finally:
            self.exits.close()

    def come_to_an_end(self) -> None:
        """Stop the misfortunes, let the worker work until nothing is open, and look at what is left."""
        self.sandbox.delete("/control/faults")
        for minutes in (2, 6, *[61] * 8):
            self.clocks.advance(minutes=minutes)
            self.rounds._run()
            if minutes == 61 and not self.oracle.is_anything_open():
                break
        self.oracle.check()
        self.oracle.check_the_end()
