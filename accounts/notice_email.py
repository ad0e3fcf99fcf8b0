"""A notice as an e-mail: the same words, with a link to the site.

Called by operations.notices. No picture, no style, nothing to load: whoever opens it is not watched.
"""

from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from accounts.models import Notice


def of(notice: Notice) -> EmailMultiAlternatives:
    """Return the e-mail of a notice; as often as it is made, it is the same one."""
    context = {
        "notice": notice,
        "url": f"{settings.SITE_URL}{notice.path}",
        "brand_name": settings.BRAND_NAME,
        "brand_legal_name": settings.BRAND_LEGAL_NAME,
        "support_email": settings.SUPPORT_EMAIL,
    }
    text = render_to_string("email/notice.txt", context)
    message = EmailMultiAlternatives(notice.title, text, to=[notice.user.email], headers=_headers(notice))
    message.attach_alternative(render_to_string("email/notice.html", context), "text/html")
    return message


def _headers(notice: Notice) -> dict[str, str]:
    """Return a name for ever, by which a double is known, and words for machines that would answer."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return {
        "Message-ID": f"<{notice.pk}@{domain}>",
        "Date": format_datetime(notice.created_at),
        "Auto-Submitted": "auto-generated",  # https://www.rfc-editor.org/rfc/rfc3834#section-5
        "X-Auto-Response-Suppress": "All",
        "List-Id": f"<notifications.{domain}>",
    }
