"""The letters of a change of e-mail address, and the signed tokens in their links.

Called by operations.email_change. A token names a letter and is signed for this purpose alone; it is made anew whenever
the letter is, and always comes out the same. How long it is good for stands in the row of the change.
"""

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from accounts import mail_headers
from accounts.models import Letter

Kind = Letter.Kind

_SIGNER = signing.Signer(salt="accounts.letter_email")
_TITLES = {
    Kind.CONFIRM_OLD: "Confirm that you want another e-mail address",
    Kind.CONFIRM_NEW: "Confirm your new e-mail address",
    Kind.ADDRESS_WANTED: "Somebody asked to use your e-mail address",
    Kind.CHANGED: "You sign in with another e-mail address now",
}
WITH_LINK = (Kind.CONFIRM_OLD, Kind.CONFIRM_NEW)


class BadToken(Exception):
    """Nobody was sent this token, or it was altered on the way."""


def token(letter: Letter) -> str:
    return _SIGNER.sign(str(letter.pk))


def letter_id(token: str) -> UUID:
    """Return which letter a token came with. Raises BadToken."""
    try:
        return UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        raise BadToken from None


def of(letter: Letter) -> EmailMultiAlternatives:
    """Return the e-mail of a letter; as often as it is made, it is the same one."""
    kind = Kind(letter.kind)
    path = reverse("email-confirm", args=[token(letter)]) if kind in WITH_LINK else ""
    context = {
        "kind": kind,
        "title": _TITLES[kind],
        "expires_at": letter.change.expires_at,
        "url": f"{settings.SITE_URL}{path}",
        "brand_name": settings.BRAND_NAME,
        "brand_legal_name": settings.BRAND_LEGAL_NAME,
        "support_email": settings.SUPPORT_EMAIL,
    }
    text = render_to_string("email/letter.txt", context)
    message = EmailMultiAlternatives(_TITLES[kind], text, to=[letter.to], headers=mail_headers.of(letter))
    message.attach_alternative(render_to_string("email/letter.html", context), "text/html")
    return message
