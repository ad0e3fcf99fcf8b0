"""What a person answered, page by page, as the desk shows it: masked where it is theirs alone.

Called by person_file. The tax id shows its last four digits; the date of birth, the phone number, streets and other
people's names are hidden, and opened one by one (see operations.revealing).
"""

from typing import Any

from django.contrib.admin.utils import label_for_field
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from accounts.models import Application, FundingSource
from accounts.rules import countries
from brokerage.sheets import Group

HIDDEN = "•••"
# The columns of an application by page. Whoever adds one says here where it is shown.
PAGES: dict[str, tuple[str, ...]] = {
    "Name and contact": ("given_name", "middle_name", "family_name", "phone"),
    "Home": ("street_address", "street_address_2", "unit", "city", "state", "postal_code", "country"),
    "Birth and residency": (
        "date_of_birth",
        "country_of_birth",
        "residency",
        "country_of_citizenship",
        "visa_type",
        "visa_expires_on",
        "leaves_usa_on",
    ),
    "Tax": ("tax_id_last4", "tax_id_type", "country_of_tax_residence"),
    "Work": ("employment_status", "employment_sector", "employer_name", "employer_address", "employment_position"),
    "Income and worth": ("funding_sources", "annual_income", "liquid_net_worth", "total_net_worth"),
    "Investing": (
        "investment_objective",
        "investment_time_horizon",
        "risk_tolerance",
        "liquidity_needs",
        "experience_with_stocks",
        "experience_with_options",
        "marital_status",
        "number_of_dependents",
    ),
    "Disclosures": (
        "is_control_person",
        "is_affiliated_exchange_or_finra",
        "is_politically_exposed",
        "immediate_family_exposed",
        "names_trusted_contact",
    ),
}
# The column, and the name under which operations.revealing shows it.
OPENED_BY = {
    "phone": "phone",
    "street_address": "address",
    "date_of_birth": "date of birth",
    "employer_address": "employer address",
}
COVERED = frozenset({"street_address_2", "unit"})  # hidden with the street
COUNTRIES = frozenset({"country", "country_of_birth", "country_of_citizenship", "country_of_tax_residence"})
_YES_NO = {True: "Yes", False: "No"}
_FUNDING = dict(FundingSource.choices)
_LABELS = {
    "tax_id_last4": "Tax id",
    "is_control_person": "Officer or 10% owner of a public company",
    "is_affiliated_exchange_or_finra": "Works for a broker, an exchange or FINRA",
    "is_politically_exposed": "In public office",
    "immediate_family_exposed": "Close family in public office",
    "names_trusted_contact": "Names a trusted contact",
}


def pages(application: Application, *, may_look: bool) -> list[Group]:
    """Return what was answered, one group a page; a page without an answer says so."""
    found = [_page(application, title, columns, may_look) for title, columns in PAGES.items()]
    return [*found, _others(application, may_look)]


def _page(application: Application, title: str, columns: tuple[str, ...], may_look: bool) -> Group:
    told = [(_label(name), _shown(application, name, may_look)) for name in columns]
    group = Group(title, told)
    return group if group.facts else Group(title, [], "Nothing is answered here.")


def _label(column: str) -> str:
    return _LABELS.get(column) or capfirst(str(label_for_field(column, Application)))


def _shown(application: Application, column: str, may_look: bool) -> object:
    """Return one answer as it may be read, or nothing where there is none."""
    value = getattr(application, column)
    if value in ("", None, []):
        return None
    if column in OPENED_BY:
        return hidden(application, OPENED_BY[column], may_look, ends=value[-4:] if column == "phone" else "")
    if column in COVERED:
        return HIDDEN
    if column == "tax_id_last4":
        return application.tax_id_mask
    if column in COUNTRIES:
        return countries.name_of(value)
    if column == "funding_sources":
        return ", ".join(_FUNDING.get(each, each) for each in value)
    if isinstance(value, bool):
        return _YES_NO[value]
    display = getattr(application, f"get_{column}_display", None)
    return display() if display else str(value)


def hidden(application: Application, field: str, may_look: bool, ends: str = "") -> str:
    """Return a mask and, for who may look, the way to the page that asks why."""
    if not may_look:
        return f"{HIDDEN}{ends}"
    url = reverse("admin:accounts_application_show", args=[application.pk], query={"field": field})
    return format_html('{}{} <a href="{}">Show<span class="visually-hidden"> {}</span></a>', HIDDEN, ends, url, field)


def _others(application: Application, may_look: bool) -> Group:
    """Return whom else the application names, without their names."""
    told: list[tuple[str, Any]] = [
        (str(context.get_kind_display()), _firm_or_person(context, may_look)) for context in application.contexts.all()
    ]
    if hasattr(application, "trusted_contact"):
        told.append(("Trusted contact", hidden(application, "trusted contact", may_look)))
    return Group("Named by the customer", told, "" if told else "Nobody.")


def _firm_or_person(context: Any, may_look: bool) -> object:
    if context.company_name:
        return ", ".join(filter(None, (context.company_name, context.company_city, context.company_state)))
    return hidden(context.application, "named person", may_look)
