"""The strip on top of the desk's start page: what tells at a glance whether the house is well.

Called by desk. One more thing to be seen there is one more Sign in the list that `signs` returns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import StreamCursor
from brokerage import money
from funding.models import Worker
from funding.news_queues import STREAM_TOO_OLD
from funding.operations import daily_close
from funding.operations.return_rates import Rate

OK, WARN, DANGER = "ok", "warn", "danger"
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True)
class Sign:
    """One thing to be seen: what it is, how it stands, whether that is well, and where to read on.

    `word` says the tone for who cannot see it. `at` is the moment that `value` counts from, where there is one.
    """

    label: str
    value: str
    tone: str = OK
    word: str = ""
    url: str = ""
    at: datetime | None = None


def signs(*, rates: list[Rate]) -> list[Sign]:
    """Return what the strip shows, from left to right."""
    return [_workers(), *_streams(), _close(), *_returns(rates)]


def age(since: timedelta) -> str:
    """Return how long something is ago, in its largest unit."""
    seconds = max(int(since.total_seconds()), 0)
    size, unit = next((each for each in _UNITS if seconds >= each[0]), (1, "second"))
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _workers() -> Sign:
    """Return how many workers give signs of life and get on, and since when the slowest has got no round done."""
    url = reverse("admin:funding_worker_changelist")
    alive = list(Worker.objects.alive())
    if not alive:
        return Sign("Workers", "none at work", DANGER, "start one", url)
    at_work = f"{len(alive)} at work"
    if stuck := [worker.stuck for worker in alive if worker.stuck_since]:
        return Sign("Workers", at_work, DANGER, f"stuck: {stuck[0]}", f"{url}?queue=stuck")
    last = min(worker.got_round_at for worker in alive)
    return Sign("Workers", at_work, OK, f"a round done {age(timezone.now() - last)} ago", url)


def _close() -> Sign:
    """Return how the last banking day was closed."""
    url, last = reverse("admin:funding_dailyclose_changelist"), daily_close.last()
    if last is None:
        return Sign("Daily close", "none yet", OK, "the first one comes tonight", url)
    tone = OK if last.explained else WARN
    page = reverse("admin:funding_dailyclose_change", args=[last.pk])
    return Sign("Daily close", f"{last.day:%a, %b} {last.day.day}", tone, daily_close.in_a_word(last), page)


def _streams() -> Iterator[Sign]:
    """Return how far behind each of the broker's streams was last read."""
    url, now, known = reverse("admin:accounts_streamcursor_changelist"), timezone.now(), False
    for cursor in StreamCursor.objects.order_by("name"):
        known, lag = True, now - cursor.read_until
        late = lag > STREAM_TOO_OLD
        tone, word = (DANGER, "behind") if late else (OK, "read")
        yield Sign(f"Stream {cursor.name}", f"{age(lag)} ago", tone, word, url, cursor.read_until)
    if not known:
        yield Sign("Streams", "never read", WARN, "is the worker running?", url)


def _returns(rates: list[Rate]) -> Iterator[Sign]:
    """Return each rate of returned debits against Nacha's limit; what it was counted from stands below."""
    tones = {"ok": OK, "warn": WARN, "over": DANGER}
    for rate in rates:
        now, limit = ((share * 100).quantize(money.CENT) for share in (rate.rate, rate.limit))
        yield Sign(f"Returns, {rate.name}", f"{now}% of {limit}%", tones[rate.word], rate.word, "#rates")
