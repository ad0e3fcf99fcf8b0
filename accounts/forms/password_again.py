"""The password once more, and with it the wish for another e-mail address."""

from django import forms

from accounts.forms.answers import email
from accounts.passwords import LONGEST_TYPED


class PasswordForm(forms.Form):
    """The password once more."""

    password = forms.CharField(
        label="Your password",
        max_length=LONGEST_TYPED,
        strip=False,
        help_text="The one that you sign in with.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password"},
    )


class EmailForm(PasswordForm):
    """The new address, and the password once more."""

    new_email = email(
        "New e-mail address", autocomplete="email", error_messages={"required": "Enter the new e-mail address"}
    )

    field_order = ("new_email", "password")
