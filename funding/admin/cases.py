"""Ops' view of cases, and of accounts that are frozen: frozen by the site or by hand, lifted by two persons."""

from collections.abc import Mapping

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import AccountEvent, BrokerageAccount, User
from brokerage.deeds import Acting, Deed, NotDone, Nothing, Told
from brokerage.desk import customer
from brokerage.template_tags import moment
from funding.models import Case, Freeze
from funding.operations import returns

GONE = "someone else was faster."


# --- Cases ------------------------------------------------------------------------------------------------------------


class Outcome(forms.Form):
    """What a person found."""

    outcome = forms.CharField(
        label="What you found",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5, "cols": 60}),
        help_text="Kept for good, with your name.",
        error_messages={"required": "Say what you found and what was done."},
    )


def _cases() -> QuerySet[Case]:
    return Case.objects.select_related("brokerage_account__user", "brokerage_account__application", "transfer")


def _is_closed(case: Case, person: User) -> str:
    return format_html("This case was closed {}.", moment(case.closed_at)) if case.closed_at else ""


def _case_facts(case: Case, asked: Mapping[str, str]) -> Told:
    frozen = Freeze.stands_for(case.brokerage_account)
    return [
        ("Customer", case.brokerage_account.user.email),
        ("Why it was opened", case.because),
        ("Opened", moment(case.opened_at)),
        ("Account", "frozen; closing the case does not lift that" if frozen else "not frozen"),
    ]


def _close(case: Case, person: User, *, outcome: str) -> str:
    if not returns.close_case(case=case, outcome=outcome, person=person):
        raise NotDone(GONE)
    return f"{case} is closed."


@admin.register(Case)
class CaseDesk(Acting):
    list_display = ("__str__", customer, "because", "opened_at", "closed_at")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), "kind")
    list_select_related = ("transfer", "brokerage_account__user", "brokerage_account__application", "closed_by")
    search_fields = ("=id", "=transfer__id", "^brokerage_account__user__email")
    ordering = ("opened_at", "id")
    deeds = (
        Deed(
            name="close",
            label="Close this case",
            says="The case leaves the queue, with what you found. It frees neither the account nor its bank accounts.",
            permission="funding.change_case",
            rows=_cases,
            hinders=_is_closed,
            facts=_case_facts,
            act=_close,
            form=Outcome,
        ),
    )


# --- Freezes ----------------------------------------------------------------------------------------------------------


def _accounts() -> QuerySet[BrokerageAccount]:
    return BrokerageAccount.objects.select_related("user", "application")


def _freezes() -> QuerySet[Freeze]:
    return Freeze.objects.select_related("brokerage_account__user", "lift_asked_by", "lifted_by")


def _is_frozen(account: BrokerageAccount, person: User) -> str:
    return "This account is frozen already." if Freeze.stands_for(account) else ""


def _account_facts(account: BrokerageAccount, asked: Mapping[str, str]) -> Told:
    waiting = account.transfers.unsent().count()
    return [("Customer", account.user.email), ("Transfers that will be called off", waiting)]


def _freeze(account: BrokerageAccount, person: User, *, because: str) -> str:
    returns.freeze_by_hand(account=account, because=because, person=person)
    return f"{account} of {account.user} is frozen."


def _needs_no_asking(freeze: Freeze, person: User) -> str:
    if freeze.lifted_at:
        return "This freeze is lifted."
    return f"{freeze.lift_asked_by} has asked already; someone else can lift it." if freeze.lift_asked_by else ""


def _cannot_be_lifted(freeze: Freeze, person: User) -> str:
    if freeze.lifted_at:
        return "This freeze is lifted."
    if freeze.lift_asked_by is None:
        return "Nobody has asked to lift it: one person asks, another one lifts."
    return "You asked to lift it, so someone else has to do it." if freeze.lift_asked_by == person else ""


def _freeze_facts(freeze: Freeze, asked: Mapping[str, str]) -> Told:
    why = [("Customer", freeze.brokerage_account.user.email), ("Frozen because", freeze.because)]
    who = [("Frozen by", freeze.frozen_by), ("Frozen", moment(freeze.frozen_at))]
    further = [("And since then because", _reason(event)) for event in freeze.further_reasons]
    if freeze.lift_asked_by is None:
        return [*why, *who, *further]
    return [*why, *who, *further, ("Asked to lift it", freeze.lift_asked_by), ("Because", freeze.lift_because)]


def _reason(event: AccountEvent) -> SafeString:
    return format_html("{}, by {}, {}", event.because, event.actor, moment(event.at))


def _ask(freeze: Freeze, person: User, *, because: str, seen: str) -> str:
    try:
        returns.ask_to_lift(freeze=freeze, because=because, person=person, seen=seen)
    except returns.AskedAlready:
        raise NotDone("somebody has asked already; someone else can lift it.") from None
    except returns.NotFrozen:
        raise NotDone(GONE) from None
    return "Asked. The account stays frozen until someone else lifts it."


def _lift(freeze: Freeze, person: User, *, seen: str) -> str:
    try:
        returns.lift(freeze=freeze, person=person, seen=seen)
    except returns.SamePerson:
        raise NotDone("you asked to lift it, so someone else has to do it.") from None
    except returns.NotFrozen:
        raise NotDone(GONE) from None
    return f"The freeze on the account of {freeze.brokerage_account.user} is lifted; money can move again."


@admin.register(Freeze)
class FreezeDesk(Acting):
    list_display = ("__str__", customer, "because", "frozen_at", "waits_for", "lifted_at")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    list_select_related = ("brokerage_account__user", "lift_asked_by", "lifted_by")
    search_fields = (
        "=id",
        "=brokerage_account__id",
        "=brokerage_account__alpaca_id",
        "^brokerage_account__user__email",
    )
    ordering = ("frozen_at", "id")
    readonly_fields = ("and_since_then_because",)
    deeds = (
        Deed(
            name="freeze",
            label="Freeze this account",
            says="No money moves for this customer, either way, and what was not sent is called off. The customer is "
            "told. It takes two persons to lift it.",
            permission="funding.add_freeze",
            rows=_accounts,
            hinders=_is_frozen,
            facts=_account_facts,
            act=_freeze,
        ),
        Deed(
            name="ask",
            label="Ask to lift this freeze",
            says="Your reason is kept, and someone else is asked to look at it. The account stays frozen meanwhile.",
            permission="funding.change_freeze",
            rows=_freezes,
            hinders=_needs_no_asking,
            facts=_freeze_facts,
            act=_ask,
            stamp_of=returns.stamp_of,
        ),
        Deed(
            name="lift",
            label="Lift this freeze",
            says="Money moves again for this customer. Bank accounts that are stopped stay stopped.",
            permission="funding.change_freeze",
            rows=_freezes,
            hinders=_cannot_be_lifted,
            facts=_freeze_facts,
            act=_lift,
            stamp_of=returns.stamp_of,
            form=Nothing,
        ),
    )

    @admin.display(description="And since then because")
    def and_since_then_because(self, freeze: Freeze) -> SafeString | str:
        return format_html_join("; ", "{}", ((_reason(event),) for event in freeze.further_reasons)) or "–"

    @admin.display(description="Waits for")
    def waits_for(self, freeze: Freeze) -> str:
        if freeze.lifted_at:
            return "nobody: lifted"
        return f"the second person; {freeze.lift_asked_by} asked" if freeze.lift_asked_by else "someone to look into it"
