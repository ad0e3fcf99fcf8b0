"""Ways to break what must be true of changes of details, closings and documents: invariants 7 and 15."""

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts import states as account_states
from accounts.models import DetailsChange, DocumentUpload, EmailChange
from brokerage.status import note
from funding import states
from funding.models import Closing
from funding.operations.invariants import people
from tests import make
from tests.funding.breaking.ways import breaks
from tests.funding.standing import Customer

LONG_AGO = timedelta(days=2)


def begun(row: Any, status: str) -> Any:
    """Give a row the history that a sound one of this status would have, as far as its last step goes."""
    note(row, field="status", after=type(row)._meta.get_field("status").default, actor="Ada")
    if status != type(row)._meta.get_field("status").default:
        note(row, field="status", before=type(row)._meta.get_field("status").default, after=status, actor="Ada")
    return row


def change(ada: Customer, status: str, **more: Any) -> DetailsChange:
    values = {"kind": "contact", "before_json": "{}", "after_json": "{}", "form_key": uuid.uuid4()}
    made = DetailsChange.objects.create(brokerage_account=ada.account, status=status, **(values | more))
    return begun(made, status)


def closing(ada: Customer, status: str, **more: Any) -> Closing:
    values = {"form_key": uuid.uuid4(), "ip_address": make.VISIT.ip_address}
    made = Closing.objects.create(brokerage_account=ada.account, status=status, **(values | more))
    return begun(made, status)


def email_change(ada: Customer, status: str, **more: Any) -> EmailChange:
    values = {"old_email": ada.user.email, "new_email": "new@example.com", "ip_address": make.VISIT.ip_address}
    return begun(EmailChange.objects.create(user=ada.user, status=status, **(values | more)), status)


# --- 15: nothing is stuck ---------------------------------------------------------------------------------------------


@breaks(people.changing_too_long, "is not done after a day")
def a_change_that_is_never_done(ada: Customer) -> DetailsChange:
    return change(ada, account_states.RESERVED, created_at=timezone.now() - LONG_AGO)


@breaks(people.change_sent_too_long, "stands in SENDING for more than a minute")
def a_change_whose_sender_died(ada: Customer) -> DetailsChange:
    return change(ada, account_states.SENDING, status_at=timezone.now() - timedelta(minutes=2))


@breaks(people.email_confirmed_too_long, "was confirmed, and is not done after a day")
def an_address_that_never_comes(ada: Customer) -> EmailChange:
    return email_change(ada, account_states.CONFIRMED, status_at=timezone.now() - LONG_AGO)


@breaks(people.closing_too_long, "is not done after a day")
def a_closing_that_is_never_done(ada: Customer) -> Closing:
    return closing(ada, states.RESERVED, created_at=timezone.now() - LONG_AGO)


@breaks(people.closing_sent_too_long, "stands in SENDING for more than a minute")
def a_closing_whose_sender_died(ada: Customer) -> Closing:
    return closing(ada, states.SENDING, status_at=timezone.now() - timedelta(minutes=2))


@breaks(people.document_sent_too_long, "is on its way for more than three minutes")
def a_document_whose_sender_died(ada: Customer) -> DocumentUpload:
    document = DocumentUpload.objects.create(
        account=ada.account, form_key=uuid.uuid4(), kind="w8ben", sha256="0" * 64, size=1,
        content_type="application/pdf", actor="Ada", status_at=timezone.now() - timedelta(minutes=4),
    )  # fmt: skip
    document.begin_history()
    return document


# --- 7: every history is whole ----------------------------------------------------------------------------------------


@breaks(("change of details", "status"), "may not go from ACCEPTED to SENDING")
def a_change_that_is_sent_after_its_end(ada: Customer) -> DetailsChange:
    made = change(ada, account_states.SENDING)
    DetailsChange.objects.update(status=account_states.SENDING)
    note(made, field="status", before=account_states.SENDING, after=account_states.ACCEPTED, actor="broker")
    note(made, field="status", before=account_states.ACCEPTED, after=account_states.SENDING, actor="nobody")
    return made


@breaks(("e-mail change", "status"), "ends with ASKED, and the row says DONE")
def an_address_changed_by_hand(ada: Customer) -> EmailChange:
    made = email_change(ada, account_states.ASKED)
    EmailChange.objects.update(status=account_states.DONE)
    return made


@breaks(("closing", "status"), "may not go from DONE to SENDING")
def an_account_closed_twice(ada: Customer) -> Closing:
    made = closing(ada, states.SENDING)
    note(made, field="status", before=states.SENDING, after=states.DONE, actor="broker")
    note(made, field="status", before=states.DONE, after=states.SENDING, actor="nobody")
    return made
