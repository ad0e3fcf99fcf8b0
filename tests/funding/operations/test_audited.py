"""What customers do with their money and banks leaves an entry in the audit, and a wish repeated leaves no second."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import AuditEntry
from accounts.operations.audit import Deed
from funding.models import ACHRelationship
from funding.operations import canceling, candidates, endings, transfers
from tests import make
from tests.funding.standing import IN, Customer


def told(since: int = 0) -> list[tuple[str, str, str, dict[str, Any]]]:
    entries = AuditEntry.objects.filter(number__gt=since).order_by("number")
    return [(each.deed, each.actor, each.about, each.facts) for each in entries]


@pytest.mark.django_db
def test_a_bank_that_is_linked_is_kept() -> None:
    account = make.account(make.user())
    link = ACHRelationship(brokerage_account=account, mask="0001", subtype="checking")

    candidates.begin(account=account, link=link, verified=True, replacing=False, actor="customer 1")

    facts = {"account": str(account.pk)}
    assert told() == [(Deed.BANK_LINKED, "customer 1", f"achrelationship {link.pk}", facts)]


def test_a_transfer_is_kept_once_and_so_is_the_wish_to_cancel_it(ada: Customer) -> None:
    customer, before = f"customer {ada.user.pk}", AuditEntry.objects.count()
    key = transfers.form_key(user=ada.user, direction=IN)
    for _ in range(2):
        transfer = transfers.request_transfer(
            user=ada.user,
            account=ada.account,
            direction=IN,
            amount=Decimal("50.00"),
            form_key=key,
            visit=make.VISIT,
            agreed_to=ada.agreed_to("50.00"),
        )
    canceling.cancel(transfer=transfer, actor=customer)

    about = f"transfer {transfer.pk}"
    assert told(since=before) == [
        (Deed.TRANSFER_ASKED, customer, about, {"direction": IN}),
        (Deed.TRANSFER_CANCELED, customer, about, {"sent": False}),
    ]


def test_one_that_was_sent_is_kept_as_sent(ada: Customer) -> None:
    transfer, before = ada.move("50.00"), AuditEntry.objects.count()

    canceling.cancel(transfer=transfer, actor="ops 1")

    assert told(since=before) == [(Deed.TRANSFER_CANCELED, "ops 1", f"transfer {transfer.pk}", {"sent": True})]


def test_unlinking_is_kept(ada: Customer) -> None:
    before = AuditEntry.objects.count()

    endings.ask_to_unlink(relationship=ada.relationship, actor=f"customer {ada.user.pk}")

    about = f"achrelationship {ada.relationship.pk}"
    assert told(since=before) == [(Deed.BANK_UNLINKED, f"customer {ada.user.pk}", about, {})]
