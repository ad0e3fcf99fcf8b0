"""What the forms of changes have in common: lines read by a rule, and values of one kind."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms

from accounts.forms.answers import Answer
from accounts.models.changes import Values
from accounts.rules.letters import at_most, has_letters, readable

Rule = Callable[[str], str]
LONGEST = 100


def line(rule: Rule, *, label: str, required: str = "", **more: Any) -> Answer:
    """Return a field for one line of text; `required` is what is said where it is missing, and may be left out."""
    messages = {"required": required} if required else {}
    return Answer(rule=rule, label=label, required=bool(required), max_length=300, error_messages=messages, **more)


def words(text: str) -> str:
    """Return up to 100 letters with something to read among them. Raises NotTaken."""
    return has_letters(at_most(LONGEST, readable(text)))


class ChangeForm(forms.Form):
    """Values of one kind, and the key of the page on which they are confirmed."""

    form_key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": "This page is out of date. Please start again.", "invalid": "Please start again."},
    )

    def __init__(self, *args: Any, present: Values, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.present = present

    @property
    def key(self) -> uuid.UUID:
        key: uuid.UUID = self.cleaned_data["form_key"]
        return key

    @property
    def values(self) -> Values:
        """Return the values as they would be kept."""
        return self.present | {name: value for name, value in self.cleaned_data.items() if name != "form_key"}

    @staticmethod
    def typed(values: Values) -> dict[str, Any]:
        """Return kept values as the fields of the form show them."""
        return dict(values)
