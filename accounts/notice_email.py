"""A notice as an e-mail: the same words, with a link to the site.

Called by operations.notices. No picture, no style, nothing to load: whoever opens it is not watched.
"""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from accounts import mail_headers
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
    headers = mail_headers.of(notice) | {"List-Id": f"<notifications.{mail_headers.domain()}>"}
    message = EmailMultiAlternatives(notice.title, text, to=[notice.user.email], headers=headers)
    message.attach_alternative(render_to_string("email/notice.html", context), "text/html")
    return message
