"""An application as its sender reads it back on the page "Check your answers".

Called by views. Shows the last four digits of the tax id and nothing more of it.
"""

from datetime import date
from typing import Any

import phonenumbers
from django.urls import reverse

from accounts.models import Application, EmploymentStatus, FundingSource
from accounts.operations import broker_form, onboarding

Row = dict[str, str]


def sections(application: Application) -> list[dict[str, Any]]:
    """Return the titled groups of rows (label, value, note, url) of the page."""
    return [
        {"title": "You", "rows": _you(application)},
        {"title": "Contact", "rows": _contact(application)},
        {"title": "Work and money", "rows": _work(application)},
        {"title": "Disclosures", "rows": _disclosures(application)},
        {"title": "Agreements", "rows": _agreements(application)},
    ]


def _row(label: str, value: str, slug: str, note: str = "") -> Row:
    return {"label": label, "value": value or "Not answered", "note": note, "url": reverse("apply-step", args=[slug])}


def _you(application: Application) -> list[Row]:
    name = application.full_name
    parts = (application.given_name, application.family_name)
    sent = " ".join(broker_form.in_broker_letters(part) for part in parts).strip()
    note = f"The broker only takes plain letters; we send “{sent}”." if sent != name else ""
    born = application.date_of_birth
    tax_id = f"•••-••-{application.tax_id_last4}" if application.tax_id_last4 else ""
    return [
        _row("Name", name, "name", note),
        _row("Date of birth", f"{date.fromisoformat(born):%b %-d, %Y}" if born else "", "birth"),
        _row("In the United States", application.get_residency_display().removeprefix("I am a "), "birth"),
        _row("Social Security number", tax_id, "tax-id"),
    ]


def _contact(application: Application) -> list[Row]:
    street = ", ".join(part for part in (application.street_address, application.unit) if part)
    town = f"{application.city}, {application.state} {application.postal_code}" if application.city else ""
    return [
        {"label": "E-mail", "value": application.user.email, "note": "", "url": ""},
        _row("Phone", _national(application.phone), "contact"),
        _row("Home address", "\n".join(part for part in (street, town) if part), "address"),
    ]


def _national(phone: str) -> str:
    if not phone:
        return ""
    number = phonenumbers.parse(phone, "US")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def _work(application: Application) -> list[Row]:
    work = application.get_employment_status_display()
    if application.employment_status == EmploymentStatus.EMPLOYED:
        work = f"{work}: {application.employment_position}, {application.employer_name}"
    labels = dict(FundingSource.choices)
    return [
        _row("Work", work, "work"),
        _row("Source of the money", ", ".join(labels.get(each, each) for each in application.funding_sources), "money"),
        _row("Yearly income", application.get_annual_income_display(), "money"),
        _row("Savings and investments", application.get_liquid_net_worth_display(), "money"),
    ]


def _disclosures(application: Application) -> list[Row]:
    words = {True: "Yes", False: "No", None: ""}
    return [
        _row("Officer or 10% owner of a public company", words[application.is_control_person], "disclosures"),
        _row(
            "Works for a broker, an exchange or FINRA",
            words[application.is_affiliated_exchange_or_finra],
            "disclosures",
        ),
        _row("Public office", words[application.is_politically_exposed], "disclosures"),
        _row("Public office in the close family", words[application.immediate_family_exposed], "disclosures"),
    ]


def _agreements(application: Application) -> list[Row]:
    signature = application.signatures.first()
    agreed = f"Agreed {signature.signed_at.astimezone():%a, %b %-d, %-I:%M %p}" if signature else ""
    revision = onboarding.CUSTOMER_AGREEMENT_REVISION
    return [_row(f"Customer agreement, revision {revision}", agreed, "agreements")]
