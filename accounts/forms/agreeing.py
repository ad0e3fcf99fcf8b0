"""Agreeing to each text, which is the one that was shown. Nothing is ticked beforehand."""

from collections.abc import Set
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.agreements import Text

CHANGED = "This text has changed since you opened the page. Read it, and agree again."


class AgreementsForm(forms.Form):
    """One box per text; the hidden digest beside it says which words were shown."""

    def __init__(self, data: Any = None, *, texts: list[Text], signed: Set[str] = frozenset()) -> None:
        super().__init__(data)
        self.texts = texts
        for text in texts:
            self.fields[text.name] = forms.BooleanField(
                label=f"I have read the {text.title.lower()} and agree to it",
                initial=text.digest in signed,
                error_messages={"required": f"Agree to the {text.title.lower()} to go on"},
            )
            self.fields[_shown(text)] = forms.CharField(
                required=False, initial=text.digest, widget=forms.HiddenInput, max_length=64
            )

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        for text in self.texts:
            if answers.get(text.name) and answers.get(_shown(text)) != text.digest:
                self.add_error(text.name, ValidationError(CHANGED))
        return answers


def _shown(text: Text) -> str:
    return f"{text.name}_shown"
