"""Signing up and in, and choosing a password."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from accounts import passwords
from accounts.forms.proving import ProvingForm
from accounts.models import User

_LONGEST_EMAIL = 254  # characters, as the column


class MailboxForm(forms.Form):
    """An e-mail address, to write to. What is said of it is the same whoever has it."""

    email = forms.EmailField(
        label="E-mail",
        max_length=_LONGEST_EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Enter your e-mail address",
            "invalid": "Enter an e-mail address such as ada@example.com.",
        },
    )

    def clean_email(self) -> str:
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if len(email) > _LONGEST_EMAIL:  # some letters are longer once they are small
            raise ValidationError("Enter an e-mail address such as ada@example.com.")
        return email


def _new_password(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=passwords.LONGEST_TYPED,
        help_text="At least 12 characters. A few words that don’t belong together are best.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={
            "required": "Choose a password",
            "max_length": f"Choose a password of {passwords.LONGEST} characters at most.",
        },
    )


class NewPasswordForm(forms.Form):
    """A password to sign in with from now on; `user` is who will have it."""

    password = _new_password("Password")

    def __init__(self, *given: Any, user: User, **more: Any) -> None:
        super().__init__(*given, **more)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self.user)
        return password


class ChangePasswordForm(ProvingForm):
    """Who one is, and another password. Whether the present one is right is not told here.

    Or whoever finds an open screen could try passwords here, as often as they like.
    """

    new_password = _new_password("New password")

    def __init__(self, *given: Any, user: User, **more: Any) -> None:
        super().__init__(*given, **more)
        self.user = user

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        password_validation.validate_password(password, self.user)
        if passwords.normal(password) == passwords.normal(self.cleaned_data.get("password", "")):
            raise ValidationError("This is the password that you have. Choose another one.")
        return password


class SignInForm(forms.Form):
    """An e-mail address and a password; only what can be nobody's is told here."""

    username = forms.CharField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={
            "required": "Enter your e-mail address",
            "max_length": "No e-mail address is that long. Check it and try again.",
        },
    )
    password = forms.CharField(
        strip=False,
        max_length=passwords.LONGEST_TYPED,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password", "max_length": "No password here is that long."},
    )
