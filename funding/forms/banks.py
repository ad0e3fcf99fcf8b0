"""What comes back from Plaid Link, and what customers choose about their bank."""

import json
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from stdnum.us import rtn

from funding.forms.money import OneText
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


class Unseen(OneText):
    """One line of text that is not shown again after an error: whoever looks over the shoulder sees it once."""

    def format_value(self, value: Any) -> None:
        return None


class NumbersForm(forms.Form):
    """The numbers of a bank account, as they stand on a check. They are never shown again."""

    owner_name = forms.CharField(
        label="Name of the owner",
        max_length=100,
        help_text="As your bank has it. It must be you.",
        error_messages={"required": "Enter the owner’s name as your bank has it"},
    )
    kind = forms.ChoiceField(
        label="Type of account",
        choices=[("checking", "Checking"), ("savings", "Savings")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose checking or savings"},
    )
    routing_number = forms.CharField(
        label="Routing number",
        help_text="Nine digits, at the bottom left of a check.",
        widget=OneText(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Enter the routing number, nine digits"},
    )
    account_number = forms.CharField(
        label="Account number",
        help_text="4 to 17 digits, right of the routing number.",
        widget=Unseen(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Enter the account number, 4 to 17 digits"},
    )

    def clean_owner_name(self) -> str:
        name: str = " ".join(self.cleaned_data["owner_name"].split())
        if not name.isprintable() or not any(letter.isalpha() for letter in name):
            raise ValidationError("Enter the name in letters, as your bank has it")
        return name

    def clean_routing_number(self) -> str:
        digits = _digits(self.cleaned_data["routing_number"])
        nine = re.fullmatch(r"[0-9]{9}", digits)
        if not nine or not rtn.is_valid(digits) or not _is_given_out(int(digits[:2])):
            raise ValidationError("That is not a routing number. It has nine digits; check each one.")
        return digits

    def clean_account_number(self) -> str:
        digits = _digits(self.cleaned_data["account_number"])
        if not re.fullmatch(r"[0-9]{4,17}", digits) or not digits.strip("0"):
            raise ValidationError("That is not an account number. It has 4 to 17 digits; leave letters out.")
        return digits


def _digits(text: str) -> str:
    """Return what was typed without the spaces and dashes that people put between digits."""
    return re.sub(r"[ -]", "", text.strip())


def _is_given_out(prefix: int) -> bool:
    """Say whether banks have routing numbers that begin so. (American Bankers Association, routing number policy)"""
    return 1 <= prefix <= 12 or 21 <= prefix <= 32 or 61 <= prefix <= 72 or prefix == 80
