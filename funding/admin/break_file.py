"""Everything that is kept of one break, as its page on the desk shows it.

Called by breaks. Reads, and asks no vendor.
"""

import re
import uuid
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Application, BrokerageAccount, User
from brokerage.desk import whose
from brokerage.sheets import Group, Table, link_to
from brokerage.template_tags import moment
from funding import break_evidence, break_kinds, states
from funding.admin import break_decisions, match_deeds
from funding.admin.break_filters import WHOSE
from funding.models import ACHRelationship, Break, PlaidItem
from funding.operations import asking_again

MOST = 100
_OPS = re.compile(r"ops ([0-9a-f]{8}-[0-9a-f-]{27})")
MEANS = {
    break_kinds.CRITICAL: "Money may be missing, have moved twice, or be where it should not be. Look at it today.",
    break_kinds.HIGH: "The two books contradict each other, or something has stopped. No money is known to be missing.",
    break_kinds.LOW: "Our books are behind, or will catch up by themselves. No money hangs on it.",
}
STATES = {
    Break.OPEN: "open",
    Break.ASKED: "waits for a second person",
    Break.HEALED: "healed",
    Break.GONE: "gone: not found any more",
    Break.DISMISSED: "dismissed",
}


def groups(row: Break) -> list[Group]:
    """Return what a break means, what it is about, and since when."""
    return [_meaning(row), _about(row), _when(row)]


def tables(row: Break) -> list[Table]:
    """Return our own lines of the cash, what may be ours, and the history."""
    found = [_lines(row), _doubts(row), _others(row), _history(row)]
    return [table for table in found if table.rows or table.key == "history"]


def proposal(row: Break) -> list[tuple[str, object]]:
    """Return what waits for a second person."""
    return break_decisions.proposed(row)


# --- Facts ------------------------------------------------------------------------------------------------------------


def _meaning(row: Break) -> Group:
    kind = row.about
    heals = f"{kind.heals[:1].upper()}{kind.heals[1:]}."
    closes = "two persons, since money hangs on it" if kind.two_persons else "one person"
    return Group(
        "What it means",
        [
            ("What differs", row.what),
            ("What heals it", heals),
            ("By itself", "yes, in the run that finds it" if kind.by_itself else "no"),
            ("Who closes it by hand", closes),
            ("Whose it is", f"{WHOSE.get(kind.owner, kind.owner)}; {row.owner or 'nobody'} looks at it"),
        ],
        MEANS.get(kind.severity, ""),
    )


def _about(row: Break) -> Group:
    account, cash = row.brokerage_account, match_deeds.cash_of(row)
    bank = row.transfer.relationship if row.transfer else _named(row, "relationship", ACHRelationship)
    return Group(
        "What it is about",
        [
            ("Subject", row.subject),
            ("Transfer", link_to(row.transfer, row.transfer and match_deeds.transfer_in_words(row.transfer))),
            ("Row of cash", link_to(cash, cash and match_deeds.cash_in_words(cash))),
            ("Matched with", link_to(cash.transfer) if cash and cash.transfer_id else ""),
            ("Bank account", link_to(bank)),
            ("Login", link_to(_named(row, "item", PlaidItem))),
            ("Customer", link_to(account.application, account.user.email) if account else ""),
            ("Brokerage account", link_to(account)),
        ],
        "" if account else "Of no account of ours.",
    )


def _named(row: Break, word: str, model: Any) -> Any:
    """Return the row of ours that the subject names, such as "relationship 6f1c…"."""
    first, _, name = row.subject.rpartition(" ")
    with suppress(ValueError):
        return model.objects.filter(pk=uuid.UUID(name)).first() if first == word else None
    return None


# Rows of one person that a break may be about without naming their account.
_OF_A_PERSON = {
    "application": Application,
    "brokerage account": BrokerageAccount,
    "item": PlaidItem,
    "relationship": ACHRelationship,
}


# What a subject begins with, before the id: see the findings of reconciliation.
SUBJECTS = (
    *_OF_A_PERSON,
    "transfer",
    "cash",
    "the broker's transfer",
    "the broker's relationship",
    "the broker's account",
)


def whom(row: Break) -> object:
    """Return the key of the person whom it is about, by its account or by what its subject names; None if nobody."""
    named = (_named(row, word, model) for word, model in _OF_A_PERSON.items())
    return whose(row) or next((whose(each) for each in named if each), None)


def _when(row: Break) -> Group:
    return Group(
        "Since when",
        [
            ("State", STATES.get(row.state, row.state)),
            ("First seen", moment(row.first_seen_at)),
            ("Last seen", moment(row.last_seen_at)),
            ("Ended", row.ended_at and moment(row.ended_at)),
            ("Proposed by", row.asked_by),
            ("Decided by", row.decided_by),
            ("Looked for among", break_evidence.AREA_WORDS.get(row.about.area, "")),
            ("Our id", row.pk),
        ],
    )


# --- Rows -------------------------------------------------------------------------------------------------------------


def _lines(row: Break) -> Table:
    heads = ("What", "Day", "US dollars")
    lines = [(what, on, amount) for what, on, amount in break_evidence.explained(row)]
    note = f"They add up to {row.ours}; the broker says {row.theirs}." if row.kind == Break.CASH else ""
    return Table("lines", "What our books explain of the cash", heads, lines, note=note)


def _doubts(row: Break) -> Table:
    """Return those of ours that it may be; one that waits for a person links to where the two are compared."""
    doubts = asking_again.doubts(row) if row.kind == "MAY_BE_OURS" and row.is_open else []
    rows = [(link_to(each, match_deeds.transfer_in_words(each)), each.sending, _compare(each)) for each in doubts]
    return Table("doubts", "Ours in doubt, of which it may be one", ("Transfer", "Our half", "What to do"), rows)


def _compare(transfer: Any) -> SafeString | str:
    if transfer.sending != states.REVIEW:
        return "It is looked for by itself; “Look for ours now” does not wait."
    url = reverse("admin:funding_transfer_review", args=[transfer.pk])
    return format_html('<a href="{}">Compare with the broker’s</a>', url)


def _others(row: Break) -> Table:
    """Return the other open breaks of the account: as a rule one cause has several."""
    if row.brokerage_account_id is None:
        return Table("others", "", ())
    rows = Break.objects.filter(Q(brokerage_account=row.brokerage_account_id), ended_at=None).exclude(pk=row.pk)
    told = [(link_to(each, each.about.title), each.ours, each.theirs, moment(each.first_seen_at)) for each in rows[:20]]
    return Table("others", "Other open breaks of this account", ("Break", "Ours", "Theirs", "First seen"), told)


def _history(row: Break) -> Table:
    events = list(row.events.order_by("-at", "-id")[:MOST])
    words = [event.actor for event in events]
    owners = [f"ops {pk}" for event in events if event.field == "owner" for pk in (event.before, event.after) if pk]
    named = names([*words, *owners])
    rows = [
        (moment(event.at), *_change(event, named), named.get(event.actor, event.actor), event.because)
        for event in events
    ]
    note = f"The newest {MOST}." if len(events) == MOST else ""
    return Table("history", "History, the newest first", ("When", "What", "Who", "Why"), rows, note=note)


def _change(event: Any, named: dict[str, str]) -> tuple[str]:
    if event.field == "owner":
        to = named.get(f"ops {event.after}", "nobody") if event.after else "nobody"
        return (f"Given to {to}" if event.after else "Let go",)
    if event.field == "seen":
        return ("Looks otherwise",)
    if event.field == "asked again":
        return ("The vendor was asked again",)
    if event.field == "state" and event.after == Break.ASKED:
        return (f"Proposed {break_decisions.in_words(event.evidence)}",)
    if event.before == Break.ASKED and event.after == Break.OPEN:
        return ("Proposal declined",)
    if event.evidence.get("do") == "match":
        return ("Matched by hand",)
    return (f"{STATES.get(event.after, event.after).capitalize()}" if event.before else "Found",)


def names(actors: Iterable[str]) -> dict[str, str]:
    """Return the e-mail of each "ops <id>" among the actors."""
    ids = {found[1]: actor for actor in actors if (found := _OPS.fullmatch(actor))}
    people = User.objects.filter(pk__in=ids).values_list("pk", "email")
    return {ids[str(pk)]: email for pk, email in people}
