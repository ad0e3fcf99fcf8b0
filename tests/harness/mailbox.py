"""The mailboxes of people in tests: what was written to them, and the links in it."""

import re
from urllib.parse import urlsplit

from django.core import mail

from accounts.operations import sign_in_letters


def newest_link(email: str) -> str:
    """Have the letters that lead in sent; take the newest to `email` out of its mailbox, and return its link's path."""
    sign_in_letters.deliver(sender="a test")
    letter = [message for message in mail.outbox if message.to == [email]][-1]
    mail.outbox.remove(letter)
    return links_in(str(letter.body))[0]


def links_in(text: str) -> list[str]:
    """Return the path of each link, without the host."""
    return [urlsplit(url).path for url in re.findall(r"https?://\S+", text)]
