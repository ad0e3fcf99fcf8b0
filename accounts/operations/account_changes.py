"""One piece of news held against one locked account: what of it is new, and a history row for each change.

Called by account_status alone. An event tells only what has changed, so each thing it may tell has a time of its own:
news of a block does not make older news of the status worthless, nor the other way round.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts import states
from accounts.models import BrokerageAccount
from accounts.models.brokerage import NEVER
from brokerage.status import note

log = logging.getLogger(__name__)

# When the status was last read and taken over, by the broker's clock; it stands among what was told.
STATUS_READ = "status read"
# The broker's clock may be this far from ours without our noticing: an answer knows every event until then.
CLOCKS_APART = timedelta(seconds=30)
BLOCKS, LIQUIDATION, KYC = "blocks", "liquidation", "kyc"
_COLUMNS = {BLOCKS: "blocks", LIQUIDATION: "liquidation_only"}
# The broker's codes, such as ADDRESS_VERIFICATION; anything else under these names may be prose about a person.
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_WORD = 40  # what a history row keeps of a word


@dataclass(frozen=True)
class Change:
    """What changed in an account: the field "status", "blocks", "liquidation" or "kyc", before and after."""

    field: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.field}: {self.before or 'none'} → {self.after or 'none'}"


class Hearing:
    """What one piece of news changes in an account, whose row the caller has locked. `keep` writes it."""

    def __init__(
        self,
        account: BrokerageAccount,
        *,
        actor: str,
        at: datetime | None,
        vendor_event_id: str | None,
        read_at: datetime | None,
    ) -> None:
        self.account, self.actor, self.at, self.read_at = account, actor, at, read_at
        self.changes: list[Change] = []
        self._event_id = vendor_event_id
        # Rows from before each thing had its own time know one for all.
        self._floor = account.news_at if not account.told_at else None

    def hear_number(self, account_number: str) -> None:
        if account_number and self._is_new("account_number"):
            self.account.account_number = account_number

    def hear_status(self, status: str) -> None:
        before = self.account.status
        if not status or not self._is_new("status") or self._goes_back(status):
            return
        if not states.account_may_move(before, status):
            if before != status:
                log.info("brokerage account %s: %s may not follow %s, left", self.account.pk, status, before)
            return
        self.account.move(status, actor=self.actor, vendor_event_id=self._event_id if not self.changes else None)
        self.changes.append(Change("status", before, status))
        if before == states.REJECTED:
            log.error("brokerage account %s: rejected before, now %s", self.account.pk, status)
        if status not in states.KNOWN:
            log.error("brokerage account %s: unfamiliar status %r kept", self.account.pk, status)

    def hear_kyc(self, results: Mapping[str, Any] | None) -> None:
        """Keep KYC results as they came; the history row holds their codes, and none of their prose.

        Of somebody who was purged nothing is kept, however late it is told, or told again.
        """
        before = self.account.kyc_results
        if not results or self.account.is_purged or not self._is_new("kyc_results") or results == before:
            return
        self.account.kyc_results = dict(results)
        evidence = {"before": codes(before), "after": codes(results)}
        self._note(KYC, _summary(before), _summary(results), evidence=evidence)

    def hear_flags(self, field: str, told: Mapping[str, bool]) -> None:
        """Set and lift the flags that are told, and leave the others."""
        column = _COLUMNS[field]
        held = set(getattr(self.account, column))
        for name, stands in sorted(told.items()):
            if not self._is_new(f"{field}.{name}") or (name in held) == stands:
                continue
            held ^= {name}
            self._note(field, "" if stands else name, name if stands else "", evidence={"name": name})
        setattr(self.account, column, sorted(held))

    def _goes_back(self, status: str) -> bool:
        """Say whether an event would undo what was read after it, as far as two clocks tell.

        Where they differ the event may be the newer one: the account is read again first of all.
        """
        if self.read_at:
            self.account.told_at[STATUS_READ] = self.read_at.astimezone(UTC).isoformat()
            return False
        read_at = self.account.told_at.get(STATUS_READ)
        if not self.at or not read_at or self.at >= datetime.fromisoformat(read_at) or status == self.account.status:
            return False
        self.account.checked_at = NEVER
        return True

    def keep(self) -> None:
        account = self.account
        if self.at and (account.news_at is None or self.at > account.news_at):
            account.news_at = self.at
        account.save(
            update_fields=[
                *("news_at", "told_at", "account_number", "kyc_results", "blocks", "liquidation_only", "checked_at"),
            ]
        )

    def _is_new(self, thing: str) -> bool:
        """Say whether this is no older than what was heard of the thing last, and remember its time."""
        heard = self.account.told_at.get(thing)
        newest = datetime.fromisoformat(heard) if heard else self._floor
        if self.at and newest and self.at < newest:
            return False
        at = self.at or (self.read_at and self.read_at - CLOCKS_APART)
        if at and not (newest and at < newest):
            self.account.told_at[thing] = at.astimezone(UTC).isoformat()
        return True

    def _note(self, field: str, before: str, after: str, *, evidence: dict[str, Any]) -> None:
        """Append a history row; the first one of an event bears its id, by which it acts once only."""
        first = not self.changes
        self.changes.append(Change(field, before, after))
        note(
            self.account,
            field=field,
            before=before[:_WORD],
            after=after[:_WORD],
            actor=self.actor,
            evidence=evidence | ({} if first or not self._event_id else {"event": self._event_id}),
            vendor_event_id=self._event_id if first else None,
        )


def codes(results: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the codes of KYC results, sorted, by what the broker makes of them; nothing else that stands there."""
    found = {name: results.get(name) for name in ("accept", "indeterminate", "reject")}
    return {
        name: sorted(code for code in values if isinstance(code, str) and _CODE.fullmatch(code))
        for name, values in found.items()
        if isinstance(values, Mapping | list) and values
    }


def _summary(results: Mapping[str, Any]) -> str:
    summary = results.get("summary")
    return summary if summary in ("pass", "fail") else ""
