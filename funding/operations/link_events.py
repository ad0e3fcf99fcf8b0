"""What Link said while somebody passed through it, kept for support: they ask for its session and request ids.

Called by views. It comes from the browser, so nothing depends on it, and it is kept short.
"""

from collections.abc import Mapping, Sequence

from funding import verbatim
from funding.models import LinkEvent, LinkSession

MOST_A_SESSION = 100
# Of all that Link tells (https://plaid.com/docs/link/web/#onevent), what says nothing about the person.
KEPT = ("view_name", "institution_id", "institution_name", "error_type", "error_code", "exit_status", "mfa_type")


def keep(*, session: LinkSession, said: Sequence[Mapping[str, object]]) -> int:
    """Keep events in the order they come, as far as there is room; return how many."""
    room = max(0, MOST_A_SESSION - session.events.count())
    rows = [_row(session, each) for each in said[:room]]
    LinkEvent.objects.bulk_create(rows)
    return len(rows)


def _row(session: LinkSession, said: Mapping[str, object]) -> LinkEvent:
    return LinkEvent(
        session=session,
        name=_text(said.get("name"), 60),
        link_session_id=_text(said.get("link_session_id"), 80),
        request_id=_text(said.get("request_id"), 80),
        details={name: _text(said.get(name), 100) for name in KEPT if said.get(name)},
    )


def _text(value: object, length: int) -> str:
    return verbatim.text(value, length) if isinstance(value, str) else ""
