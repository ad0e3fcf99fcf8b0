"""Ops' view of what guards the money: brakes on deposits, other limits for one customer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html

from accounts.models import BrokerageAccount, User
from brokerage import money
from brokerage.deeds import Acting, Because, Deed, NotDone, Told
from brokerage.desk import customer
from brokerage.template_tags import moment
from funding import states
from funding.forms import AmountField
from funding.models import Brake, LimitOverride, Transfer
from funding.operations import limits, return_rates

# --- Brakes -----------------------------------------------------------------------------------------------------------


def _brakes() -> QuerySet[Brake]:
    return Brake.objects.select_related("lifted_by")


def _is_lifted(brake: Brake, person: User) -> str:
    return format_html("This brake was lifted {}.", moment(brake.lifted_at)) if brake.lifted_at else ""


def _brake_facts(brake: Brake, asked: Mapping[str, str]) -> Told:
    then = f"{brake.returned} of {brake.debits} debits had come back"
    now = [(f"Now, {each.name}", f"{each.returned} of {each.debits}, {each.word}") for each in return_rates.rates()]
    return [("When it was engaged", then), ("Engaged", moment(brake.engaged_at)), *now]


def _lift(brake: Brake, person: User, *, because: str) -> str:
    try:
        return_rates.lift_brake(brake=brake, because=because, person=person)
    except return_rates.NotEngaged:
        raise NotDone("someone else has lifted it.") from None
    others = Brake.objects.filter(lifted_at=None).count()
    return f"Lifted. {'Another brake is still on.' if others else 'Customers can deposit again.'}"


@admin.register(Brake)
class BrakeDesk(Acting):
    lists_people = False
    list_display = ("__str__", "returned", "debits", "engaged_at", "lifted_at", "lifted_by")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter), "rate")
    list_select_related = ("lifted_by",)
    ordering = ("engaged_at", "id")
    deeds = (
        Deed(
            name="lift",
            label="Lift this brake",
            says="Customers can deposit again, unless another brake is on. It engages anew when one more debit comes "
            "back and the rate is still over its limit.",
            permission="funding.change_brake",
            rows=_brakes,
            hinders=_is_lifted,
            facts=_brake_facts,
            act=_lift,
        ),
    )


# --- Limits of one customer -------------------------------------------------------------------------------------------


class OptionalAmount(AmountField):
    """Dollars and cents, or nothing."""

    def __init__(self, label: str) -> None:
        super().__init__(label=label, required=False, help_text="Empty: everybody’s limit.")

    def clean(self, value: Any) -> Any:
        return super().clean(value) if value and value.strip() else None


LONGEST = timedelta(days=5 * 366)  # a limit that is to last longer has no end; databases have one, in the year 9999


class LimitsForm(Because):
    """Other limits than everybody's, in one direction."""

    direction = forms.ChoiceField(choices=Transfer.Direction, label="For")
    per_transfer = OptionalAmount("In one transfer")
    per_day = OptionalAmount("Per banking day")
    per_30_days = OptionalAmount("In 30 days")
    until = forms.DateTimeField(
        label="In force until",
        required=False,
        help_text="New York time. Empty: until it is replaced.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    field_order = ("direction", "per_transfer", "per_day", "per_30_days", "until", "because")

    def clean_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["until"]
        if until is not None and until <= timezone.now():
            raise ValidationError("Choose a time to come, or leave it empty.")
        if until is not None and until > timezone.now() + LONGEST:
            raise ValidationError("Choose a time within five years, or leave it empty.")
        return until


def _accounts() -> QuerySet[BrokerageAccount]:
    return BrokerageAccount.objects.select_related("user", "application")


def _always(account: BrokerageAccount, person: User) -> str:
    return ""


def _limit_facts(account: BrokerageAccount, asked: Mapping[str, str]) -> Told:
    """Return what is in force and what is left, each way."""
    ways = ((states.INCOMING, "Deposits"), (states.OUTGOING, "Withdrawals"))
    return [("Customer", account.user.email), *[(word, _left(account, direction)) for direction, word in ways]]


def _left(account: BrokerageAccount, direction: str) -> str:
    found = limits.remaining(account=account, direction=direction)
    return "; ".join(f"{each.label.lower()} {money.show(each.left)} of {money.show(each.of)}" for each in found)


def _set(account: BrokerageAccount, person: User, **asked: Any) -> str:
    amounts: list[Decimal | None] = [asked["per_transfer"], asked["per_day"], asked["per_30_days"]]
    limits.set_override(account=account, set_by=person, **asked)
    word = limits.WORDS[asked["direction"]]
    if any(amount is not None for amount in amounts):
        return f"{account.user} has {word} limits of their own now."
    return f"Everybody’s {word} limits count for {account.user} again."


@admin.register(LimitOverride)
class LimitOverrideDesk(Acting):
    """Every limit that was ever set; the newest one of a customer and direction counts."""

    list_display = (
        customer,
        "direction",
        "per_transfer",
        "per_day",
        "per_30_days",
        "until",
        "because",
        "set_by",
        "created_at",
    )
    list_filter = ("direction",)
    list_select_related = ("brokerage_account__user", "set_by")
    search_fields = ("=id", "=brokerage_account__id", "^brokerage_account__user__email")
    deeds = (
        Deed(
            name="set",
            label="Set this customer’s limits",
            says="These limits count instead of everybody’s from the next transfer on, and replace what was set before "
            "whole. With no amounts everybody’s limits count again. The broker’s own limits stay.",
            permission="funding.add_limitoverride",
            rows=_accounts,
            hinders=_always,
            facts=_limit_facts,
            act=_set,
            form=LimitsForm,
        ),
    )
