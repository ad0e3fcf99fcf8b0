"""The e-mail address as the broker takes it."""

import re

from accounts.rules import NotTaken

LONGEST = 100
# What follows a plus sign is an alias, which the broker does not count: ada+broker@example.com
LONGEST_WITHOUT_ALIAS = 60
_EMAIL = re.compile(r"[!-?A-~]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z0-9-]*[A-Za-z0-9]")


def email_for_broker(text: str) -> str:
    """Return the address. Raises NotTaken when it is none, or longer than the broker's field."""
    address = text.strip()
    if len(address) > LONGEST or len(re.sub(r"\+[^@]*", "", address)) > LONGEST_WITHOUT_ALIAS:
        raise NotTaken(
            f"The broker takes e-mail addresses of up to {LONGEST_WITHOUT_ALIAS} letters. Use a shorter one."
        )
    if not _EMAIL.fullmatch(address) or ".." in address:
        raise NotTaken("Enter an e-mail address in plain letters, such as ada@example.com.")
    return address
