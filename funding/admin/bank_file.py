"""Everything that is kept of one bank account, as its page on the desk shows it.

Called by banks. Reads; no token, no number and no owner's name is among what it returns.
"""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from brokerage import money
from brokerage.sheets import Group, Table, copyable, link_to
from brokerage.template_tags import moment
from funding.admin import login_file
from funding.models import ACHRelationship, PlaidItem
from funding.operations import endings, succession


def groups(link: ACHRelationship) -> list[Group]:
    """Return the facts about one bank account."""
    return [_bank(link), _login(link.item), _at_the_broker(link), _stops(link), _succession(link), _end(link)]


def tables(link: ACHRelationship) -> list[Table]:
    """Return what has happened to one bank account, and through it."""
    sessions = login_file.sessions(link.item) if link.item else []
    said = [login_file.passes(sessions), login_file.what_link_said(sessions)]
    return [_transfers(link), login_file.history(link, link.item), *said]


def _bank(link: ACHRelationship) -> Group:
    account = link.brokerage_account
    return Group(
        "Bank account",
        [
            ("Customer", link_to(account.application, account.user.email)),
            ("Name on the application", account.holder),
            ("Brokerage account", link_to(account)),
            ("Bank", link.institution_name if link.item else "not named"),
            ("Account", f"{link.name} {link.mask}".strip()),
            ("Kind", link.account_label),
            ("Verified", link.verification or ("by the bank itself" if link.item else "not by anybody")),
            ("Chosen", moment(link.created_at)),
            ("Our id", copyable(link.pk)),
        ],
    )


def _login(item: PlaidItem | None) -> Group:
    if item is None:
        return Group("Login at the bank", [], "None: the customer typed the numbers.")
    return Group("Login at the bank", [("Login", link_to(item)), *login_file.how_it_is(item)])


def _at_the_broker(link: ACHRelationship) -> Group:
    return Group(
        "At the broker",
        [
            ("Our half", link.sending),
            ("Since", moment(link.sending_at)),
            ("The broker’s half", link.status or "it has none yet"),
            ("The broker’s since", link.status_at and moment(link.status_at)),
            ("The broker’s id", copyable(link.alpaca_id)),
            ("Newest news", link.news_at and moment(link.news_at)),
            ("Reason", link.reason),
        ],
    )


def _stops(link: ACHRelationship) -> Group:
    if link.suspended_at is None and link.lost_at is None:
        return Group("Stops", [], "Nothing is stopped.")
    return Group(
        "Stops",
        [
            ("Stopped", link.suspended_at and stop_of(link)),
            ("Since", link.suspended_at and moment(link.suspended_at)),
            *why_stopped(link),
            ("Can’t be reached", link.get_lost_because_display()),
            ("Not reached since", link.lost_at and moment(link.lost_at)),
        ],
    )


def why_stopped(link: ACHRelationship) -> list[tuple[str, object]]:
    """Return all reasons of a stop that stands, the oldest first, and the one that its customer reads."""
    told: list[tuple[str, object]] = []
    for number, event in enumerate(link.standing_stops()):
        told += [("And by" if number else "By", event.actor), ("Because", event.because)]
    return [*told, ("The customer reads", link.suspended_because)] if told else [("Because", link.suspended_because)]


def stop_of(link: ACHRelationship) -> str:
    return "deposits only" if link.suspended_deposits_only else "deposits and withdrawals"


def _succession(link: ACHRelationship) -> Group:
    before, after = succession.one_before(link), succession.one_after(link)
    if before is None and after is None:
        return Group("Before and after", [], "It follows none, and none follows it.")
    takes = "Is to replace" if link.is_candidate else "Replaces"
    gives = "Replaced by" if link.ended_at else "Is to be replaced by"
    return Group("Before and after", [(takes, _named(before)), (gives, _named(after))])


def _named(link: ACHRelationship | None) -> SafeString | str:
    return format_html("{}, {} {}", link_to(link), link.sending, link.status) if link else ""


def _end(link: ACHRelationship) -> Group:
    if link.ending_at is None:
        return Group("End", [("Ended", link.ended_at and moment(link.ended_at))], _not_asked(link))
    living = link.ended_at is None
    return Group(
        "End",
        [
            ("Asked for", moment(link.ending_at)),
            ("Because", link.get_ending_because_display()),
            ("Transfers it waits for", living and endings.under_way(link).count()),
            ("Tries at the broker", link.ending_tries),
            ("Next try", living and link.ending_next_at and moment(link.ending_next_at)),
            ("Last error", link.ending_error),
            ("Ended", link.ended_at and moment(link.ended_at)),
        ],
    )


def _not_asked(link: ACHRelationship) -> str:
    return "" if link.ended_at else "Nobody has asked for it."


def owner_checks(link: ACHRelationship) -> Table:
    """Return each look at whose bank account it is; the names themselves are not even read."""
    checks = link.owner_checks.defer("owner_names")
    rows = [
        (
            moment(check.at),
            check.get_outcome_display(),
            check.get_method_display(),
            "" if check.score is None else f"{check.score} of 100",
            "; ".join(map(str, check.reasons)),
            check.actor,
        )
        for check in checks
    ]
    heads = ("When", "Outcome", "How", "Score", "Reasons", "Who")
    return Table("owners", "Whose account it is", heads, rows, empty="Nothing was compared yet.")


def _transfers(link: ACHRelationship) -> Table:
    url = f"{reverse('admin:funding_transfer_changelist')}?relationship__id__exact={link.pk}"
    newest = link.transfers.select_related("relationship__item").order_by("-created_at", "-id")
    rows = [
        (
            moment(each.created_at),
            link_to(each, each.short_reference),
            "deposit" if each.is_deposit else "withdrawal",
            money.show(each.amount),
            f"{each.sending} {each.status}".strip(),
            each.return_code,
        )
        for each in newest[:20]
    ]
    note = format_html('<a href="{}">All of them</a>', url) if rows else ""
    heads = ("Asked for", "Transfer", "What", "Amount", "Status", "Return")
    return Table("through-it", "Transfers through it, the newest first", heads, rows, note=note)
