"""Fields that are read by a rule of accounts.rules, with its sentence beside them where it refuses."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.rules import NotTaken, countries, emails


class Answer(forms.CharField):
    """Text; `rule` returns it as it is kept, or raises NotTaken.

    One that `is_conditional` has to be answered by some and by others not: it is not called optional.
    """

    def __init__(
        self, *, rule: Callable[[str], str], autocomplete: str = "off", is_conditional: bool = False, **more: Any
    ) -> None:
        if is_conditional:
            more["required"] = False
        more.setdefault("widget", forms.TextInput(attrs={"autocomplete": autocomplete}))
        super().__init__(**more)
        self.rule = rule
        self.is_conditional = is_conditional

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if not text:
            return text
        try:
            return self.rule(text)
        except NotTaken as no:
            raise ValidationError(str(no)) from None


def country(
    label: str, *, missing: str, only: list[str] | None = None, but: str = "", **more: Any
) -> forms.ChoiceField:
    """Return a choice of a country, the United States first; of `only` these where they are given, and without one."""
    known = [(code, name) for code, name in countries.COUNTRIES if (only is None or code in only) and code != but]
    first = [pair for pair in known if pair[0] == "USA"]
    return forms.ChoiceField(
        label=label,
        choices=[("", "Choose a country"), *first, *(pair for pair in known if pair[0] != "USA")],
        widget=forms.Select(attrs={"autocomplete": more.pop("autocomplete", "off")}),
        error_messages={"required": missing},
        **more,
    )


def email(label: str, **more: Any) -> Answer:
    """Return a field for an e-mail address as the broker takes it."""
    widget = forms.EmailInput(attrs={"autocomplete": more.pop("autocomplete", "off")})
    return Answer(label=label, rule=emails.email_for_broker, max_length=100, widget=widget, **more)


def yes_no(label: str, help_text: str = "") -> forms.TypedChoiceField:
    """Return a question with two answers and none chosen: not answered is not "no"."""
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        choices=[("True", "Yes"), ("False", "No")],
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no"},
    )


def one_of(label: str, choices: type[Any], *, missing: str, **more: Any) -> forms.ChoiceField:
    """Return a list to choose from, with nothing chosen."""
    options = [("", "Choose one"), *choices.choices]
    return forms.ChoiceField(label=label, choices=options, error_messages={"required": missing}, **more)
