"""Work, money, disclosures, agreements: nothing is answered by silence."""

from typing import Any

import pytest
from django.http import QueryDict

from accounts import agreements
from accounts.forms import FORMS, AgreementsForm
from accounts.forms.agreeing import CHANGED
from tests import make

QUESTIONS = list(make.ANSWERS["disclosures"])


def form(slug: str, **answers: Any) -> Any:
    data = QueryDict(mutable=True)
    for name, value in {**make.ANSWERS[slug], **answers}.items():
        if value is not None:
            data.setlist(name, value if isinstance(value, list) else [value])
    return FORMS[slug](data)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("answer", [None, "", "maybe", "0", "on"])
def test_a_disclosure_that_is_not_answered_is_not_a_no(question: str, answer: str | None) -> None:
    assert list(form("disclosures", **{question: answer}).errors) == [question]


@pytest.mark.parametrize("question", QUESTIONS)
def test_yes_and_no_are_told_apart(question: str) -> None:
    asked = form("disclosures", **{question: "True"})

    assert asked.is_valid()
    assert asked.cleaned_data == {each: each == question for each in QUESTIONS}


def test_nothing_is_chosen_beforehand() -> None:
    asked = [FORMS[slug]() for slug in ("disclosures", "trusted-contact", "birth", "work")]

    assert "checked" not in "".join(form.as_p() for form in [*asked, AgreementsForm(texts=agreements.required())])


@pytest.mark.parametrize("ticked", [{}, {"customer_agreement": ""}, {"customer_agreement": "false"}])
def test_an_agreement_has_to_be_ticked(ticked: dict[str, str]) -> None:
    answers = make.ANSWERS["agreements"] | {"customer_agreement": ""} | ticked

    assert "customer_agreement" in AgreementsForm(answers, texts=agreements.required()).errors


@pytest.mark.parametrize("shown", ["", "0" * 64])
def test_another_text_than_the_one_shown_is_not_agreed_to(shown: str) -> None:
    answers = make.ANSWERS["agreements"] | {"customer_agreement_shown": shown}

    (sentence,) = AgreementsForm(answers, texts=agreements.required()).errors["customer_agreement"]

    assert sentence == CHANGED


def test_an_employee_names_the_employer() -> None:
    assert set(form("work", employer_name="", employment_position=" ").errors) == {
        "employer_name",
        "employment_position",
    }


@pytest.mark.parametrize("status", ["unemployed", "student", "retired"])
def test_who_is_not_employed_has_no_employer(status: str) -> None:
    asked = form("work", employment_status=status)

    assert asked.is_valid()
    assert (asked.cleaned_data["employer_name"], asked.cleaned_data["employment_position"]) == ("", "")


@pytest.mark.parametrize("status", [None, "", "EMPLOYED", "pirate"])
def test_work_has_to_be_chosen(status: str | None) -> None:
    assert "employment_status" in form("work", employment_status=status).errors


@pytest.mark.parametrize("sources", [None, [], ["lottery"], ["savings", "lottery"]])
def test_a_source_of_the_money_has_to_be_chosen(sources: list[str] | None) -> None:
    assert "funding_sources" in form("money", funding_sources=sources).errors


@pytest.mark.parametrize("field", ["annual_income", "liquid_net_worth", "total_net_worth"])
@pytest.mark.parametrize("value", [None, "", "0-1", "lots"])
def test_a_range_has_to_be_chosen(field: str, value: str | None) -> None:
    assert field in form("money", **{field: value}).errors


def test_all_that_one_owns_is_no_less_than_ones_savings() -> None:
    asked = form("money", liquid_net_worth="75000-99999", total_net_worth="25000-49999")

    assert list(asked.errors) == ["total_net_worth"]


PROFILE = list(make.ANSWERS["profile"])


@pytest.mark.parametrize("field", PROFILE)
@pytest.mark.parametrize("value", [None, "", "yolo"])
def test_the_profile_has_to_be_answered(field: str, value: str | None) -> None:
    assert list(form("profile", **{field: value}).errors) == [field]


@pytest.mark.parametrize(("typed", "kept"), [("", None), ("0", 0), (" 2 ", 2), ("30", 30)])
def test_who_lives_on_the_income_may_be_left_out(typed: str, kept: int | None) -> None:
    asked = form("profile", number_of_dependents=typed, marital_status="")

    assert asked.is_valid()
    assert asked.cleaned_data["number_of_dependents"] == kept


@pytest.mark.parametrize("typed", ["-1", "31", "two", "1e3", "2.5"])
def test_a_number_of_dependents_is_a_small_number(typed: str) -> None:
    assert list(form("profile", number_of_dependents=typed).errors) == ["number_of_dependents"]
