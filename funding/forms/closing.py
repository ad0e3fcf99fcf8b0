"""The last word before an account is closed."""

import uuid

from django import forms

from accounts.forms.password_again import PasswordForm


class ClosingForm(PasswordForm):
    """That it is understood, the password once more, and the key of the page."""

    form_key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": "This page is out of date. Please start again.", "invalid": "Please start again."},
    )
    understood = forms.BooleanField(
        label="I understand that a closed account can’t be opened again",
        error_messages={"required": "Say that you understand this"},
    )

    field_order = ("understood", "password")

    @property
    def key(self) -> uuid.UUID:
        key: uuid.UUID = self.cleaned_data["form_key"]
        return key
