"""What is kept for how long, and what becomes of it then. One rule each; none touches a person under a legal hold.

Called by retention, which adds the hold, the lock and the proof. The rule for what only the other app knows stands
there (funding.operations.closing_retention), with the list of all. The sources:

- SEC rule 17a-4(e)(5), 17 CFR 240.17a-4: the account record of rule 17a-3(a)(17) (who the customer is, and what they
  answered) for six years after the account was closed; 17a-4(c): what belongs to its terms, the signed agreements, as
  long. https://www.ecfr.gov/current/title-17/section-240.17a-4
- Customer identification, 31 CFR 1023.220(a)(3)(ii): identifying information for five years after closing, how it was
  verified for five years after that. Both stand in the account record here, so that its six years include them. Where
  no account came of it, the five years of 31 CFR 1010.430(d) count from the rejection.
  https://www.ecfr.gov/current/title-31/section-1023.220
- SEC rule 17a-4(b)(4): communications with customers for three years.
- No rule wants what was never sent: it goes as soon as nobody can be expected to come back for it. Nor does one want a
  wish for another e-mail address that is over: it is kept as long as somebody may ask who wished it.

Never purged: transfers, authorizations and everything else of money; the rows of applications and accounts and their
histories; the e-mail address, by which a person signs in to read what is kept for them; the texts of agreements.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts import states
from accounts.models import (
    AccountEvent,
    AgreementSignature,
    Application,
    ApplicationEvent,
    BrokerageAccount,
    DeskNote,
    DetailsChange,
    DetailsChangeEvent,
    DisclosureContext,
    DocumentAccess,
    DocumentUpload,
    EmailChange,
    FieldReveal,
    LegalHold,
    Notice,
    Portfolio,
    Session,
    StreamEvent,
    TrustedContact,
    UploadEvent,
)
from accounts.models.streams import DONE, FOR_A_PERSON, SET_ASIDE
from accounts.retention import NO_ADDRESS, Ids, Rule, years_before

# How the warning is named among notices; see retention_warnings.
WARNING = "ANSWERS_KEPT_UNTIL"
NO_WORDS = "No longer kept"
# What stays of an application; every other column is emptied, one that is added later included.
STAYS = frozenset({"id", "user", "status", "status_at", "created_at", "purged_at"})
# Of one that the broker took also: when it was sent, and which notice was shown before.
STAYS_OF_SENT = STAYS | {"sent_at", "identity_notice", "identity_notice_at"}


# --- Applications that were never sent, or never corrected ------------------------------------------------------------


def _draft_cutoff(now: datetime) -> datetime:
    return now - timedelta(days=settings.RETENTION_DRAFT_DAYS)


def _refused_cutoff(now: datetime) -> datetime:
    return now - timedelta(days=settings.RETENTION_REFUSED_DAYS)


def unsent(status: str, *, untouched_since: datetime) -> QuerySet[Application]:
    """Return the applications with answers that stand at DRAFT or REFUSED, and that nobody has touched since then."""
    return Application.objects.filter(status=status, saved_at__lt=untouched_since, status_at__lt=untouched_since)


def warned(*, before: datetime) -> Exists:
    """Return the condition that its customer was told, before then and after the last touch, when it goes."""
    told = Notice.objects.filter(user=OuterRef("user"), kind=WARNING, created_at__lte=before)
    return Exists(told.filter(created_at__gt=OuterRef("saved_at")).filter(created_at__gt=OuterRef("status_at")))


def _long_enough(now: datetime) -> Exists:
    return warned(before=now - timedelta(days=settings.RETENTION_WARNING_DAYS))


def _drafts(now: datetime) -> QuerySet[Application]:
    return unsent(states.DRAFT, untouched_since=_draft_cutoff(now)).filter(_long_enough(now))


def _refused(now: datetime) -> QuerySet[Application]:
    return unsent(states.REFUSED, untouched_since=_refused_cutoff(now)).filter(_long_enough(now))


def _forget_unsent(ids: Ids, by: str, now: datetime) -> None:
    """Empty what was answered and agreed to, so that the customer may begin anew, with the same tax id, too."""
    AgreementSignature.objects.filter(application__in=ids).delete()
    _empty_answers(ids, by, now, stays=STAYS)


def _empty_answers(ids: Ids, by: str, now: datetime, *, stays: frozenset[str]) -> None:
    columns = [field for field in Application._meta.concrete_fields if field.name not in stays]
    empty = {field.name: None if field.null else field.get_default() for field in columns}
    Application.objects.filter(pk__in=ids).update(**empty, purged_at=now)
    for named in (DisclosureContext, TrustedContact):
        named.objects.filter(application__in=ids).delete()
    changes = DetailsChange.objects.filter(brokerage_account__application__in=ids)
    changes.update(before_json="", after_json="", refusal="")
    DetailsChangeEvent.objects.filter(row__brokerage_account__application__in=ids).update(evidence={})
    ApplicationEvent.objects.filter(row__in=ids).update(evidence={})  # the broker's prose may quote an answer
    ApplicationEvent.objects.bulk_create(
        ApplicationEvent(row_id=each, at=now, field="answers", before="kept", after="purged", actor=by) for each in ids
    )


# --- Accounts that are over -------------------------------------------------------------------------------------------


def closed_cutoff(now: datetime) -> datetime:
    return years_before(now, settings.RETENTION_CLOSED_YEARS)


def _rejected_cutoff(now: datetime) -> datetime:
    return years_before(now, settings.RETENTION_REJECTED_YEARS)


def _over(status: str, cutoff: datetime) -> QuerySet[Application]:
    """Return the applications whose account stands at CLOSED or REJECTED since before then, and are not empty yet.

    Nothing comes back once they are; should it, they are due again.
    """
    over = Application.objects.filter(brokerage_account__status=status, brokerage_account__status_at__lt=cutoff)
    found = ~Q(brokerage_account__kyc_results={}) | Q(brokerage_account__portfolio__isnull=False)
    return over.filter(Q(purged_at=None) | Q(purged_at__lt=F("brokerage_account__status_at")) | found)


def _closed(now: datetime) -> QuerySet[Application]:
    return _over(states.CLOSED, closed_cutoff(now))


def _rejected(now: datetime) -> QuerySet[Application]:
    return _over(states.REJECTED, _rejected_cutoff(now))


def _forget_over(ids: Ids, by: str, now: datetime) -> None:
    """Empty the answers and what the broker found out; the account's number stays with its money."""
    _empty_answers(ids, by, now, stays=STAYS_OF_SENT)
    Portfolio.objects.filter(brokerage_account__application__in=ids).delete()
    BrokerageAccount.objects.filter(application__in=ids).update(kyc_results={})
    DocumentUpload.objects.filter(account__application__in=ids).update(refusal="")
    UploadEvent.objects.filter(row__account__application__in=ids).update(evidence={})
    AccountEvent.objects.filter(row__application__in=ids).update(evidence={})


def _agreement_cutoff(now: datetime) -> datetime:
    return years_before(now, settings.RETENTION_AGREEMENT_YEARS)


def _agreements(now: datetime) -> QuerySet[AgreementSignature]:
    over = AgreementSignature.objects.filter(
        application__brokerage_account__status__in=[states.CLOSED, states.REJECTED],
        application__brokerage_account__status_at__lt=_agreement_cutoff(now),
    )
    return over.exclude(ip_address=NO_ADDRESS, user_agent="")


def _forget_agreements(ids: Ids, by: str, now: datetime) -> None:
    """Drop from where it was signed, and with what; that it was, when, and which text stays."""
    AgreementSignature.objects.filter(pk__in=ids).update(ip_address=NO_ADDRESS, user_agent="")


# --- Wishes for another e-mail address --------------------------------------------------------------------------------


def _email_cutoff(now: datetime) -> datetime:
    return now - timedelta(days=settings.RETENTION_EMAIL_CHANGE_DAYS)


def _emails(now: datetime) -> QuerySet[EmailChange]:
    ended = EmailChange.objects.exclude(status__in=states.OPEN_EMAIL_CHANGE)
    return ended.filter(status_at__lt=_email_cutoff(now)).exclude(new_email="")


def _forget_emails(ids: Ids, by: str, now: datetime) -> None:
    EmailChange.objects.filter(pk__in=ids).update(old_email="", new_email="", ip_address=NO_ADDRESS, user_agent="")


# --- What was told, and what ops did ----------------------------------------------------------------------------------


def _notice_cutoff(now: datetime) -> datetime:
    return years_before(now, settings.RETENTION_NOTICE_YEARS)


def _notices(now: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(created_at__lt=_notice_cutoff(now)).exclude(body="")


def _forget_notices(ids: Ids, by: str, now: datetime) -> None:
    Notice.objects.filter(pk__in=ids).update(title=NO_WORDS, body="")


def _desk_cutoff(now: datetime) -> datetime:
    return years_before(now, settings.RETENTION_DESK_YEARS)


def _notes(now: datetime) -> QuerySet[DeskNote]:
    """Return old notes about people who have no account, and none that was closed since."""
    living = BrokerageAccount.objects.filter(user=OuterRef("person")).exclude(
        status__in=[states.CLOSED, states.REJECTED], status_at__lt=_desk_cutoff(now)
    )
    return DeskNote.objects.filter(~Exists(living), at__lt=_desk_cutoff(now)).exclude(text="")


def _forget_notes(ids: Ids, by: str, now: datetime) -> None:
    DeskNote.objects.filter(pk__in=ids).update(text="")


def _looks(now: datetime) -> QuerySet[FieldReveal]:
    return FieldReveal.objects.filter(at__lt=_desk_cutoff(now))


def _forget_looks(ids: Ids, by: str, now: datetime) -> None:
    FieldReveal.objects.filter(pk__in=ids).delete()


def _accesses(now: datetime) -> QuerySet[DocumentAccess]:
    return DocumentAccess.objects.filter(at__lt=_desk_cutoff(now))


def _forget_accesses(ids: Ids, by: str, now: datetime) -> None:
    DocumentAccess.objects.filter(pk__in=ids).delete()


def _vendor_cutoff(now: datetime) -> datetime:
    return now - timedelta(days=settings.WEBHOOK_KEEP_DAYS)


def _parked(now: datetime) -> QuerySet[StreamEvent]:
    return _words_of_events(_vendor_cutoff(now), *FOR_A_PERSON, SET_ASIDE)


def _news_cutoff(now: datetime) -> datetime:
    return now - timedelta(days=settings.STREAM_EVENT_KEEP_DAYS)


def _news(now: datetime) -> QuerySet[StreamEvent]:
    return _words_of_events(_news_cutoff(now), DONE)


def _words_of_events(before: datetime, *states: str) -> QuerySet[StreamEvent]:
    """Return old news with its words, but of accounts whose person is under a legal hold."""
    held = BrokerageAccount.objects.filter(LegalHold.on("user")).values("alpaca_id")
    old = StreamEvent.objects.filter(state__in=states, received_at__lt=before).exclude(body="")
    return old.exclude(account_id__in=held)


def _forget_events(ids: Ids, by: str, now: datetime) -> None:
    StreamEvent.objects.filter(pk__in=ids).update(body="")


def _sessions(now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(ends_at__lt=now)


def _forget_sessions(ids: Ids, by: str, now: datetime) -> None:
    Session.objects.filter(pk__in=ids).delete()


RULES: tuple[Rule, ...] = (
    Rule("drafts", "Answers never sent", _draft_cutoff, _drafts, _forget_unsent),
    Rule("refused", "Answers refused and never corrected", _refused_cutoff, _refused, _forget_unsent),
    Rule("rejected", "Answers of whom the broker rejected", _rejected_cutoff, _rejected, _forget_over),
    Rule("closed", "Answers of whose account is closed", closed_cutoff, _closed, _forget_over),
    Rule(
        "agreements",
        "From where agreements were signed",
        _agreement_cutoff,
        _agreements,
        _forget_agreements,
        person="application__user",
    ),
    Rule("emails", "Addresses of ended e-mail changes", _email_cutoff, _emails, _forget_emails),
    Rule("notices", "Words of notices", _notice_cutoff, _notices, _forget_notices),
    Rule("notes", "Notes of ops", _desk_cutoff, _notes, _forget_notes, person="person"),
    Rule("looks", "What ops were shown", _desk_cutoff, _looks, _forget_looks, person="person"),
    Rule(
        "accesses",
        "Who asked for documents",
        _desk_cutoff,
        _accesses,
        _forget_accesses,
        person="document__brokerage_account__user",
    ),
    Rule("parked", "What parked news of the broker’s said", _vendor_cutoff, _parked, _forget_events, person=""),
    Rule("news", "What the broker’s news said", _news_cutoff, _news, _forget_events, person=""),
    Rule("sessions", "Sign-ins that have expired", lambda now: now, _sessions, _forget_sessions, person=""),
)
BY_NAME = {rule.name: rule for rule in RULES}
