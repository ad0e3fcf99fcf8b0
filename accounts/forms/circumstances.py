"""What the customer does and owns, how they mean to invest, and what they disclose."""

from typing import Any

from django import forms

from accounts.forms.answers import Answer, one_of, yes_no
from accounts.models import Application, EmploymentStatus, FundingSource, MoneyRange
from accounts.models.choices import (
    EmploymentSector,
    Experience,
    Horizon,
    Liquidity,
    MaritalStatus,
    Objective,
    RiskTolerance,
)
from accounts.rules import letters

# What only somebody who is employed is asked.
JOB = ("employer_name", "employment_position", "employment_sector", "employer_address")


class WorkForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("employment_status", *JOB)

    employment_status = forms.ChoiceField(
        label="At present",
        choices=EmploymentStatus.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what applies to you"},
    )
    employer_name = Answer(
        label="Employer", rule=letters.line, max_length=100, is_conditional=True, autocomplete="organization"
    )
    employment_position = Answer(
        label="Job title", rule=letters.line, max_length=100, is_conditional=True, autocomplete="organization-title"
    )
    employment_sector = one_of("Kind of work", EmploymentSector, missing="", required=False)
    employer_address = Answer(label="Address of the employer", rule=letters.line, max_length=100, required=False)

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        if answers.get("employment_status") != EmploymentStatus.EMPLOYED:
            return answers | dict.fromkeys(JOB, "")
        if not answers.get("employer_name") and "employer_name" not in self.errors:
            self.add_error("employer_name", "Enter who you work for")
        if not answers.get("employment_position") and "employment_position" not in self.errors:
            self.add_error("employment_position", "Enter your job title")
        return answers


class MoneyForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("funding_sources", "annual_income", "liquid_net_worth", "total_net_worth")

    funding_sources = forms.MultipleChoiceField(
        label="Source of the money",
        choices=FundingSource.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose all that apply.",
        error_messages={"required": "Choose at least one"},
    )
    annual_income = one_of("Yearly income before tax", MoneyRange, missing="Choose your yearly income")
    liquid_net_worth = one_of(
        "Savings and investments that you could sell", MoneyRange, missing="Choose a range for your savings"
    )
    total_net_worth = one_of(
        "All that you own, less what you owe",
        MoneyRange,
        missing="Choose a range for all that you own",
        help_text="With a home, a car and a pension, as well as your savings.",
    )

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        liquid, total = answers.get("liquid_net_worth"), answers.get("total_net_worth")
        order = MoneyRange.values
        if liquid and total and order.index(total) < order.index(liquid):
            self.add_error("total_net_worth", "All that you own can’t be less than your savings. Change one of them.")
        return answers


class ProfileForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = (
            "investment_objective",
            "investment_time_horizon",
            "risk_tolerance",
            "liquidity_needs",
            "experience_with_stocks",
            "experience_with_options",
            "marital_status",
            "number_of_dependents",
        )

    investment_objective = one_of("What should your money do?", Objective, missing="Choose what your money should do")
    investment_time_horizon = one_of("For how long?", Horizon, missing="Choose for how long")
    risk_tolerance = one_of("How much risk can you take?", RiskTolerance, missing="Choose how much risk you can take")
    liquidity_needs = one_of(
        "How important is it to get at your money fast?", Liquidity, missing="Choose how important that is"
    )
    experience_with_stocks = one_of("Experience with stocks", Experience, missing="Choose your experience with stocks")
    experience_with_options = one_of(
        "Experience with options", Experience, missing="Choose your experience with options"
    )
    marital_status = one_of("Marital status", MaritalStatus, missing="", required=False)
    number_of_dependents = forms.IntegerField(
        label="People who live on your income",
        required=False,
        min_value=0,
        max_value=30,
        help_text="Besides yourself.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": "Enter a number, such as 2.",
            "min_value": "Enter 0 or more.",
            "max_value": "Enter 30 or less.",
        },
    )


class DisclosuresForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = (
            "is_control_person",
            "is_affiliated_exchange_or_finra",
            "is_politically_exposed",
            "immediate_family_exposed",
        )

    is_control_person = yes_no("Are you an officer of a public company, or do you own 10% or more of one?")
    is_affiliated_exchange_or_finra = yes_no("Do you work for a broker, an exchange or FINRA?")
    is_politically_exposed = yes_no("Do you hold a public office?", "Or did you in the past year.")
    immediate_family_exposed = yes_no("Does a close family member hold a public office?")
