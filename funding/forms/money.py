"""What customers type about money."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from brokerage import money
from funding import states


class OneText(forms.TextInput):
    """One line of text; sent twice it counts as not understood, since nobody can tell which one was meant."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        sent = data.getlist(name) if hasattr(data, "getlist") else [data.get(name)]
        return " and ".join(sent) if len(sent) > 1 else super().value_from_datadict(data, files, name)


class AmountField(forms.CharField):
    """Dollars and cents; gives a Decimal with two places."""

    widget = OneText(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> Decimal:
        try:
            return money.parse(super().clean(value))
        except money.AmountNotUnderstood as wrong:
            raise ValidationError(wrong.customer_message) from None


class AmountForm(forms.Form):
    """An amount, the key of the page it was confirmed on, and what stands for the words that were shown there."""

    amount = AmountField(error_messages={"required": "Enter an amount, such as 250.00"})
    form_key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": "This page is out of date. Please start again.", "invalid": "Please start again."},
    )

    agreed_to = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, direction: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.direction = direction
        label = "Amount to deposit" if direction == states.INCOMING else "Amount to withdraw"
        self.fields["amount"].label = label
        self.fields["amount"].widget.template_name = "django/forms/widgets/amount.html"

    @property
    def key(self) -> uuid.UUID:
        key: uuid.UUID = self.cleaned_data["form_key"]
        return key


class FilterForm(forms.Form):
    """Which transfers a customer wants to see; all of it lives in the URL."""

    ANY = ""
    MOVING, SETTLED, STOPPED = "moving", "settled", "stopped"

    direction = forms.ChoiceField(
        label="Type",
        required=False,
        choices=[(ANY, "Deposits and withdrawals"), (states.INCOMING, "Deposits"), (states.OUTGOING, "Withdrawals")],
    )
    status = forms.ChoiceField(
        required=False,
        choices=[(ANY, "Any"), (MOVING, "On its way"), (SETTLED, "Settled"), (STOPPED, "Returned or refused")],
    )
    since = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter a day that exists, such as 2026-11-24."},
    )
