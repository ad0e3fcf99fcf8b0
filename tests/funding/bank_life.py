"""A customer's banks in whatever order things happen: linked, repaired, replaced, unlinked, revoked, and who dies.

A walk that a seed decides, played against the sandbox. A process dies at any statement to the database: what it was
about to commit is rolled back, what it had committed or sent stays.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from urllib.error import HTTPError

from django.db import connection, transaction

from accounts.operations import account_status
from brokerage.gateways.errors import VendorError, patience
from funding import states
from funding.models import ACHRelationship, LinkSession, PlaidItem, Transfer
from funding.operations import (
    canceling,
    candidates,
    endings,
    item_health,
    limits,
    linking,
    owner_check,
    repairing,
    transfers,
)
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
BANKS = (banking.TARTAN, banking.OAUTH, "ins_109510")


class Died(BaseException):
    """A process that was killed."""


@contextmanager
def dying(after: int = 0) -> Iterator[None]:
    """Kill what runs inside at its nth statement to the database; 0 lets it live. A refusal is no mishap."""
    left = [after or -1]

    def count(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        # Django can't be stopped within its own bookkeeping; before and after it is the same to the database.
        left[0] -= not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))
        if left[0] == 0:
            left[0] = -1
            raise Died
        return execute(sql, *more)

    with suppress(Died), connection.execute_wrapper(count), suppress(*REFUSALS):
        yield
    # To Django, a death within a delete spoils the test's own block, in which there would be none.
    transaction.set_rollback(False)


class BankLife:
    """Ada's banks, from an approved one to a day on which nothing more is to come; `steps` says what happened."""

    def __init__(self, sandbox: Sandbox, seed: int) -> None:
        self.sandbox, self.chance, self.exits = sandbox, random.Random(seed), ExitStack()  # noqa: S311 - no secret
        self.exits.enter_context(rolled_back())
        self.exits.enter_context(patience(2))
        sandbox.post("/control/reset")
        sandbox.post("/control/settings", profile="manual")
        self.clocks = self.exits.enter_context(standing_still(sandbox, T0))
        self.ada = open_customer(sandbox, cash="1000.00")
        self.eve = make.user("eve@example.com", is_staff=True)
        self.rounds = Rounds(sender="worker of a test")
        self.oracle = BankOracle(self.ada)
        self.steps: list[str] = []

    def live(self, steps: int) -> None:
        """Take so many steps, looking at everything after each, and then come to an end."""
        often: dict[Callable[[], None], int] = {
            self.work: 7,
            self.link: 5,
            self.move_money: 5,
            self.the_bank_acts: 4,
            self.plan_a_misfortune: 3,
            self.repair: 2,
            self.unlink: 2,
            self.change_her_mind: 1,
            self.the_bank_settles: 3,
            self.the_broker_refuses: 1,
            self.an_odd_webhook_comes: 2,
            self.numbers_change: 1,
            self.let_time_pass: 1,
            self.a_person_decides: 1,
        }
        with self.exits:
            for _ in range(steps):
                [step] = self.chance.choices(list(often), weights=list(often.values()))
                self.steps.append(step.__name__)
                step()
                self.oracle.check()
            self.come_to_an_end()

    def dies(self) -> int:
        """Return at which statement a process dies, or 0: most live."""
        return self.chance.choice([0, 0, self.chance.randint(1, 60)])

    # --- What the customer does ---

    def link(self) -> None:
        """Pass through Link, for a bank that vouches for its account or for one that wants small deposits first."""
        replacing = ACHRelationship.objects.active().exists()
        institution, verified = self.chance.choice(BANKS), self.chance.random() < 0.7
        with dying(self.dies()):
            session = linking.start_link(account=self.ada.account, user=self.ada.user, replacing=replacing)
            token = banking.public_token(self.sandbox, institution=institution)
            item = linking.finish_link(session=session, public_token=token)
            [account, *_] = linking.usable_accounts(item=item)
            account = account if verified else banking.unverified(account)
            linking.link_bank(
                account=self.ada.account, item=item, bank_account=account, sender=SENDER, replacing=replacing
            )

    def repair(self) -> None:
        with dying(self.dies()):
            session = repairing.start_repair(account=self.ada.account, user=self.ada.user)
            if self.chance.random() < 0.8:
                banking.sign_in(session, self.sandbox)
            repairing.finish(session=session, sender=SENDER)

    def unlink(self) -> None:
        for link in ACHRelationship.objects.active().filter(brokerage_account=self.ada.account):
            with dying(self.dies()):
                endings.ask_to_unlink(relationship=link, actor="ada")
                endings.carry_on(relationship=link, sender=SENDER)

    def change_her_mind(self) -> None:
        for candidate in ACHRelationship.objects.candidates():
            with dying(self.dies()):
                candidates.call_off(candidate=candidate, actor="ada")

    def move_money(self) -> None:
        direction, at_once = self.chance.choice([IN, OUT]), self.chance.random() < 0.7
        with dying(self.dies()):
            account_status.refresh_cash(account=self.ada.account)
            link = ACHRelationship.objects.active().filter(brokerage_account=self.ada.account).first()
            self.ada.relationship = link or self.ada.relationship
            transfer = self.ada.ask("20.00", direction)
            if at_once:
                transfers.send(transfer=transfer, sender=SENDER)

    # --- What banks, Plaid and the broker do ---

    def the_bank_acts(self) -> None:
        """Let a bank end or restore our access, with or without a webhook that reaches us."""
        if item := self.an_item():
            state = self.chance.choice(list(HEARD))
            with suppress(HTTPError):  # Plaid may have removed it already
                banking.bank_does(item, self.sandbox, state)
            if self.chance.random() < 0.7:
                with dying():
                    item_health.hear(item=item, kind="ITEM", code=HEARD[state], news={})

    def the_broker_refuses(self) -> None:
        for row in banking.at_the_broker(self.ada):
            if row["status"] == states.QUEUED:
                self.sandbox.post(f"/control/relationships/{row['id']}", status=states.REJECTED)

    def the_bank_settles(self) -> None:
        moving = [row for row in self.ada.at_the_broker() if row["status"] in (states.QUEUED, states.SENT_TO_CLEARING)]
        if moving:
            act = self.chance.choice([{"action": "settle"}, {"action": "reject"}, {"action": "return", "code": "R01"}])
            self.sandbox.post(f"/control/transfers/{self.chance.choice(moving)['id']}", **act)

    def plan_a_misfortune(self) -> None:
        route, kind = self.chance.choice(MISFORTUNES)
        fault(self.sandbox, kind, route)

    # --- What our own side does ---

    def an_odd_webhook_comes(self) -> None:
        """Hear what Plaid may say, true or not, late, and any number of times."""
        if item := self.an_item():
            link = item.relationships.first()
            news = {"account_id": link.plaid_account_id if link else "x"}
            news["disconnect_time"] = self.oracle.in_days(5).isoformat()
            code = self.chance.choice(["PENDING_DISCONNECT", "USER_ACCOUNT_REVOKED", "LOGIN_REPAIRED", "ERROR"])
            with dying():
                item_health.hear(item=item, kind="ITEM", code=code, news=news)

    def numbers_change(self) -> None:
        if (item := self.an_item()) and (link := item.relationships.first()):
            news = {"account_ids_with_updated_auth": {link.plaid_account_id: ["ACCOUNT_NUMBER"]}}
            with dying():
                item_health.hear(item=item, kind="AUTH", code="DEFAULT_UPDATE", news=news)

    def work(self) -> None:
        """Let the worker work, at a broker that is quick to approve and remove, or is not."""
        for _ in range(self.chance.randint(1, 2)):
            if self.chance.random() < 0.7:
                self.the_broker_finishes()
            self.clocks.advance(seconds=self.chance.choice([2, 61, 601]))
            with dying(self.dies()):
                self.rounds._run()

    def let_time_pass(self) -> None:
        self.clocks.advance(hours=self.chance.choice([1, 25]))

    def a_person_decides(self) -> None:
        decide = self.chance.choice([owner_check.accept_held, owner_check.refuse_held])
        for held in ACHRelationship.objects.filter(sending=states.HELD, ended_at=None):
            with dying():
                decide(relationship=held, because="talked to her", person=self.eve)

    def an_item(self) -> PlaidItem | None:
        rows = list(PlaidItem.objects.held().order_by("created_at", "plaid_item_id"))
        return self.chance.choice(rows) if rows else None

    # --- The end ---

    def come_to_an_end(self) -> None:
        """Stop the misfortunes, unlink what there is, let everybody finish, and look at what is left."""
        self.sandbox.delete("/control/faults")
        LinkSession.objects.filter(outcome="", claimed_at=None).update(expires_at=self.oracle.in_days(-1))
        for minutes in (2, *[61] * 8, 24 * 60 + 61, *[61] * 4):
            for link in ACHRelationship.objects.active():
                with dying():
                    endings.ask_to_unlink(relationship=link, actor="ada")
            for candidate in ACHRelationship.objects.candidates():
                with dying():
                    candidates.call_off(candidate=candidate, actor="ada")
            for transfer in Transfer.objects.unsent():
                canceling.cancel(transfer=transfer, actor="ada")
            self.everybody_finishes()
            self.clocks.advance(minutes=minutes)
            self.rounds._run()
            self.oracle.check()
            if self.oracle.is_nothing_left():
                break
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
