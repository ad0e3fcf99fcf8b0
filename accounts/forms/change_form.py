"""What the forms of changes have in common: values of one kind, and the key of their page."""

import uuid
from typing import Any

from django import forms

from accounts.models.changes import Values


class ChangeForm(forms.Form):
    """Values of one kind, and the key of the page on which they are confirmed.

    A kind's form adds the form of the application that asks for the same, so that both keep the same rules.
    """

    form_key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": "This page is out of date. Please start again.", "invalid": "Please start again."},
    )

    def __init__(self, *args: Any, present: Values, **kwargs: Any) -> None:
        self.present = present
        super().__init__(*args, **kwargs)

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
