"""The wish for another e-mail address."""

from django import forms

from accounts.forms.answers import email


class EmailForm(forms.Form):
    """The new address."""

    new_email = email(
        "New e-mail address", autocomplete="email", error_messages={"required": "Enter the new e-mail address"}
    )
