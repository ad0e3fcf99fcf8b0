"""Which letters an answer may hold, so that the broker can be sent it in plain ASCII."""

import re
import unicodedata

from anyascii import anyascii
from django.core.exceptions import ValidationError


def no_control_characters(text: str) -> None:
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp") for letter in text):
        raise ValidationError("Use letters that can be seen; something in here can’t.")


def has_broker_letters(text: str) -> None:
    if text and not re.search("[A-Za-z]", anyascii(text)):
        raise ValidationError("Enter a name with letters in it.")
