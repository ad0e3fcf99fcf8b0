"""Keeping answers, until the application is sent and not a moment longer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
import time_machine
from django.db import close_old_connections, connection
from pytest_django import Settings

from accounts import states, steps
from accounts.models import AgreementSignature, Application, MoneyRange, User
from accounts.operations import broker_form, onboarding, people
from brokerage.visit import Visit
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make.user()


def test_one_person_has_one_application(ada: User) -> None:
    assert onboarding.start(user=ada) == onboarding.start(user=ada)


def test_answers_are_kept_and_the_rest_stands(ada: User) -> None:
    application = make.application(ada)

    with time_machine.travel("2026-11-22 10:00Z", tick=False):
        onboarding.save_answers(application=application, answers={"city": "Newark"})

    application.refresh_from_db()
    assert (application.city, application.given_name) == ("Newark", "Ada")
    assert application.saved_at == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_a_tax_id_is_kept_with_its_last_four_and_a_hash(ada: User) -> None:
    application = onboarding.start(user=ada)

    onboarding.save_answers(application=application, answers={"tax_id": "444554321"})

    application.refresh_from_db()
    assert (application.tax_id, application.tax_id_last4) == ("444554321", "4321")
    assert application.tax_id_hash == onboarding.tax_id_hash("444554321")
    assert "444554321" not in str(application.tax_id_hash)


def test_one_person_is_kept_to_one_application(ada: User) -> None:
    make.application(ada, tax_id="444554321")
    other = onboarding.start(user=make.user("bob@example.com"))

    with pytest.raises(onboarding.TaxIdTaken):
        onboarding.save_answers(application=other, answers={"tax_id": "444554321"})

    other.refresh_from_db()
    assert (other.tax_id, other.tax_id_hash) == ("", None)


def test_a_tax_id_may_be_typed_again_by_its_owner(ada: User) -> None:
    application = make.application(ada, tax_id="444554321")

    onboarding.save_answers(application=application, answers={"tax_id": "444554321"})
    onboarding.save_answers(application=application, answers={"tax_id": "445554322"})

    assert Application.objects.get().tax_id_last4 == "4322"


def test_the_hash_needs_the_key(settings: Settings) -> None:
    before = onboarding.tax_id_hash("444554321")
    settings.TAX_ID_HASH_KEY = "another"

    assert onboarding.tax_id_hash("444554321") != before


@pytest.mark.parametrize("status", [states.READY, states.SENDING, states.UNKNOWN, states.ACCEPTED])
def test_an_application_on_its_way_is_not_changed_from_another_tab(ada: User, status: str) -> None:
    tab = make.application(ada)
    Application.objects.update(status=status, tax_id="")

    with pytest.raises(onboarding.ApplicationSent):
        onboarding.save_answers(application=tab, answers={"city": "Newark"})

    row = Application.objects.get()
    assert (row.status, row.city, row.tax_id) == (status, "Hoboken", "")


def test_a_refused_application_is_changed(ada: User) -> None:
    application = make.application(ada, status=states.REFUSED)

    onboarding.save_answers(application=application, answers={"city": "Newark"})

    assert Application.objects.get().city == "Newark"


def test_an_agreement_is_signed_once_with_its_real_time_and_address(ada: User) -> None:
    application = onboarding.start(user=ada)

    with time_machine.travel("2026-11-22 10:00Z", tick=False):
        onboarding.sign_agreement(application=application, visit=Visit("203.0.113.7", "a browser"))
    with time_machine.travel("2026-11-23 10:00Z", tick=False):
        onboarding.sign_agreement(application=application, visit=Visit("198.51.100.1", "another"))

    signature = AgreementSignature.objects.get()
    assert signature.signed_at == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert (signature.ip_address, signature.user_agent) == ("203.0.113.7", "a browser")
    assert broker_form.filled_in(make_complete(application))["agreements"] == [
        {"agreement": "customer_agreement", "signed_at": "2026-11-22T10:00:00Z", "ip_address": "203.0.113.7"}
    ]


def make_complete(application: Application) -> Application:
    application.annual_income = application.liquid_net_worth = "0-24999"
    return application


def test_an_agreement_is_not_signed_after_the_fact(ada: User) -> None:
    application = make.application(ada, status=states.ACCEPTED)

    with pytest.raises(onboarding.ApplicationSent):
        onboarding.sign_agreement(application=application, visit=make.VISIT)


@pytest.mark.parametrize("means", MoneyRange.values)
def test_the_broker_is_told_a_range_in_numbers(ada: User, means: str) -> None:
    application = make.application(ada, annual_income=means, liquid_net_worth=means)

    identity = broker_form.filled_in(application)["identity"]

    told = [identity["annual_income_min"], identity["annual_income_max"]]
    assert told == [identity["liquid_net_worth_min"], identity["liquid_net_worth_max"]]
    assert all(isinstance(number, int) for number in told)
    assert f"{told[0]}-{told[1]}" == means


def test_the_broker_is_told_no_address_of_a_kind_it_cannot_take(ada: User) -> None:
    application = make.application(ada)
    application.signatures.update(ip_address="2001:db8::7")

    (agreement,) = broker_form.filled_in(application)["agreements"]

    assert agreement["ip_address"] == "0.0.0.0"  # noqa: S104
    assert application.signatures.get().ip_address == "2001:db8::7"


# --- Steps ------------------------------------------------------------------------------------------------------------


def test_every_step_is_unanswered_at_first_and_answered_at_last(ada: User) -> None:
    empty = onboarding.start(user=make.user("bob@example.com"))

    assert steps.unanswered(empty) == list(steps.QUESTIONS)
    assert steps.unanswered(make.application(ada)) == []


@pytest.mark.parametrize("step", [step for step in steps.QUESTIONS if step.fields], ids=lambda step: str(step.slug))
def test_a_step_lacks_each_answer_that_it_needs(ada: User, step: steps.Step) -> None:
    for name in step.fields:
        application = make.application(ada)
        setattr(application, name, None if name.startswith(("is_", "immediate")) else [] if "sources" in name else "")
        if name == "tax_id":
            application.tax_id_last4 = ""
        assert step.is_answered(application) is (name in ("unit",)), name
        AgreementSignature.objects.all().delete()
        Application.objects.all().delete()


def test_a_no_is_an_answer(ada: User) -> None:
    assert make.application(ada).is_control_person is False
    assert steps.BY_SLUG["disclosures"].is_answered(Application.objects.get())


@pytest.mark.parametrize(
    ("reason", "slug"),
    [
        ("given_name contains characters that are not allowed", "name"),
        ("email_address is invalid", "name"),
        ("phone_number is invalid", "contact"),
        ("street_address cannot be a P.O. Box", "address"),
        ("postal_code is invalid", "address"),
        ("date_of_birth is invalid", "birth"),
        ("country_of_citizenship is invalid", "birth"),
        ("tax_id is invalid", "tax-id"),
        ("employment_status is invalid", "work"),
        ("funding_source is required", "money"),
        ("annual_income_min is invalid", "money"),
        ("is_politically_exposed is required", "disclosures"),
        ("is_control_person is required", "disclosures"),
        ("agreement is invalid", "agreements"),
        ("something else entirely", None),
        ("", None),
    ],
)
def test_a_refusal_leads_to_the_page_it_is_about(reason: str, slug: str | None) -> None:
    step = steps.refused_step(reason)

    assert (step.slug if step else None) == slug


# --- Signing up -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("again", ["ada@example.com", "ADA@EXAMPLE.COM", " Ada@Example.com "])
def test_an_address_is_one_persons_however_it_is_typed(ada: User, again: str) -> None:
    with pytest.raises(people.EmailTaken):
        people.sign_up(email=again, password=make.PASSWORD)

    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_sign_up_with_one_address_at_once_one_does() -> None:
    together = Barrier(6)

    def sign_up(number: int) -> bool:
        together.wait()
        try:
            people.sign_up(email="ada@example.com" if number % 2 else "Ada@Example.com", password=make.PASSWORD)
        except people.EmailTaken:
            return False
        finally:
            close_old_connections()
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(sign_up, range(6)))

    assert outcomes.count(True) == 1
    assert User.objects.count() == 1
