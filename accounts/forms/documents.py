"""What the list of documents is narrowed to."""

from typing import Any

from django import forms

from accounts.document_list import TITLES


class DocumentFilterForm(forms.Form):
    """A kind and a year, both of them optional; sent with GET."""

    kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[("", "All kinds"), *TITLES.items()],
        error_messages={"invalid_choice": "Choose a kind from the list"},
    )
    year = forms.TypedChoiceField(
        label="Year",
        required=False,
        coerce=int,
        error_messages={"invalid_choice": "Choose a year from the list"},
    )

    def __init__(self, *args: Any, years: list[int], **options: Any) -> None:
        super().__init__(*args, **options)
        # Django's types know a form's fields as plain fields, which have no choices.
        self.fields["year"].choices = [("", "All years"), *((year, year) for year in years)]  # type: ignore[attr-defined]
