"""The password once more, and with it the wish for another e-mail address."""

from typing import Any

from django import forms

from accounts.forms.change_form import line
from accounts.rules.emails import email_for_broker


class PasswordForm(forms.Form):
    """The password once more."""

    password = forms.CharField(
        label="Your password",
        max_length=200,
        strip=False,
        help_text="The one that you sign in with.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password"},
    )


class EmailForm(PasswordForm):
    """The new address, and the password once more."""

    new_email = line(email_for_broker, label="New e-mail address", required="Enter the new e-mail address")

    field_order = ("new_email", "password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_email"].widget.input_type = "email"
        self.fields["new_email"].widget.attrs["autocomplete"] = "email"
