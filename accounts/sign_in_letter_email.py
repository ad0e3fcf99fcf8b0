"""The words of the letters that lead in. Links begin with SITE_URL, whatever host name the asker's browser gave.

Called by operations.sign_in_letters.
"""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accounts import mail_headers
from accounts.models import SignInLetter

Kind = SignInLetter.Kind

_TITLES = {
    Kind.SIGN_UP: "Confirm your e-mail address",
    Kind.HAS_SIGN_IN: "You have a sign-in already",
    Kind.PASSWORD: "Set a new password",
    Kind.NO_SIGN_IN: "There is no sign-in with this address",
    Kind.NO_PASSWORD: "Your sign-in has no password",
    Kind.STOPPED: "Your sign-in was stopped",
}
_PAGES = {Kind.SIGN_UP: "sign-up-finish", Kind.PASSWORD: "password-new"}


def of(letter: SignInLetter, *, key: str) -> EmailMultiAlternatives:
    """Return the e-mail of a letter, with `key` in its link where it has one."""
    kind = Kind(letter.kind)
    context = {
        "kind": kind,
        "title": _TITLES[kind],
        "expires_at": letter.expires_at,
        "url": _at(_PAGES[kind], key) if key else "",
        "sign_in_url": _at("sign-in"),
        "sign_up_url": _at("sign-up"),
        "password_url": _at("password-forgotten"),
        "brand_name": settings.BRAND_NAME,
        "brand_legal_name": settings.BRAND_LEGAL_NAME,
        "support_email": settings.SUPPORT_EMAIL,
    }
    text = render_to_string("email/sign_in_letter.txt", context)
    message = EmailMultiAlternatives(_TITLES[kind], text, to=[letter.email], headers=mail_headers.of(letter))
    message.attach_alternative(render_to_string("email/sign_in_letter.html", context), "text/html")
    return message


def _at(page: str, *parts: str) -> str:
    return f"{settings.SITE_URL}{reverse(page, args=parts)}"
