"""What the customer does and owns, discloses, and agrees to."""

from typing import Any

from django import forms

from accounts.forms.letters import no_control_characters
from accounts.models import Application, EmploymentStatus, FundingSource, MoneyRange

YES_NO = [("True", "Yes"), ("False", "No")]


class WorkForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("employment_status", "employer_name", "employment_position")

    employment_status = forms.ChoiceField(
        label="At present",
        choices=EmploymentStatus.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what applies to you"},
    )
    employer_name = forms.CharField(
        label="Employer",
        max_length=100,
        required=False,
        validators=[no_control_characters],
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    employment_position = forms.CharField(
        label="Job title",
        max_length=100,
        required=False,
        validators=[no_control_characters],
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        if answers.get("employment_status") != EmploymentStatus.EMPLOYED:
            return answers | {"employer_name": "", "employment_position": ""}
        if not answers.get("employer_name"):
            self.add_error("employer_name", "Enter who you work for")
        if not answers.get("employment_position"):
            self.add_error("employment_position", "Enter your job title")
        return answers


class MoneyForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("funding_sources", "annual_income", "liquid_net_worth")

    funding_sources = forms.MultipleChoiceField(
        label="Source of the money",
        choices=FundingSource.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose all that apply.",
        error_messages={"required": "Choose at least one"},
    )
    annual_income = forms.ChoiceField(
        label="Yearly income before tax",
        choices=[("", "Choose a range"), *MoneyRange.choices],
        error_messages={"required": "Choose your yearly income"},
    )
    liquid_net_worth = forms.ChoiceField(
        label="Savings and investments that you could sell",
        choices=[("", "Choose a range"), *MoneyRange.choices],
        error_messages={"required": "Choose a range for your savings"},
    )


def _yes_no(label: str, help_text: str = "") -> forms.TypedChoiceField:
    """Return a question with two answers and none chosen: not answered is not "no"."""
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        choices=YES_NO,
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no"},
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

    is_control_person = _yes_no("Are you an officer of a public company, or do you own 10% or more of one?")
    is_affiliated_exchange_or_finra = _yes_no("Do you work for a broker, an exchange or FINRA?")
    is_politically_exposed = _yes_no("Do you hold a public office?", "Or did you in the past year.")
    immediate_family_exposed = _yes_no("Does a close family member hold a public office?")


class AgreementsForm(forms.Form):
    """Nothing is ticked beforehand."""

    customer_agreement = forms.BooleanField(
        label="I have read the customer agreement and agree to it",
        error_messages={"required": "Agree to the customer agreement to go on"},
    )
