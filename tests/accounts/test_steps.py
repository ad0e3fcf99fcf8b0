"""The pages of an application: which ones there are for whom, and when each is answered."""

from typing import Any

import pytest

from accounts import steps
from accounts.models import Application, DisclosureContext, TrustedContact, User
from accounts.operations import answering
from tests import make
from tests.harness.unguarded import remove

pytestmark = pytest.mark.django_db

CONDITIONAL = {"citizenship", "visa", "company", "firm", "family"}


@pytest.fixture
def ada() -> User:
    return make.user()


def slugs(found: list[steps.Step]) -> list[str]:
    return [step.slug for step in found]


def test_every_page_is_unanswered_at_first_and_answered_at_last(ada: User) -> None:
    empty = answering.start(user=make.user("bob@example.com"))

    assert slugs(steps.unanswered(empty)) == [step.slug for step in steps.QUESTIONS if step.slug not in CONDITIONAL]
    assert steps.unanswered(make.application(ada)) == []


@pytest.mark.parametrize(
    ("answers", "more"),
    [
        ({"residency": "citizen"}, []),
        ({"residency": "permanent_resident"}, ["citizenship"]),
        ({"residency": "visa"}, ["citizenship", "visa"]),
        ({"residency": "abroad"}, ["citizenship"]),
        ({"is_control_person": True}, ["company"]),
        ({"is_affiliated_exchange_or_finra": True}, ["firm"]),
        ({"immediate_family_exposed": True}, ["family"]),
        ({"is_politically_exposed": True}, []),
    ],
)
def test_an_answer_brings_the_pages_that_it_calls_for(ada: User, answers: dict[str, Any], more: list[str]) -> None:
    application = make.application(ada, **answers)

    assert [slug for slug in slugs(steps.of(application)) if slug in CONDITIONAL] == more
    assert slugs(steps.unanswered(application)) == more


@pytest.mark.parametrize("step", [step for step in steps.QUESTIONS if step.fields], ids=lambda step: str(step.slug))
def test_a_page_lacks_each_answer_that_it_needs(ada: User, step: steps.Step) -> None:
    whole: dict[str, Any] = {
        "country_of_citizenship": "VNM",
        "visa_type": "H1B",
        "visa_expires_on": "2030-01-01",
        "experience_with_stocks": "none",
    }
    for name in step.fields:
        application = make.application(ada, **whole)
        setattr(application, name, _nothing(name))
        if name == "tax_id":
            application.tax_id_last4 = ""
        is_free = name in step.optional and name not in ("tax_id", "state", "postal_code", *_JOB)
        assert step.is_answered(application) is is_free, name
        remove(application.signatures.all())
        Application.objects.all().delete()


_JOB = ("employer_name", "employment_position")


def _nothing(name: str) -> Any:
    if name.startswith(("is_", "immediate", "names_", "number_of", "visa_expires", "leaves_")):
        return None
    return [] if "sources" in name else ""


def test_a_no_is_an_answer(ada: User) -> None:
    assert make.application(ada).is_control_person is False
    assert steps.BY_SLUG["disclosures"].is_answered(Application.objects.get())


def test_a_visitor_says_when_they_leave(ada: User) -> None:
    visa = {"residency": "visa", "country_of_citizenship": "VNM", "visa_expires_on": "2030-01-01"}
    worker = make.application(ada, visa_type="H1B", **visa)
    assert steps.BY_SLUG["visa"].is_answered(worker)

    worker.visa_type = "B1"

    assert not steps.BY_SLUG["visa"].is_answered(worker)


def test_an_address_abroad_needs_no_state(ada: User) -> None:
    application = make.application(ada, state="", postal_code="", country="PRT")

    assert steps.BY_SLUG["address"].is_answered(application)


def test_a_disclosure_needs_the_firm_behind_it(ada: User) -> None:
    application = make.application(ada, is_control_person=True)
    assert not steps.BY_SLUG["company"].is_answered(application)

    DisclosureContext.objects.create(application=application, kind="CONTROLLED_FIRM", company_name="Hudson")

    assert steps.BY_SLUG["company"].is_answered(application)


def test_who_wants_a_trusted_contact_names_one(ada: User) -> None:
    application = make.application(ada, names_trusted_contact=True)
    assert not steps.BY_SLUG["trusted-contact"].is_answered(application)

    TrustedContact.objects.create(application=application, given_name="A", family_name="B", phone="+12015550143")

    assert steps.BY_SLUG["trusted-contact"].is_answered(Application.objects.get())


def test_the_notice_has_to_have_been_shown(ada: User) -> None:
    assert not steps.BY_SLUG["name"].is_answered(make.application(ada, identity_notice=None))


def test_each_page_knows_its_neighbours(ada: User) -> None:
    application = make.application(ada)
    pages = steps.of(application)

    for number, step in enumerate(pages):
        assert steps.before(step, application) is (pages[number - 1] if number else None)
        assert steps.after(step, application) is pages[min(number + 1, len(pages) - 1)]
