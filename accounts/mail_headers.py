"""What our e-mails say to machines. Used by whatever writes one for a row that waits to be sent."""

from email.utils import format_datetime, parseaddr
from typing import Any

from django.conf import settings


def of(row: Any) -> dict[str, str]:
    """Return a name for ever, by which a double is known, and words for machines that would answer."""
    return {
        "Message-ID": f"<{row.pk}@{domain()}>",
        "Date": format_datetime(row.created_at),
        "Auto-Submitted": "auto-generated",  # https://www.rfc-editor.org/rfc/rfc3834#section-5
        "X-Auto-Response-Suppress": "All",
    }


def domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
