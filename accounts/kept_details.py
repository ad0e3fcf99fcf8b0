"""Where each kind of details is kept, read and written as plain values.

Called by operations and pages. A kind's values are a flat dict of columns; a disclosure's context is one in itself.
"""

from typing import Any

from accounts.models import Application, DisclosureContext, TrustedContact
from accounts.models.changes import DetailsChange, Values

Kind = DetailsChange.Kind

ADDRESS = ("street_address", "street_address_2", "unit", "city", "state", "postal_code", "country")
WORK = ("employment_status", "employment_sector", "employer_name", "employer_address", "employment_position")
TRUSTED = (
    "given_name",
    "family_name",
    "email_address",
    "phone",
    "street_address",
    "city",
    "state",
    "postal_code",
    "country",
)
DISCLOSURES = (
    "is_control_person",
    "is_affiliated_exchange_or_finra",
    "is_politically_exposed",
    "immediate_family_exposed",
)
FIRM = (
    "company_name",
    "company_street_address",
    "company_city",
    "company_state",
    "company_country",
    "company_compliance_email",
)
_Of = DisclosureContext.Kind
# What stands behind a yes. Of a person in public office the broker asks nothing more.
EXPLAINED_BY: dict[str, tuple[DisclosureContext.Kind, tuple[str, ...]]] = {
    "is_control_person": (_Of.CONTROLLED_FIRM, FIRM),
    "is_affiliated_exchange_or_finra": (_Of.AFFILIATE_FIRM, FIRM),
    "immediate_family_exposed": (_Of.IMMEDIATE_FAMILY_EXPOSED, ("given_name", "family_name")),
}
COLUMNS: dict[str, tuple[str, ...]] = {
    Kind.CONTACT: ("phone", *ADDRESS),
    Kind.WORK: WORK,
    Kind.DISCLOSURES: DISCLOSURES,
}


def read(application: Application, kind: str) -> Values:
    """Return the present values of one kind; of a trusted contact who was never named, none."""
    if kind == Kind.EMAIL:
        return {"email": application.user.email}
    if kind == Kind.TRUSTED_CONTACT:
        person = TrustedContact.objects.filter(application=application).first()
        return _columns(person, TRUSTED) if person else {}
    values = _columns(application, COLUMNS[kind])
    if kind == Kind.DISCLOSURES:
        values["contexts"] = _contexts(application)
    return values


def _columns(row: Any, names: tuple[str, ...]) -> Values:
    return {name: getattr(row, name) for name in names}


def _contexts(application: Application) -> dict[str, dict[str, str]]:
    """Return what stands behind each disclosure that is true, by the broker's word for it."""
    columns = {str(kind): names for kind, names in EXPLAINED_BY.values()}
    rows = DisclosureContext.objects.filter(application=application).order_by("kind")
    return {row.kind: _columns(row, columns[row.kind]) for row in rows}


def write(application: Application, kind: str, values: Values) -> None:
    """Put values of one kind into their columns, inside the caller's transaction; the e-mail address is a user's."""
    if kind == Kind.TRUSTED_CONTACT:
        TrustedContact.objects.update_or_create(application=application, defaults=values)
        values = {"names_trusted_contact": True}
    if kind == Kind.DISCLOSURES:
        _write_contexts(application, values["contexts"])
        values = {name: value for name, value in values.items() if name != "contexts"}
    Application.objects.filter(pk=application.pk).update(**values)


def _write_contexts(application: Application, contexts: dict[str, dict[str, str]]) -> None:
    DisclosureContext.objects.filter(application=application).exclude(kind__in=contexts).delete()
    for kind, values in contexts.items():
        DisclosureContext.objects.update_or_create(application=application, kind=kind, defaults=values)
