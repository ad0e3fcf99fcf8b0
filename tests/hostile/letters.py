"""Every e-mail that the site sends, made but not sent."""

from collections.abc import Iterator

from django.core.mail import EmailMultiAlternatives

from accounts import letter_email, notice_email
from accounts.models import EmailChange, Letter, Notice, User
from tests.make import VISIT


def everything(user: User, new_email: str = "new@example.com") -> Iterator[EmailMultiAlternatives]:
    change = EmailChange(user=user, old_email=user.email, new_email=new_email, ip_address=VISIT.ip_address)
    for kind in Letter.Kind:
        yield letter_email.of(Letter(change=change, kind=kind))
    for notice in Notice.objects.filter(user=user):
        yield notice_email.of(notice)


def html(message: EmailMultiAlternatives) -> str:
    return "".join(str(content) for content, _ in message.alternatives)
