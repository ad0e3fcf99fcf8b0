"""Where sessions are kept: rows that know whose they are, and end by themselves. Named by SESSION_ENGINE.

Called by Django's middleware for each request that asks who is there; entering says where a session came from. It ends
when nobody was seen for a while, and after some hours in any case, however busy it is.
https://docs.djangoproject.com/en/5.2/topics/http/sessions/#extending-database-backed-session-engines
"""

import string
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import Session
from accounts.models.sessions import digest
from accounts.rules import browsers
from brokerage.visit import Visit

_LETTERS = string.ascii_lowercase + string.digits
# Between two notes of when somebody was last seen: a page must not cost a write each.
NOTED_EVERY = timedelta(minutes=1)


def _new_key() -> str:
    return get_random_string(32, _LETTERS)


def idle_limit(*, is_staff: bool) -> timedelta:
    """Return how long somebody may stay away and find themselves signed in."""
    return timedelta(minutes=settings.SESSION_IDLE_MINUTES_STAFF if is_staff else settings.SESSION_IDLE_MINUTES)


class SessionStore(SessionBase):
    """One session, by the key that the cookie holds and the database does not."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._row: Session | None = None
        self._visit = Visit(ip_address="", user_agent="")
        self.has_new_key = False  # which the browser has to learn, whatever becomes of the page

    def came_from(self, visit: Visit) -> None:
        """Say where the session that is about to be opened comes from."""
        self._visit = visit

    @property
    def row_id(self) -> Any:
        """Return the id of its row, by which its owner may see and end it; None before there is one."""
        self.has_key(SESSION_KEY)  # reads it, if nobody has yet
        return self._row.pk if self._row else None

    def seen(self) -> None:
        """Note that somebody is there, if that was not noted just now."""
        now = timezone.now()
        if self._row is not None and now - self._row.last_seen_at >= NOTED_EVERY:
            Session.objects.filter(pk=self._row.pk, last_seen_at=self._row.last_seen_at).update(last_seen_at=now)

    def load(self) -> dict[str, Any]:
        self._row = self._standing(timezone.now())
        if self._row is None:
            self._session_key = None
            return {}
        return self.decode(self._row.session_data)

    def _standing(self, now: datetime) -> Session | None:
        rows = Session.objects.select_related("user").defer("user__password")
        row = rows.filter(key_hash=digest(self.session_key or "")).first()
        if row is None or row.is_over(now=now):
            return None
        limit = idle_limit(is_staff=bool(row.user and row.user.is_staff))
        return row if now - row.last_seen_at < limit else None

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(key_hash=digest(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = _new_key()
            try:
                self.save(must_create=True)
            except CreateError:  # somebody else has just made the same key
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        kept = self._kept(self._get_session(no_load=must_create))  # type: ignore[attr-defined]  # not in the stubs
        if must_create:
            self._row = self._insert(digest(self.session_key), kept)
        elif not Session.objects.filter(key_hash=digest(self.session_key)).update(**kept):
            raise UpdateError  # ended meanwhile, by its owner or elsewhere

    def _kept(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"session_data": self.encode(data), "user_id": data.get(SESSION_KEY)}

    def _insert(self, key_hash: str, kept: dict[str, Any]) -> Session:
        now = timezone.now()
        row = Session(
            key_hash=key_hash,
            created_at=now,
            last_seen_at=now,
            ends_at=now + timedelta(seconds=settings.SESSION_COOKIE_AGE),
            ip_address=self._visit.ip_address or None,
            browser=browsers.describe(self._visit.user_agent),
            **kept,
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            if Session.objects.filter(key_hash=key_hash).exists():
                raise CreateError from None
            raise  # of somebody who is gone, which no other key helps
        return row

    def cycle_key(self) -> None:
        """Give it another key; it stays the same session, and ends when it would have. That of nobody begins anew.

        Raises SessionInterrupted where it was ended meanwhile: nothing brings it back.
        """
        if SESSION_KEY not in self or self._row is None:
            super().cycle_key()
            return
        key, now = _new_key(), timezone.now()
        kept = self._kept(self._session)  # type: ignore[attr-defined]  # not in the stubs
        if not Session.objects.filter(pk=self._row.pk).update(key_hash=digest(key), last_seen_at=now, **kept):
            raise SessionInterrupted("It was ended before it got another key.")
        self._session_key, self.modified, self.has_new_key = key, True, True

    def begin_anew(self) -> None:
        """Let the next key open another session: this one was ended by what its owner did here, who stays signed in."""
        self._row = None

    def flush(self) -> None:
        super().flush()
        self._row = None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(key_hash=digest(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(ends_at__lt=timezone.now()).delete()


def here(request: HttpRequest) -> UUID:
    """Return the id of the session in which this is asked."""
    return cast(UUID, cast(SessionStore, request.session).row_id)
