"""Signing up and in."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

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
        strip=False,  # signing in takes it as it is typed
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


class SignInForm(AuthenticationForm):
    """Says the same whether the address or the password is wrong."""

    error_messages = {
        "invalid_login": "That e-mail address and password don’t belong together. Check both and try again.",
        "inactive": "That e-mail address and password don’t belong together. Check both and try again.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail"
        self.fields["username"].error_messages["required"] = "Enter your e-mail address"
        self.fields["password"].error_messages["required"] = "Enter your password"
        self.fields["username"].widget = forms.EmailInput(attrs={"autocomplete": "username"})

    def clean_username(self) -> str:
        return User.objects.normalize_email(self.cleaned_data["username"])
