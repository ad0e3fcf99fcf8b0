"""Signing up and in."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from accounts import passwords
from accounts.models import User
from accounts.operations.people import EmailTaken


class SignUpForm(forms.ModelForm):
    """An e-mail address and a password."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Enter your e-mail address",
            "invalid": "Enter an e-mail address such as ada@example.com.",
        },
    )
    password = forms.CharField(
        error_messages={"required": "Choose a password"},
        help_text="At least 12 characters. A few words that don’t belong together are best.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        email = User.objects.normalize_email(self.cleaned_data["email"])
        if User.objects.filter(email=email).exists():
            raise ValidationError(EmailTaken.customer_message)
        return email

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        if answers.get("password"):
            try:
                password_validation.validate_password(answers["password"], User(email=answers.get("email", "")))
            except ValidationError as weak:
                self.add_error("password", weak)
        return answers


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
        # More than the longest that can be chosen: letters with marks may come in pieces.
        max_length=4 * passwords.LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password", "max_length": "No password here is that long."},
    )
