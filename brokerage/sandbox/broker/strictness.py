"""How closely an application, or a change to an account, is read: what day it is, and which switches are on.

Made by the endpoints of accounts; handed down to the rules, which know no books.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import query
from brokerage.sandbox.broker.refusal import Refusal, bad_parameter

# Clocks differ. A signature may be so many seconds ahead of the later of the real clock and the sandbox's own.
SKEW = 300


@dataclass(frozen=True)
class Strictness:
    today: date  # in New York
    signed_until: float  # the last second at which something can have been signed by now
    wants_context: bool  # of each disclosure that is answered with yes
    wants_agreements: bool  # all that the kind of account and its assets call for


def strictness(books: Books) -> Strictness:
    return Strictness(
        today=query.today(books),
        signed_until=max(books.now(), time.time()) + SKEW,
        wants_context=bool(books.setting("require_disclosure_context")),
        wants_agreements=bool(books.setting("require_agreements")),
    )


@contextmanager
def refusing_fields(books: Books) -> Iterator[None]:
    """Raises Refusal: 422 for a field that breaks a rule, or 400 where the sandbox is told to answer so."""
    try:
        yield
    except Refusal as refusal:
        if refusal.status == 422 and int(books.setting("invalid_field_status")) == 400:
            raise bad_parameter(refusal.message) from None
        raise
