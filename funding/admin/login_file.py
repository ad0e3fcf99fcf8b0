"""Everything that is kept of one login at a bank, as its page on the desk and those of its bank accounts show it.

Called by logins and bank_file. Reads; no token is among what it returns.
"""

import json
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.html import format_html

from brokerage.sheets import Group, Table, copyable, link_to
from brokerage.template_tags import moment
from funding import states
from funding.models import ACHRelationship, LinkEvent, LinkSession, PlaidItem
from funding.timeline.evidence import without_secrets

HEALTH = {
    states.GOOD: "Works",
    states.EXPIRING: "Access ends soon",
    states.SIGN_IN: "The bank wants a new sign-in",
    states.REVOKED: "Our access was taken back",
    states.GONE: "Plaid holds it no more",
    states.REMOVED: "Removed by us",
}
# How many rows a page shows of what grows.
MOST = 100


def how_it_is(item: PlaidItem) -> list[tuple[str, object]]:
    """Return how one login is, and what is known of its end."""
    return [
        ("How it is", format_html("{} ({})", HEALTH.get(item.health, item.health), item.health)),
        ("Since", moment(item.health_at)),
        ("Plaid’s own word", item.error_code),
        ("Access ends", item.disconnects_at and moment(item.disconnects_at)),
        ("Last read", moment(item.read_at) if item.read_at else "never"),
        ("Last asked by the worker", item.asked_at and moment(item.asked_at)),
        ("Customer signed in again", item.repaired_at and moment(item.repaired_at)),
        ("Asked to sign in again", item.repair_asked_at and moment(item.repair_asked_at)),
        ("Plaid’s id", copyable(item.plaid_item_id)),
        ("How Plaid knows the numbers", item.auth_method),
        ("Given up", item.dropped_at and moment(item.dropped_at)),
        ("Tries to remove it at Plaid", item.removal_tries or ""),
        ("Next try", not item.removed_at and item.removal_next_at and moment(item.removal_next_at)),
        ("Removed at Plaid", item.removed_at and moment(item.removed_at)),
    ]


def groups(item: PlaidItem) -> list[Group]:
    """Return the facts about one login."""
    told = [
        ("Customer", link_to(getattr(item.user, "application", None), item.user.email) or item.user.email),
        ("Bank", item.institution_name or "not known yet"),
        ("Plaid’s id of the bank", item.institution_id),
        ("Made", moment(item.created_at)),
        ("Our id", copyable(item.pk)),
    ]
    return [Group("Whose", told), Group("How it is", how_it_is(item))]


def tables(item: PlaidItem) -> list[Table]:
    """Return the bank accounts of one login, and what has happened to it."""
    passed = sessions(item)
    return [_accounts(item), history(None, item), passes(passed), what_link_said(passed)]


def _accounts(item: PlaidItem) -> Table:
    rows = [
        (link_to(link), link.sending, link.status, moment(link.created_at), link.ended_at and moment(link.ended_at))
        for link in item.relationships.select_related("item").order_by("created_at")
    ]
    heads = ("Bank account", "Our half", "The broker’s half", "Chosen", "Ended")
    return Table("accounts", "Bank accounts through it", heads, rows, empty="None was chosen.")


# --- What has happened ------------------------------------------------------------------------------------------------


def history(link: ACHRelationship | None, item: PlaidItem | None) -> Table:
    """Return what has changed, of the bank account and of its login in one, the newest first."""
    events: list[tuple[str, Any]] = (
        [("bank account", event) for event in link.events.order_by("-at", "-id")[:MOST]] if link else []
    )
    events += [("login", event) for event in item.events.order_by("-at", "-id")[:MOST]] if item else []
    events.sort(key=lambda each: (each[1].at, each[1].pk), reverse=True)
    rows = [_change(of, event) for of, event in events[:MOST]]
    heads = ("When", "Of", "What", "From", "To", "Who", "Because", "Evidence, without secrets")
    note = f"The newest {MOST}." if len(events) >= MOST else ""
    return Table("history", "History, the newest first", heads, rows, note=note)


def _change(of: str, event: Any) -> tuple[object, ...]:
    said = (event.before, event.after, event.actor, event.because, _evidence(event.evidence))
    return (moment(event.at), of, event.field, *said)


def sessions(item: PlaidItem) -> list[LinkSession]:
    passed: QuerySet[LinkSession] = LinkSession.objects.filter(Q(item=item) | Q(updates=item))
    return list(passed.order_by("-created_at")[:20])


def passes(sessions: list[LinkSession]) -> Table:
    rows = [
        (
            moment(each.created_at),
            link_to(each, each.get_purpose_display()),
            each.outcome or "under way",
            each.request_id,
        )
        for each in sessions
    ]
    heads = ("Begun", "What for", "Outcome", "Plaid’s request id")
    return Table("sessions", "Passes through Link, the newest first", heads, rows)


def what_link_said(sessions: list[LinkSession]) -> Table:
    said = LinkEvent.objects.filter(session__in=sessions).order_by("-received_at", "-id")
    rows = [
        (moment(each.received_at), each.name, view_of(each), error_of(each), each.link_session_id, each.request_id)
        for each in said[:MOST]
    ]
    heads = ("When", "What", "View", "Error", "Link’s session id", "Plaid’s request id")
    note = "For Plaid’s support. It comes from the browser, so nothing depends on it."
    return Table("said", "What Link said, the newest first", heads, rows, note=note if rows else "")


def view_of(event: LinkEvent) -> str:
    return str(event.details.get("view_name") or "")


def error_of(event: LinkEvent) -> str:
    """Return Plaid's words for what went wrong, and how the customer left."""
    said = (event.details.get(name) for name in ("error_type", "error_code", "exit_status"))
    return " ".join(str(word) for word in said if word)


def _evidence(found: Any) -> str:
    """Return kept evidence as text, without its secrets."""
    return json.dumps(without_secrets(found), ensure_ascii=False) if found else ""
