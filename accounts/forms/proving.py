"""Who one is, once more."""

from typing import Any

from django import forms

from accounts.forms.passkeys import PasskeyAnswerForm
from accounts.forms.second_factor import CodeField


class ProvingForm(forms.Form):
    """The password once more, and a code where there is a second factor.

    Its fields have names that no other form has: both may be sent together.
    """

    prefix = "again"

    password = forms.CharField(
        label="Your password",
        max_length=200,
        strip=False,
        help_text="The one that you sign in with.",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password"},
    )
    code = CodeField("The six digits that your app shows now, or one of your recovery codes.")

    def __init__(self, *args: Any, with_code: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not with_code:
            del self.fields["code"]


class PasskeyProvingForm(PasskeyAnswerForm):
    """A passkey in the place of both; it stands beside any other form as the password does."""

    prefix = ProvingForm.prefix
