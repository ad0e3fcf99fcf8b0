"""Everything that is kept of one person, as their page on the desk shows it.

Called by applications. Reads; what is theirs alone is masked (see person_answers).
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from accounts import application_queues, states, wording
from accounts.admin import person_answers, person_story
from accounts.models import AgreementText, Application, Assignment, BrokerageAccount, LegalHold
from accounts.operations import handling, legal_holds
from accounts.wording import Words
from brokerage.sheets import Group, Table, copyable, link_to
from brokerage.template_tags import moment

NOTICES_SHOWN = 50
_NOT_SENT = Words("", "clock", "Not sent", "The application isn’t sent", "The customer goes on with their answers.")
_PURGED = Words("", "minus", "Not kept", "The answers are not kept any longer", "Whoever wants to can begin anew.")


def words(application: Application) -> Words:
    """Return what the customer reads of their application now."""
    if application.status == states.DRAFT:
        return _PURGED if application.is_purged else _NOT_SENT
    return wording.of_application(application, account_of(application))


def account_of(application: Application) -> BrokerageAccount | None:
    found: BrokerageAccount | None = getattr(application, "brokerage_account", None)
    return found


def groups(application: Application, *, may_look: bool) -> list[Group]:
    """Return the facts about one person; `may_look` gives the ways to what is hidden."""
    account = account_of(application)
    hold = legal_holds.standing(about=application.user)
    return [
        _person(application, handling.standing_assignment(about=application.user), hold),
        _application(application, may_look=may_look),
        _account(account, may_look=may_look),
        _elsewhere(account),
        *person_answers.pages(application, may_look=may_look),
    ]


def tables(application: Application, *, may_look: bool) -> list[Table]:
    """Return what the broker found, what was signed and told, and everything that happened."""
    return [
        _notes(application),
        _checks(account_of(application), may_look=may_look),
        _agreements(application),
        _notices(application),
        _looks(application),
        person_story.everything(application),
    ]


def _person(application: Application, seen_to: Assignment | None, hold: LegalHold | None) -> Group:
    user = application.user
    return Group(
        "Person",
        [
            ("E-mail", link_to(user)),
            ("Name", application.full_name),
            ("May sign in", "Yes" if user.is_active else "No: stopped"),
            ("Signed up", moment(user.created_at)),
            ("Signed in last", moment(user.last_login) if user.last_login else "never"),
            ("Seen to by", format_html("{}, since {}", seen_to.to, moment(seen_to.at)) if seen_to else "nobody"),
            ("Legal hold", hold and format_html("since {}: {}", moment(hold.placed_at), hold.because)),
            ("Answers purged on", application.purged_at and moment(application.purged_at)),
        ],
    )


def _application(application: Application, *, may_look: bool) -> Group:
    # The broker's prose may quote an answer, so that it is hidden as those are.
    refusal = person_answers.hidden(application, "refusal", may_look) if application.refusal else None
    return Group(
        "Application",
        [
            ("Status", application.status),
            ("Since", moment(application.status_at)),
            ("Waits for", application_queues.waits_for(application)),
            ("Begun", moment(application.created_at)),
            ("Saved last", application.saved_at and moment(application.saved_at)),
            ("Sent by the customer", application.sent_at and moment(application.sent_at)),
            ("Identity notice shown", application.identity_notice_at and moment(application.identity_notice_at)),
            ("Why the broker refused it", refusal),
            ("Our id", copyable(application.pk)),
        ],
    )


def _account(account: BrokerageAccount | None, *, may_look: bool) -> Group:
    if account is None:
        return Group("Brokerage account", [], "The broker has opened none.")
    number = person_answers.hidden(account.application, "account number", may_look, ends=account.number_mask)
    return Group(
        "Brokerage account",
        [
            ("Account", link_to(account)),
            ("Account number", account.account_number and number),
            ("Status at the broker", account.status),
            ("Since", moment(account.status_at)),
            ("Newest news", account.news_at and moment(account.news_at)),
            ("Blocks", ", ".join(account.blocks) or "none"),
            ("Liquidation only", ", ".join(account.liquidation_only)),
            ("The broker’s id", copyable(account.alpaca_id)),
        ],
    )


# The other app's desks of what hangs on an account; named, since this app does not import that one.
_DESKS = (
    ("Bank accounts", "achrelationship"),
    ("Transfers", "transfer"),
    ("Cases", "case"),
    ("Freezes", "freeze"),
    ("Limits of their own", "limitoverride"),
    ("Closings", "closing"),
)


def _elsewhere(account: BrokerageAccount | None) -> Group:
    if account is None:
        return Group("Money", [], "None, without an account.")
    return Group("Money", [(label, _list_of(account, desk, label)) for label, desk in _DESKS])


def _list_of(account: BrokerageAccount, desk: str, label: str) -> object:
    try:
        url = reverse(f"admin:funding_{desk}_changelist", query={"brokerage_account__id__exact": account.pk})
    except NoReverseMatch:
        return None
    return format_html('<a href="{}">See the list<span class="visually-hidden"> of {}</span></a>', url, label.lower())


def _notes(application: Application) -> Table:
    notes = application.user.desk_notes.select_related("by").order_by("-at", "-id")
    rows = [(moment(note.at), note.by, note.text or "not kept any longer") for note in notes]
    return Table("notes", "Notes, for ops alone", ("When", "By", "Note"), rows)


def _checks(account: BrokerageAccount | None, *, may_look: bool) -> Table:
    """Return how many checks came to what; which, and what the broker wrote of them, is shown to who says why."""
    rows = list(verdicts(account)) if account else []
    told = account is not None and account.kyc_results
    note = person_answers.hidden(account.application, "checks", may_look) if account and told else ""
    empty = "The broker has told nothing of it."
    return Table("checks", "What the broker checked", ("Verdict", "How many"), rows, note=note, empty=empty)


def verdicts(account: BrokerageAccount) -> Iterator[tuple[str, int]]:
    """Yield how many checks came to each verdict of the broker's."""
    found = account.kyc_results if isinstance(account.kyc_results, dict) else {}
    for verdict in ("accept", "indeterminate", "reject"):
        codes = found.get(verdict)
        if isinstance(codes, dict | list) and codes:
            yield verdict, len(codes)


def _agreements(application: Application) -> Table:
    signatures = application.signatures.select_related("text")
    rows = [
        (
            moment(signature.signed_at),
            signature.text.title if signature.text else signature.agreement,
            signature.revision,
            signature.broker_revision or "not named",
            _whose_text(signature.text),
            signature.ip_address,
            signature.user_agent,
        )
        for signature in signatures
    ]
    heads = ("Signed", "Agreement", "Revision", "The broker’s revision", "Text", "Address", "Browser")
    return Table("agreements", "Agreements", heads, rows)


def _whose_text(text: AgreementText | None) -> str:
    if text is None:
        return "not kept"
    return "sample" if text.is_sample else "the firm’s own"


def _notices(application: Application) -> Table:
    notices: QuerySet[Any] = application.user.notices.order_by("-created_at", "-id")[:NOTICES_SHOWN]
    rows = [(moment(each.created_at), link_to(each, each.title), _by_email(each), _read(each)) for each in notices]
    note = f"The newest {NOTICES_SHOWN}." if len(rows) == NOTICES_SHOWN else ""
    return Table("told", "What they were told", ("When", "What", "By e-mail", "Read"), rows, note=note)


def _by_email(notice: Any) -> object:
    if notice.emailed_at:
        return moment(notice.emailed_at)
    return f"not delivered: {notice.email_error}" if notice.given_up_at else "waits, or is being tried"


def _read(notice: Any) -> object:
    return moment(notice.read_at) if notice.read_at else "no"


def _looks(application: Application) -> Table:
    looks = application.user.reveals.select_related("by").order_by("-at", "-id")
    rows = [(moment(each.at), each.by, each.field, each.because, each.ip_address) for each in looks]
    heads = ("When", "Who looked", "At what", "Because", "From")
    return Table("looks", "Who looked at what is hidden", heads, rows, empty="Nobody.")
