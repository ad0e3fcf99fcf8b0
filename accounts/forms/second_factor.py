"""The code of a second factor."""

from django import forms


class CodeField(forms.CharField):
    """Six digits of the app, or a recovery code."""

    def __init__(self, help_text: str) -> None:
        super().__init__(
            label="Code",
            max_length=60,
            help_text=help_text,
            widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}),
            error_messages={"required": "Enter the code", "max_length": "This is too long for a code"},
        )


class CodeForm(forms.Form):
    """A code when signing in."""

    code = CodeField("The six digits that your app shows now, or one of your recovery codes.")


class FirstCodeForm(forms.Form):
    """The first code of an app: it shows that the app has the secret."""

    code = CodeField("The six digits that your app shows now.")
