"""Whether applications, brokerage accounts and what belongs to them still fit together here, without asking anybody.

Called by account_reconciliation.
"""

import uuid
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from accounts import states
from accounts.findings import Finding
from accounts.models import Application, ApplicationEvent, BrokerageAccount
from brokerage.status import note

CHUNK = 500
CODE = "PERSON"


def check_all(*, dry_run: bool) -> Iterator[Finding]:
    """Yield what does not fit together; a tax id that should be gone is dropped, unless this is a dry run."""
    without = Application.objects.filter(status=states.ACCEPTED, brokerage_account=None)
    yield from _left(without, "application", "accepted, and there is no brokerage account")
    yield from _accounts(BrokerageAccount.objects.all())
    yield from _bound_twice()
    yield from _tax_ids(Application.objects.filter(status=states.ACCEPTED), dry_run=dry_run)


def check_one(account: BrokerageAccount, *, dry_run: bool) -> Iterator[Finding]:
    """The same for one account and its application."""
    yield from _accounts(BrokerageAccount.objects.filter(pk=account.pk))
    applications = Application.objects.filter(pk=account.application_id, status=states.ACCEPTED)
    yield from _tax_ids(applications, dry_run=dry_run)


def _accounts(accounts: QuerySet[BrokerageAccount]) -> Iterator[Finding]:
    not_accepted = accounts.filter(~Q(application__status=states.ACCEPTED))
    yield from _left(not_accepted, "brokerage account", "its application was not accepted")
    others = accounts.exclude(user=F("application__user"))
    yield from _left(others, "brokerage account", "its application is another person's")
    unsigned = accounts.filter(application__signatures=None)
    yield from _left(unsigned, "brokerage account", "no agreement was signed")


def _left(rows: "QuerySet[Application] | QuerySet[BrokerageAccount]", kind: str, what: str) -> Iterator[Finding]:
    for pk in rows.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=CHUNK):
        yield Finding(f"{kind} {pk}", what, mended=False, code=CODE)


def _bound_twice() -> Iterator[Finding]:
    """Yield accounts of the broker for which two applications were accepted."""
    accepted = ApplicationEvent.objects.filter(field="status", after=states.ACCEPTED, evidence__alpaca_id__isnull=False)
    bound = accepted.order_by().values("evidence__alpaca_id").annotate(applications=Count("row", distinct=True))
    for row in bound.filter(applications__gt=1).iterator(chunk_size=CHUNK):
        what = f"{row['applications']} applications were accepted for it"
        yield Finding(f"the broker's account {row['evidence__alpaca_id']}", what, mended=False, code=CODE)


def _tax_ids(applications: QuerySet[Application], *, dry_run: bool) -> Iterator[Finding]:
    for pk in applications.exclude(tax_id="").order_by("pk").values_list("pk", flat=True).iterator(chunk_size=CHUNK):
        if not dry_run:
            _drop_tax_id(pk)
        yield Finding(f"application {pk}", "its tax id was kept after the broker had it", mended=True, code=CODE)


def _drop_tax_id(pk: uuid.UUID) -> None:
    with transaction.atomic(durable=True):
        application = Application.objects.select_for_update().get(pk=pk)
        application.tax_id = ""
        application.save(update_fields=["tax_id"])
        note(application, field="tax_id", before="kept", after="dropped", actor="reconciliation")
