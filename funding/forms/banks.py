"""What comes back from Plaid Link, and what customers choose about their bank."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from funding.operations.linking import Seen

LONGEST_EVENTS = 20_000
MOST_ACCOUNTS = 50


class LinkResultForm(forms.Form):
    """What Plaid Link gave the browser. Only the public token is used; the rest serves to find what is linked."""

    public_token = forms.CharField(max_length=200)
    institution_id = forms.CharField(max_length=40, required=False)
    institution_name = forms.CharField(max_length=100, required=False)
    accounts = forms.CharField(max_length=10_000, required=False)

    @property
    def seen(self) -> Seen:
        return Seen(
            institution_id=self.cleaned_data["institution_id"],
            institution_name=self.cleaned_data["institution_name"],
            accounts=_names_and_masks(self.cleaned_data["accounts"]),
        )


def _names_and_masks(text: str) -> tuple[tuple[str, str], ...]:
    """Return name and mask of each account that a text of JSON tells of; anything odd tells of none."""
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return ()
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    return tuple((str(row.get("name") or ""), str(row.get("mask") or "")) for row in rows[:MOST_ACCOUNTS])


class LinkEventsForm(forms.Form):
    """What Link said meanwhile: a JSON list of objects."""

    events = forms.CharField(max_length=LONGEST_EVENTS)

    def clean_events(self) -> list[dict[str, Any]]:
        try:
            said = json.loads(self.cleaned_data["events"])
        except (ValueError, RecursionError):
            raise ValidationError("no JSON") from None
        if not isinstance(said, list):
            raise ValidationError("no list")
        return [each for each in said if isinstance(each, dict)]


class ChooseAccountForm(forms.Form):
    """One of the accounts that the customer shared."""

    account = forms.ChoiceField(
        label="Account", widget=forms.RadioSelect, error_messages={"required": "Choose one account"}
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = choices
