"""The device's answer about a passkey, which a script fills in, and the name that a person gives to it."""

from typing import Any

from django import forms


class UsedOnceInput(forms.HiddenInput):
    """What a script fills in anew each time, so that a page has no need to repeat it."""

    def format_value(self, value: Any) -> None:
        """Show nothing."""


class PasskeyAnswerForm(forms.Form):
    """What the browser says of a key, as JSON."""

    answer = forms.CharField(
        max_length=20_000,
        widget=UsedOnceInput(attrs={"data-passkey-answer": ""}),  # where the script puts it
        error_messages={"required": "Your device has not answered. This needs JavaScript, and a device with passkeys."},
    )


class NewPasskeyForm(PasskeyAnswerForm):
    """A new key, and how its owner calls it."""

    name = forms.CharField(
        label="Name of the device",
        max_length=60,
        help_text="Such as “My phone”, to know it by.",
        error_messages={"required": "Give the device a name"},
    )
