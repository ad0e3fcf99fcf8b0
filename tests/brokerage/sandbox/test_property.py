"""Any sequence of calls, clock steps and misfortunes leaves the books in order.

HYPOTHESIS_PROFILE=long tries for minutes what is tried for seconds otherwise.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from brokerage.sandbox import faults
from brokerage.sandbox.books import Books
from brokerage.sandbox.server import SandboxServer
from tests.brokerage.sandbox.bench import BANK, Bench, application, transfer_of
from tests.brokerage.sandbox.invariants import check

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
# Those that only make a caller wait would make this wait as well.
KINDS = sorted((faults.ANSWERS | faults.LISTS) - {"hang_before_commit", "hang_after_commit", "slow"})
ROUTES = [
    "POST /broker/v1/accounts/*/transfers",
    "GET /broker/v1/accounts/*/transfers",
    "DELETE /broker/v1/accounts/*/transfers/*",
    "POST /broker/v1/accounts/*/ach_relationships",
]
AMOUNTS = st.sampled_from(["0.01", "1", "25.50", "49999.99"])
ACTIONS = st.sampled_from(["settle", "reject", "return", "advance"])
LINK_STATUSES = st.sampled_from(["APPROVED", "REJECTED", "PENDING"])
SOMEBODY_ELSES = "7"
ANY = st.integers(min_value=0, max_value=10**6)


class AnyDay(RuleBasedStateMachine):
    """What customers, banks, operators and bad luck do to the sandbox, in any order."""

    bench: Bench

    @initialize(profile=st.sampled_from(["instant", "fast", "realistic", "manual"]))
    def begin(self, profile: str) -> None:
        self.bench.control("reset")
        self.bench.control("clock", freeze=True)
        self.bench.control("settings", profile=profile)
        self.acknowledged: set[str] = set()
        self.asked = 0
        self.bench.open_account()

    @precondition(lambda self: len(self.state()["accounts"]) < 3)
    @rule(active=st.booleans())
    def open_an_account(self, active: bool) -> None:
        account_id = self.acknowledge(lambda: self.bench.broker("POST", "v1/accounts", json=application()))
        if account_id and active:
            self.bench.control(f"accounts/{account_id}", status="ACTIVE")

    @rule(which=ANY)
    def link_a_bank(self, which: int) -> None:
        path = f"v1/accounts/{self.pick('accounts', which)}/ach_relationships"
        self.acknowledge(lambda: self.bench.broker("POST", path, json=BANK))

    @rule(which=ANY)
    def unlink_a_bank(self, which: int) -> None:
        if row := self.pick_row("relationships", which):
            self.attempt("DELETE", f"v1/accounts/{row['account_id']}/ach_relationships/{row['id']}")

    @rule(which=ANY, amount=AMOUNTS, direction=st.sampled_from(["INCOMING", "OUTGOING"]))
    def ask_for_a_transfer(self, which: int, amount: str, direction: str) -> None:
        if row := self.pick_row("relationships", which):
            path = f"v1/accounts/{row['account_id']}/transfers"
            body = transfer_of(row["id"], amount, direction)
            self.asked += 1
            self.acknowledge(lambda: self.bench.broker("POST", path, json=body))

    @rule(which=ANY)
    def cancel_a_transfer(self, which: int) -> None:
        if row := self.pick_row("transfers", which):
            self.attempt("DELETE", f"v1/accounts/{row['account_id']}/transfers/{row['id']}")

    @rule(which=ANY, action=ACTIONS)
    def let_the_bank_act(self, which: int, action: str) -> None:
        row = self.pick_row("transfers", which)
        if row and (row["status"] != "RETURNED" or action == "return"):
            self.bench.control(f"transfers/{row['id']}", action=action)

    @rule(which=ANY, status=LINK_STATUSES)
    def decide_a_link(self, which: int, status: str) -> None:
        if row := self.pick_row("relationships", which):
            self.bench.control(f"relationships/{row['id']}", status=status)

    @rule(seconds=st.sampled_from([0.0005, 1, 3600, 86_400, 8 * 86_400, -3600]))
    def let_time_pass_or_go_back(self, seconds: float) -> None:
        self.bench.pass_time(seconds)

    @rule()
    def step(self) -> None:
        self.bench.control("clock", step=True)

    @rule(days=st.sampled_from([0, 2]))
    def hold_deposits(self, days: int) -> None:
        self.bench.control("settings", deposit_hold_days=days)

    @rule(profile=st.sampled_from(["instant", "fast", "realistic", "manual"]))
    def change_pace(self, profile: str) -> None:
        self.bench.control("settings", profile=profile)

    @rule(kind=st.sampled_from(KINDS), route=st.sampled_from(ROUTES))
    def plan_a_misfortune(self, kind: str, route: str) -> None:
        self.bench.fault(kind, route=route, amount=SOMEBODY_ELSES)

    @rule(which=ANY)
    def look(self, which: int) -> None:
        self.attempt("GET", f"v1/accounts/{self.pick('accounts', which)}/transfers")

    @invariant()
    def the_books_are_in_order(self) -> None:
        if not hasattr(self, "acknowledged"):
            return
        dumped = check(self.bench)
        kept = {row["id"] for table in ("accounts", "relationships", "transfers") for row in dumped[table]}
        assert self.acknowledged <= kept
        assert sum(row["cents"] != int(SOMEBODY_ELSES) * 100 for row in dumped["transfers"]) <= self.asked

    def state(self) -> Any:
        return self.bench.state()

    def pick(self, table: str, which: int) -> str:
        row = self.pick_row(table, which)
        return str(row["id"]) if row else "nobody"

    def pick_row(self, table: str, which: int) -> Any:
        rows = self.state()[table]
        return rows[which % len(rows)] if rows else None

    def acknowledge(self, call: Any) -> str | None:
        """Make a call; what it names as made must be there for ever after."""
        try:
            answer = call()
            made = answer.json() if answer.status_code == 200 else None
        except requests.RequestException:
            return None
        if not isinstance(made, dict) or "id" not in made:
            return None
        self.acknowledged.add(made["id"])
        return str(made["id"])

    def attempt(self, method: str, path: str) -> None:
        self.acknowledge(lambda: self.bench.broker(method, path))


@pytest.fixture(scope="module", autouse=True)
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    server = SandboxServer(("127.0.0.1", 0), Books(str(tmp_path_factory.mktemp("s") / "s.sqlite3"), profile="manual"))
    server.start()
    AnyDay.bench = Bench(server.url)
    yield
    AnyDay.bench.session.close()
    server.stop()


TestAnyDay = AnyDay.TestCase
TestAnyDay.settings = settings(
    max_examples=500 if LONG else 25,
    stateful_step_count=60 if LONG else 25,
    derandomize=not LONG,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
