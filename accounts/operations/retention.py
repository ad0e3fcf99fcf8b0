"""Purging what is not kept any longer, batch by batch, each with its proof.

Called by the command and the worker. One batch is one transaction: rows, their history and the PurgeRecord. Killed in
between, it goes on where it stood, since what is purged is not due any more. Each rule fails alone.
"""

import hashlib
import logging
from collections.abc import Generator, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.findings import Finding
from accounts.models import LegalHold, PurgeRecord, User
from accounts.operations import retention_warnings
from accounts.retention import Ids, Rule

log = logging.getLogger(__name__)

BATCH = 200


def due(rule: Rule, *, now: datetime) -> QuerySet[Any]:
    """Return the rows that a rule purges now: of nobody who is under a legal hold."""
    rows = rule.rows(now)
    return rows.exclude(LegalHold.on(rule.person)) if rule.person else rows


def batches(*, by: str, rules: Iterable[Rule], now: datetime | None = None) -> Generator[int, None, None]:
    """Purge what is due, a batch for each step of the iteration; yield how many rows each had."""
    now = now or timezone.now()
    for rule in rules:
        try:
            yield from (record.count for record in _purge(rule, by=by, now=now))
        except Exception:
            log.exception("retention: rule %s failed", rule.name)


def purge(*, by: str, rules: Iterable[Rule], dry_run: bool = False, now: datetime | None = None) -> Iterator[Finding]:
    """Warn customers and purge what is due, or count it; yield one finding a rule that has some."""
    now = now or timezone.now()
    rules = tuple(rules)
    if not dry_run and not retention_warnings.RULES.isdisjoint(rule.name for rule in rules):
        retention_warnings.warn_due(now=now)
    for rule in rules:
        try:
            count = due(rule, now=now).count() if dry_run else sum(each.count for each in _purge(rule, by=by, now=now))
        except Exception as bug:
            log.exception("retention: rule %s failed", rule.name)
            yield Finding(rule.name, f"could not be purged: {type(bug).__name__}", mended=False)
            continue
        if count:
            yield Finding(rule.name, f"{count} over before {rule.cutoff(now):%Y-%m-%d %H:%M:%S} UTC", mended=True)


def _purge(rule: Rule, *, by: str, now: datetime) -> Iterator[PurgeRecord]:
    last: Any = None
    while ids := _next_ids(rule, after=last, now=now):
        last = ids[-1]
        record = _purge_batch(rule, ids, by=by, now=now)
        if record is not None:
            log.info("retention: %s %s purged", record.count, rule.name)
            yield record


def _next_ids(rule: Rule, *, after: Any, now: datetime) -> Ids:
    rows = due(rule, now=now)
    later = rows if after is None else rows.filter(pk__gt=after)
    return list(later.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _purge_batch(rule: Rule, ids: Ids, *, by: str, now: datetime) -> PurgeRecord | None:
    """Purge those of `ids` that are still due under lock, and keep the proof."""
    with transaction.atomic(durable=True):
        _lock_persons(rule, ids, now)
        rows = due(rule, now=now).filter(pk__in=ids).order_by("pk").only("pk").select_for_update(of=("self",))
        ids = [row.pk for row in rows]
        if not ids:
            return None
        rule.forget(ids, by, now)
        return PurgeRecord.objects.create(
            rule=rule.name, cutoff=rule.cutoff(now), count=len(ids), digest=digest(ids), by=by, at=now
        )


def _lock_persons(rule: Rule, ids: Ids, now: datetime) -> None:
    """Wait for holds that are being placed, and keep new ones waiting: what follows sees every hold that stands."""
    if rule.person:
        whose = rule.rows(now).model._default_manager.filter(pk__in=ids).values(rule.person)
        list(User.objects.filter(pk__in=whose).order_by("pk").only("pk").select_for_update(no_key=True))


def digest(ids: Ids) -> str:
    """Return the SHA-256 over the sorted ids, one a line."""
    return hashlib.sha256("\n".join(sorted(map(str, ids))).encode()).hexdigest()
