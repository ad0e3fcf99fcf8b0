"""The last word before an account is closed."""

import uuid

from django import forms


class ClosingForm(forms.Form):
    """That it is understood, and the key of the page."""

    form_key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": "This page is out of date. Please start again.", "invalid": "Please start again."},
    )
    understood = forms.BooleanField(
        label="I understand that a closed account can’t be opened again",
        error_messages={"required": "Say that you understand this"},
    )

    @property
    def key(self) -> uuid.UUID:
        key: uuid.UUID = self.cleaned_data["form_key"]
        return key
