"""Who one is, once more."""

from django import forms


class ProvingForm(forms.Form):
    """The password once more. Its fields have names that no other form has: both may be sent together."""

    prefix = "again"

    password = forms.CharField(
        label="Your password",
        max_length=200,
        strip=False,
        help_text="The one that you sign in with.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password"},
    )
