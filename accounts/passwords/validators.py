"""The rules for a new password, in the order in which they are told; each says in a sentence what to do.

Named in AUTH_PASSWORD_VALIDATORS. As NIST SP 800-63B-4 (3.1.1.2) has it: a length, and lists of what is guessed first;
no kinds of letters that must be in it, and no day on which it has to be changed. Never called where somebody signs in.
"""

import unicodedata
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from accounts.passwords import LONGEST, SHORTEST, breached, normal, weak

_HELP = "A few words that don’t belong together are best."


class Length:
    """From 12 to 128 characters, whatever their alphabet."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(unicodedata.normalize("NFC", password)) < SHORTEST:  # one sign that stands for a sentence is one
            raise ValidationError(f"Use at least {SHORTEST} characters. {_HELP}", code="too_short")
        if len(normal(password)) > LONGEST:
            raise ValidationError(f"Use {LONGEST} characters at most.", code="too_long")

    def get_help_text(self) -> str:
        return f"At least {SHORTEST} characters. {_HELP}"


class NotAboutYou:
    """Hardly made of the person's e-mail address, or of our name."""

    def validate(self, password: str, user: Any = None) -> None:
        ours = [settings.BRAND_NAME, *settings.BRAND_NAME.split()]
        if weak.is_about(password, [*weak.words_of(getattr(user, "email", "")), *filter(None, ours)]):
            raise ValidationError(
                "This is made of your e-mail address or our name, which others would try first. Use other words.",
                code="about_you",
            )

    def get_help_text(self) -> str:
        return "Not your e-mail address, nor our name."


class NotARow:
    """More than rows of keys, and more than one thing again and again."""

    def validate(self, password: str, user: Any = None) -> None:
        if weak.is_a_row(password):
            raise ValidationError(
                f"This is hardly more than a row of keys, or the same again and again. {_HELP}", code="row"
            )

    def get_help_text(self) -> str:
        return "No rows of keys."


class NotCommon:
    """None of the 20,000 that most people have, in Django's list, and none of them with digits or a year around it."""

    def __init__(self) -> None:
        self._common = CommonPasswordValidator().passwords

    def validate(self, password: str, user: Any = None) -> None:
        if weak.is_common(password, self._common):
            raise ValidationError(f"Too many people have this password, or one like it. {_HELP}", code="common")

    def get_help_text(self) -> str:
        return "None that many people have."


class NotBreached:
    """None of the stolen ones that come with the site, or in BREACHED_PASSWORDS_FILE, where there is such a file."""

    def validate(self, password: str, user: Any = None) -> None:
        path = settings.BREACHED_PASSWORDS_FILE
        if breached.is_known(password) or (path and breached.contains(path, password)):
            raise ValidationError(
                "This password was stolen somewhere, so others would try it. Choose one that you use nowhere else.",
                code="breached",
            )

    def get_help_text(self) -> str:
        return "One that you use nowhere else."
