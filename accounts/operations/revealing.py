"""Showing someone of ops one value that the desk hides, and keeping that they were shown it.

Called by the desk. The row that says who looked, at what and why is committed before the value is read; the value
itself is returned and kept nowhere: neither in the row nor in a log, a message, an address or a session.

The tax id is not among what can be shown: whoever must compare it has its last four digits, and the broker has it
whole.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.models import (
    Application,
    BrokerageAccount,
    DetailsChange,
    DocumentUpload,
    FieldReveal,
    TrustedContact,
    User,
)
from accounts.operations import audit

log = logging.getLogger(__name__)

MOST = 20  # refusals of each kind


class NothingToShow(Exception):
    """Nothing was answered there, or it is not kept any more."""


@dataclass(frozen=True)
class Hidden:
    """One thing that the desk hides; `of` reads it, one line each."""

    label: str
    of: Callable[[Application], list[str]]


def _birth(application: Application) -> list[str]:
    return [application.date_of_birth]


def _phone(application: Application) -> list[str]:
    return [application.phone]


def _address(application: Application) -> list[str]:
    street = [application.street_address, application.street_address_2, application.unit]
    town = f"{application.city}, {application.state} {application.postal_code} {application.country}"
    return [*street, town] if application.street_address else []


def _employer_address(application: Application) -> list[str]:
    return [application.employer_address]


def _trusted_contact(application: Application) -> list[str]:
    found = TrustedContact.objects.filter(application=application).first()
    if found is None:
        return []
    place = [found.street_address, found.city, found.state, found.postal_code, found.country]
    return [
        f"{found.given_name} {found.family_name}",
        found.email_address,
        found.phone,
        ", ".join(filter(None, place)) if found.street_address else "",
    ]


def _named_in_disclosures(application: Application) -> list[str]:
    return [
        f"{context.get_kind_display()}: {context.given_name} {context.family_name}"
        for context in application.contexts.order_by("kind")
        if context.given_name or context.family_name
    ]


def _refusals(application: Application) -> list[str]:
    """Return what the broker wrote of the application, and of changes and documents, the newest of each first."""
    changes = DetailsChange.objects.filter(brokerage_account__application=application).order_by("-status_at")
    uploads = DocumentUpload.objects.filter(account__application=application).order_by("-status_at")
    later: list[DetailsChange | DocumentUpload] = list(changes.exclude(refusal="")[:MOST])
    later += uploads.exclude(refusal="")[:MOST]
    return [application.refusal, *(f"{row}: {row.refusal}" for row in later)]


def _account_number(application: Application) -> list[str]:
    account = BrokerageAccount.objects.filter(application=application).first()
    return [account.account_number] if account else []


def _checks(application: Application) -> list[str]:
    """Return what the broker checked and what it says of each, in its own words."""
    account = BrokerageAccount.objects.filter(application=application).first()
    found = account.kyc_results if account and isinstance(account.kyc_results, dict) else {}
    return [line for verdict, said in found.items() for line in _check(verdict, said)]


def _check(verdict: str, said: Any) -> list[str]:
    if isinstance(said, dict):
        return [f"{verdict}: {code}{f' ({detail})' if detail else ''}" for code, detail in said.items()]
    if isinstance(said, list):
        return [f"{verdict}: {code}" for code in said]
    return [f"{verdict}: {said}"] if said else []


# What can be shown, by the name under which the look is kept.
FIELDS: dict[str, Hidden] = {
    "date of birth": Hidden("Date of birth", _birth),
    "phone": Hidden("Phone number", _phone),
    "address": Hidden("Home address", _address),
    "employer address": Hidden("Employer’s address", _employer_address),
    "trusted contact": Hidden("Trusted contact", _trusted_contact),
    "named person": Hidden("Person named in a disclosure", _named_in_disclosures),
    "account number": Hidden("Number of the brokerage account", _account_number),
    "checks": Hidden("What the broker checked, and what it says of it", _checks),
    "refusal": Hidden("What the broker wrote when it refused", _refusals),
}


def reveal(*, application: Application, field: str, because: str, person: User, ip_address: str) -> str:
    """Return what the desk hides under `field`, one line each, having kept that `person` was shown it.

    Raises NothingToShow; a look that finds nothing is kept as well.
    """
    with transaction.atomic(durable=True):
        FieldReveal.objects.create(
            person=application.user, field=field, by=person, because=because, ip_address=ip_address
        )
        about, name = audit.subject(application.user), field.replace(" ", "_")
        audit.record(audit.Deed.FIELD_REVEALED, actor=f"ops {person.pk}", about=about, field=name)
    log.info("application %s: %s shown to ops %s", application.pk, field, person.pk)
    shown = "\n".join(filter(None, FIELDS[field].of(application)))
    if not shown:
        raise NothingToShow
    return shown
