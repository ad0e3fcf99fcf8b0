"""An application in the broker's words: all of it, in its letters, and nothing that was not asked."""

from datetime import date
from typing import Any

import pytest
import yaml
from pytest_django import Settings

from accounts.models import Application, DisclosureContext, MoneyRange, TrustedContact
from accounts.operations import broker_form
from tests import make
from tests.brokerage.sandbox import broker_specification as specification
from tests.harness.unguarded import rewrite

pytestmark = pytest.mark.django_db

# What the broker's form can carry and an individual, taxable account of one person can't need, and why.
NOT_ASKED = {
    "beneficiaries": "of retirement accounts only; goes through BROKER_ACCOUNT_OPTIONS",
    "account_sub_type": "of retirement accounts only; goes through BROKER_ACCOUNT_OPTIONS",
    "primary_account_holder_id": "a second account of one person, where we keep one person to one account",
    "documents": "sent when the broker asks for them",
    "identity.investment_objective": "deprecated there; said at the top",
    "identity.investment_time_horizon": "deprecated there; said at the top",
    "identity.risk_tolerance": "deprecated there; said at the top",
    "identity.liquidity_needs": "deprecated there; said at the top",
}
OF_THE_FIRM: dict[str, Any] = {
    "account_type": "trading",
    "enabled_assets": ["us_equity"],
    "allow_instant_ach": False,
    "cash_interest": {"USA": {}},
    "fpsl": {"US": {}},
    "trading_configurations": {"no_shorting": True},
}


def whole_application() -> Application:
    """Make an application with every answer that anybody may give."""
    application = make.application(
        make.user(),
        middle_name="Ngozi",
        street_address_2="Rear house",
        country_of_birth="VNM",
        residency="visa",
        country_of_citizenship="VNM",
        visa_type="B2",
        visa_expires_on=date(2028, 6, 30),
        leaves_usa_on=date(2027, 2, 14),
        employment_sector="healthcare",
        employer_address="1 Hudson Street, Hoboken",
        marital_status="MARRIED",
        number_of_dependents=2,
        names_trusted_contact=True,
        is_control_person=True,
        is_affiliated_exchange_or_finra=True,
        is_politically_exposed=True,
        immediate_family_exposed=True,
    )
    for kind, slug in (
        ("CONTROLLED_FIRM", "company"),
        ("AFFILIATE_FIRM", "firm"),
        ("IMMEDIATE_FAMILY_EXPOSED", "family"),
    ):
        DisclosureContext.objects.create(application=application, kind=kind, **make.MORE_ANSWERS[slug])
    named = {name: value for name, value in make.TRUSTED_CONTACT.items() if name != "names_trusted_contact"}
    TrustedContact.objects.create(application=application, **{**named, "phone": "+12015550188"})
    rewrite(application.signatures.all(), broker_revision="21.2026.01")
    return Application.objects.get(pk=application.pk)


def leaves(form: Any, path: str = "") -> set[str]:
    """Return the dotted path of every value; what stands in a list, once."""
    if isinstance(form, dict):
        return set().union(*(leaves(value, f"{path}.{name}".strip(".")) for name, value in form.items()), set())
    if isinstance(form, list) and form and isinstance(form[0], dict):
        return set().union(*(leaves(each, path) for each in form))
    return {path}


def specified(schema: dict[str, Any], document: dict[str, Any], path: str = "") -> set[str]:
    """Return the dotted path of every leaf of an OpenAPI schema; a part of the firm's own counts as one."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if path in OF_THE_FIRM or path in NOT_ASKED:
        return {path}
    inside = schema.get("items", schema)
    if "$ref" in inside:
        inside = document["components"]["schemas"][inside["$ref"].rsplit("/", 1)[1]]
    if not inside.get("properties"):
        return {path}
    found = (specified(part, document, f"{path}.{name}".strip(".")) for name, part in inside["properties"].items())
    return set().union(*found)


@pytest.mark.skipif(not specification.FILE.exists(), reason=specification.ABSENT)
def test_everything_that_the_broker_may_be_told_is_told(settings: Settings) -> None:
    settings.BROKER_ACCOUNT_OPTIONS = OF_THE_FIRM
    document = yaml.safe_load(specification.FILE.read_text())
    wanted = specified({"$ref": "#/components/schemas/AccountCreationRequest"}, document)
    form = {name: value if name not in OF_THE_FIRM else "set" for name, value in whole_form().items()}

    assert wanted - leaves(form) == set(NOT_ASKED) & wanted
    assert leaves(form) - wanted <= {"identity.date_of_departure_from_usa"}  # documented, not specified


def whole_form() -> dict[str, Any]:
    application = whole_application()
    form = broker_form.filled_in(application)
    # Who holds a green card, and who holds a visa, are two persons.
    application.residency = "permanent_resident"
    form["identity"] |= {"permanent_resident": broker_form.filled_in(application)["identity"]["permanent_resident"]}
    return form


def test_what_was_left_out_is_not_sent() -> None:
    form = broker_form.filled_in(make.application(make.user(), unit=""))

    assert "unit" not in form["contact"]
    assert "middle_name" not in form["identity"]
    assert "visa_type" not in form["identity"]
    assert "context" not in form["disclosures"]
    assert "trusted_contact" not in form
    assert not [path for path in leaves(form) if path.endswith("None")]
    assert form["disclosures"]["is_control_person"] is False


def test_zero_dependents_are_an_answer() -> None:
    assert (
        broker_form.filled_in(make.application(make.user(), number_of_dependents=0))["identity"]["number_of_dependents"]
        == 0
    )


@pytest.mark.parametrize(
    ("residency", "told"),
    [
        ("citizen", {"country_of_citizenship": "USA"}),
        ("permanent_resident", {"country_of_citizenship": "VNM", "permanent_resident": True}),
        ("abroad", {"country_of_citizenship": "VNM"}),
        (
            "visa",
            {
                "country_of_citizenship": "VNM",
                "permanent_resident": False,
                "visa_type": "H1B",
                "visa_expiration_date": "2028-06-30",
            },
        ),
    ],
)
def test_only_what_concerns_the_residency_is_told(residency: str, told: dict[str, Any]) -> None:
    application = make.application(
        make.user(),
        residency=residency,
        country_of_citizenship="VNM",
        visa_type="H1B",
        visa_expires_on=date(2028, 6, 30),
        leaves_usa_on=date(2027, 2, 14),
    )

    identity = broker_form.filled_in(application)["identity"]

    names = ("country_of_citizenship", "permanent_resident", "visa_type", "visa_expiration_date")
    assert {name: identity[name] for name in names if name in identity} == told
    assert "date_of_departure_from_usa" not in identity


@pytest.mark.parametrize("means", MoneyRange.values)
def test_a_range_is_told_in_two_whole_numbers(means: str) -> None:
    application = make.application(make.user(), annual_income=means, liquid_net_worth=means, total_net_worth=means)

    identity = broker_form.filled_in(application)["identity"]

    for name in ("annual_income", "liquid_net_worth", "total_net_worth"):
        told = [identity[f"{name}_min"], identity[f"{name}_max"]]
        assert all(isinstance(number, int) for number in told)
        assert f"{told[0]}-{told[1]}" == means


def test_who_does_not_work_is_asked_of_no_employer() -> None:
    disclosures = broker_form.filled_in(make.application(make.user(), employment_status="retired"))["disclosures"]

    assert disclosures["employment_status"] == "retired"
    assert "employer_name" not in disclosures


def test_a_context_goes_with_its_yes_alone() -> None:
    application = whole_application()
    application.is_control_person = False

    told = broker_form.filled_in(application)["disclosures"]["context"]

    assert {each["context_type"] for each in told} == {"AFFILIATE_FIRM", "IMMEDIATE_FAMILY_EXPOSED"}


def test_names_and_places_go_in_the_brokers_letters() -> None:
    form = broker_form.filled_in(
        make.application(make.user(), given_name="Thảo", city="Møbile", street_address="9 Calle Niño")
    )

    assert form["identity"]["given_name"] == "Thao"
    assert (form["contact"]["city"], form["contact"]["street_address"]) == ("Mobile", ["9 Calle Nino"])


def test_the_broker_is_told_no_address_of_a_kind_it_cannot_take() -> None:
    application = make.application(make.user())
    rewrite(application.signatures.all(), ip_address="2001:db8::7")

    (agreement,) = broker_form.filled_in(application)["agreements"]

    assert agreement["ip_address"] == "0.0.0.0"  # noqa: S104
    assert application.signatures.get().ip_address == "2001:db8::7"


def test_a_signature_under_an_older_text_stays_here() -> None:
    application = make.application(make.user())
    application.signatures.create(agreement="customer_agreement", revision="older", ip_address="203.0.113.7")

    assert len(broker_form.filled_in(application)["agreements"]) == 1


def test_the_firms_options_never_replace_an_answer(settings: Settings) -> None:
    settings.BROKER_ACCOUNT_OPTIONS = {"enabled_assets": ["us_equity"], "identity": {"given_name": "Eve"}}

    form = broker_form.filled_in(make.application(make.user()))

    assert form["enabled_assets"] == ["us_equity"]
    assert form["identity"]["given_name"] == "Ada"
