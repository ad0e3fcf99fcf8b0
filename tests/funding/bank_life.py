"""A customer's banks in whatever order things happen: linked, repaired, replaced, unlinked, revoked, and who dies.

A state machine for Hypothesis, played against the sandbox. A process dies at any statement to the database: what it was
about to commit is rolled back, what it had committed or sent stays.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from accounts.operations import account_status
from brokerage.gateways.errors import VendorError, patience
from funding import states
from funding.models import ACHRelationship, LinkSession, PlaidItem
from funding.operations import candidates, endings, item_health, limits, linking, owner_check, repairing, transfers
from funding.operations.rounds import Rounds
from tests import make
from tests.funding import banking
from tests.funding.bank_oracle import BankOracle
from tests.funding.life import rolled_back
from tests.funding.standing import IN, OUT, SENDER, T0, fault, open_customer, standing_still
from tests.harness.sandbox import Sandbox

CREATE, LIST = "POST /broker/v1/accounts/*/ach_relationships", "GET /broker/v1/accounts/*/ach_relationships"
DELETE = "DELETE /broker/v1/accounts/*/ach_relationships/*"
PLAID = (
    *("link/token/create", "item/public_token/exchange", "accounts/get", "identity/match", "processor/token/create"),
    *("item/get", "item/remove", "accounts/balance/get"),
)
LOST = ("drop_after_commit", "drop_before_commit", "bad_gateway", "garbage_after_commit", "rate_limited")
MISFORTUNES = [
    *((f"POST /plaid/{path}", kind) for path in PLAID for kind in LOST),
    *((route, kind) for route in (CREATE, LIST, DELETE) for kind in LOST),
    ("POST /broker/v1/accounts/*/transfers", "drop_after_commit"),
    ("POST /broker/v1/accounts/*/transfers", "drop_before_commit"),
]
REFUSALS: tuple[type[Exception], ...] = (
    *(linking.LinkingError, transfers.TransferNotPossible, limits.LimitReached, endings.TransfersUnderWay),
    *(endings.NotLinked, candidates.TooLateToCallOff, owner_check.NotHeld, VendorError),
)
HEARD = {"login_required": "ERROR", "revoked": "USER_PERMISSION_REVOKED", "repaired": "LOGIN_REPAIRED"}
ANY = st.integers(0, 10**6)
DIES = st.one_of(st.none(), st.none(), st.integers(1, 60))
BANKS = st.sampled_from([banking.TARTAN, banking.OAUTH, "ins_109510"])


class Died(BaseException):
    """A process that was killed."""


@contextmanager
def dying(after: int | None) -> Iterator[None]:
    """Kill what runs inside at its nth statement to the database; None lets it live."""
    left = [after or 0]

    def count(execute: Callable[..., Any], *args: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise Died
        return execute(*args)

    with suppress(Died), ExitStack() as watched:
        if after is not None:
            watched.enter_context(connection.execute_wrapper(count))
        with suppress(*REFUSALS):
            yield


class BankLife(RuleBasedStateMachine):
    """Ada's banks, from the first one to a day on which nothing more is to come."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self.sandbox, self.exits = sandbox, ExitStack()
        self.exits.enter_context(rolled_back())
        self.exits.enter_context(patience(2))
        sandbox.post("/control/reset")
        sandbox.post("/control/settings", profile="manual")
        self.clocks = self.exits.enter_context(standing_still(sandbox, T0))
        self.ada = open_customer(sandbox, cash="1000.00")
        self.eve = make.user("eve@example.com", is_staff=True)
        self.rounds = Rounds(sender="worker of a test")
        self.oracle = BankOracle(self.ada)

    # --- What the customer does ---

    @rule(institution=BANKS, verified=st.sampled_from([True, True, False]), dies=DIES)
    def link(self, institution: str, verified: bool, dies: int | None) -> None:
        """Pass through Link, for a bank that vouches for its account or for one that wants small deposits first."""
        replacing = ACHRelationship.objects.active().exists()
        with dying(dies):
            session = linking.start_link(account=self.ada.account, user=self.ada.user, replacing=replacing)
            token = banking.public_token(self.sandbox, institution=institution)
            item = linking.finish_link(session=session, public_token=token)
            [account, *_] = linking.usable_accounts(item=item)
            account = account if verified else banking.unverified(account)
            linking.link_bank(
                account=self.ada.account, item=item, bank_account=account, sender=SENDER, replacing=replacing
            )

    @rule(dies=DIES, signs_in=st.booleans())
    def repair(self, dies: int | None, signs_in: bool) -> None:
        with dying(dies):
            session = repairing.start_repair(account=self.ada.account, user=self.ada.user)
            if signs_in:
                banking.sign_in(session, self.sandbox)
            repairing.finish(session=session, sender=SENDER)

    @rule(dies=DIES)
    def unlink(self, dies: int | None) -> None:
        for link in ACHRelationship.objects.active().filter(brokerage_account=self.ada.account):
            with dying(dies):
                endings.ask_to_unlink(relationship=link, actor="ada")
                endings.carry_on(relationship=link, sender=SENDER)

    @rule(dies=DIES)
    def change_her_mind(self, dies: int | None) -> None:
        for candidate in ACHRelationship.objects.candidates():
            with dying(dies):
                candidates.call_off(candidate=candidate, actor="ada")

    @rule(direction=st.sampled_from([IN, OUT]), at_once=st.booleans(), dies=DIES)
    def move_money(self, direction: str, at_once: bool, dies: int | None) -> None:
        with dying(dies):
            account_status.refresh_cash(account=self.ada.account)
            link = ACHRelationship.objects.active().filter(brokerage_account=self.ada.account).first()
            self.ada.relationship = link or self.ada.relationship
            transfer = self.ada.ask("20.00", direction)
            if at_once:
                transfers.send(transfer=transfer, sender=SENDER)

    # --- What banks, Plaid and the broker do ---

    @rule(which=ANY, state=st.sampled_from(["login_required", "revoked", "repaired"]), heard=st.booleans())
    def the_bank_acts(self, which: int, state: str, heard: bool) -> None:
        """Let a bank end or restore our access, with or without a webhook that reaches us."""
        if item := self.pick_item(which):
            banking.bank_does(item, self.sandbox, state)
            if heard:
                with dying(None):
                    item_health.hear(item=item, kind="ITEM", code=HEARD[state], news={})

    @rule(which=ANY)
    def the_broker_refuses(self, which: int) -> None:
        rows = [row for row in banking.at_the_broker(self.ada) if row["status"] == states.QUEUED]
        if rows:
            self.sandbox.post(f"/control/relationships/{rows[which % len(rows)]['id']}", status=states.REJECTED)

    @rule(which=ANY, action=st.sampled_from(["settle", "settle", "reject", "return"]))
    def the_bank_settles(self, which: int, action: str) -> None:
        rows = [row for row in self.ada.at_the_broker() if row["status"] in (states.QUEUED, states.SENT_TO_CLEARING)]
        if rows:
            path = f"/control/transfers/{rows[which % len(rows)]['id']}"
            self.sandbox.post(path, action=action, **({"code": "R01"} if action == "return" else {}))

    @rule(which=st.sampled_from(MISFORTUNES))
    def plan_a_misfortune(self, which: tuple[str, str]) -> None:
        route, kind = which
        fault(self.sandbox, kind, route)

    # --- What our own side does ---

    @rule(which=ANY, code=st.sampled_from(["ERROR", "LOGIN_REPAIRED", "PENDING_DISCONNECT", "USER_ACCOUNT_REVOKED"]))
    def a_webhook_comes(self, which: int, code: str) -> None:
        """Hear some of what Plaid may say, true or not, late, and any number of times."""
        if item := self.pick_item(which):
            link = item.relationships.first()
            ends = {"disconnect_time": self.oracle.in_days(5).isoformat()}
            with dying(None):
                news = {"account_id": link.plaid_account_id if link else "x", **ends}
                item_health.hear(item=item, kind="ITEM", code=code, news=news)

    @rule(which=ANY)
    def numbers_change(self, which: int) -> None:
        if (item := self.pick_item(which)) and (link := item.relationships.first()):
            news = {"account_ids_with_updated_auth": {link.plaid_account_id: ["ACCOUNT_NUMBER"]}}
            with dying(None):
                item_health.hear(item=item, kind="AUTH", code="DEFAULT_UPDATE", news=news)

    @rule(seconds=st.sampled_from([2, 61, 601]), times=st.integers(1, 2), quick=st.sampled_from([1, 1, 0]), dies=DIES)
    def work(self, seconds: int, times: int, quick: int, dies: int | None) -> None:
        """Let the worker work, at a broker that is quick to approve and remove, or is not."""
        for _ in range(times):
            if quick:
                self.the_broker_finishes()
            self.clocks.advance(seconds=seconds)
            with dying(dies):
                self.rounds._run()

    @rule(hours=st.sampled_from([1, 25]))
    def let_time_pass(self, hours: int) -> None:
        self.clocks.advance(hours=hours)

    @rule(accept=st.booleans())
    def a_person_decides(self, accept: bool) -> None:
        decide = owner_check.accept_held if accept else owner_check.refuse_held
        for held in ACHRelationship.objects.filter(sending=states.HELD, ended_at=None):
            with dying(None):
                decide(relationship=held, because="talked to her", person=self.eve)

    def pick_item(self, which: int) -> PlaidItem | None:
        rows = list(PlaidItem.objects.held().order_by("created_at", "pk"))
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
        """Stop the misfortunes, let banks and worker do what is left, unlink what there is, and look at it."""
        self.sandbox.delete("/control/faults")
        LinkSession.objects.filter(outcome="", claimed_at=None).update(expires_at=self.oracle.in_days(-1))
        for minutes in (2, *[61] * 8, 24 * 60 + 61, *[61] * 4):
            self.unlink(None)
            self.change_her_mind(None)
            self.everybody_finishes()
            self.clocks.advance(minutes=minutes)
            self.rounds._run()
            if self.oracle.is_nothing_left():
                break
        self.oracle.check()
        self.oracle.check_the_end()

    def everybody_finishes(self) -> None:
        """Let the banks settle, and the broker approve and remove, all that waits for them."""
        for row in self.ada.at_the_broker():
            if row["status"] in (states.QUEUED, states.SENT_TO_CLEARING):
                self.sandbox.post(f"/control/transfers/{row['id']}", action="settle")
        self.the_broker_finishes()

    def the_broker_finishes(self) -> None:
        done = {states.QUEUED: states.APPROVED, states.CANCEL_REQUESTED: states.CANCELED}
        for row in banking.at_the_broker(self.ada):
            if row["status"] in done:
                self.sandbox.post(f"/control/relationships/{row['id']}", status=done[row["status"]])
