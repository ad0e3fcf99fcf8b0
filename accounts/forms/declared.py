"""Whom the customer names: behind a disclosure, and as trusted contact."""

from typing import Any

from django import forms
from django.forms.models import model_to_dict

from accounts.forms.answers import Answer, country, email, yes_no
from accounts.models import DisclosureContext, TrustedContact
from accounts.rules import NotTaken, addresses, letters, names, phones

COMPANY = (
    "company_name",
    "company_street_address",
    "company_city",
    "company_state",
    "company_country",
    "company_compliance_email",
)
PERSON = (
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


class CompanyForm(forms.ModelForm):
    """The public company, or the broker, exchange or FINRA, behind a yes."""

    class Meta:
        model = DisclosureContext
        fields = COMPANY

    company_name = Answer(
        label="Name",
        rule=letters.line,
        max_length=100,
        autocomplete="organization",
        error_messages={"required": "Enter the name of the company"},
    )
    company_street_address = Answer(
        label="Street address",
        rule=addresses.street,
        max_length=100,
        error_messages={"required": "Enter the street address of the company"},
    )
    company_city = Answer(
        label="City", rule=addresses.city, max_length=50, error_messages={"required": "Enter the city of the company"}
    )
    company_state = Answer(
        label="State",
        rule=addresses.state_abroad,
        max_length=50,
        required=False,
        help_text="In the United States only.",
    )
    company_compliance_email = email(
        "E-mail of its compliance department",
        help_text="The broker may have to tell them of your account.",
        error_messages={"required": "Enter the e-mail address of the compliance department"},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["company_country"] = country("Country", missing="Choose the country of the company")
        self.order_fields(COMPANY)

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        try:
            answers["company_state"] = state_of_company(
                answers.get("company_state") or "", answers.get("company_country", "")
            )
        except NotTaken as no:
            self.add_error("company_state", str(no))
        return answers


def state_of_company(text: str, country: str) -> str:
    """Return a state of the United States there, and none elsewhere, as the broker asks. Raises NotTaken."""
    return addresses.us_state(text) if country == addresses.HOME else ""


class FamilyForm(forms.ModelForm):
    """The member of the close family who holds a public office."""

    class Meta:
        model = DisclosureContext
        fields = ("given_name", "family_name")

    given_name = Answer(
        label="Their first name",
        rule=names.name,
        max_length=100,
        error_messages={"required": "Enter their first name"},
    )
    family_name = Answer(
        label="Their last name", rule=names.name, max_length=100, error_messages={"required": "Enter their last name"}
    )


# What belongs to a street; the broker wants all of it, abroad, too.
_PLACE = {
    "city": "Enter their city",
    "state": "Enter their state or region",
    "postal_code": "Enter their ZIP or postal code",
    "country": "Choose their country",
}


class PersonForm(forms.Form):
    """Someone whom the broker may ask."""

    given_name = Answer(label="Their first name", rule=names.name, max_length=100, is_conditional=True)
    family_name = Answer(label="Their last name", rule=names.name, max_length=100, is_conditional=True)
    email_address = email("Their e-mail", required=False)
    phone = Answer(
        label="Their phone number",
        rule=phones.phone,
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    street_address = Answer(label="Their street address", rule=addresses.street, max_length=100, required=False)
    city = Answer(label="Their city", rule=addresses.city, max_length=50, required=False)
    state = Answer(label="Their state or region", rule=addresses.state_abroad, max_length=50, required=False)
    postal_code = forms.CharField(
        label="Their ZIP or postal code",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["country"] = country("Their country", missing="", required=False)
        self.order_fields(PERSON)

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        self._require(answers, "given_name", "Enter their first name")
        self._require(answers, "family_name", "Enter their last name")
        reached = ("email_address", "phone", "street_address")
        if not any(answers.get(name) or name in self.errors for name in reached):
            self.add_error("email_address", "Enter an e-mail, a phone number or an address where they can be reached")
        if answers.get("street_address"):
            for name, sentence in _PLACE.items():
                self._require(answers, name, sentence)
            self._check_place(answers)
        return answers

    def _require(self, answers: dict[str, Any], name: str, sentence: str) -> None:
        if not answers.get(name) and name not in self.errors:
            self.add_error(name, sentence)

    def _check_place(self, answers: dict[str, Any]) -> None:
        at_home = answers.get("country") == addresses.HOME
        try:
            if "postal_code" in answers and (at_home or answers["postal_code"]):
                answers["postal_code"] = addresses.postal_code(answers["postal_code"], answers.get("country", ""))
        except NotTaken as no:
            self.add_error("postal_code", str(no))
        try:
            if at_home:
                answers["state"] = addresses.us_state(answers.get("state") or "")
        except NotTaken as no:
            self.add_error("state", str(no))


class TrustedContactForm(PersonForm):
    """Someone, or nobody; what is asked of someone counts only after a yes."""

    names_trusted_contact = yes_no("Do you want to name someone?", "You can add or change this later.")

    def __init__(
        self, data: Any = None, *, instance: TrustedContact | None = None, initial: dict[str, Any] | None = None
    ) -> None:
        known = model_to_dict(instance, PERSON) if instance else {}
        super().__init__(data, initial={**known, **(initial or {})})
        self.order_fields(["names_trusted_contact", *PERSON])

    def clean(self) -> dict[str, Any]:
        answers = self.cleaned_data
        if answers.get("names_trusted_contact") is True:
            return super().clean()
        for name in PERSON:  # what nobody asked for can't be wrong
            self.errors.pop(name, None)
        return {name: value for name, value in answers.items() if name == "names_trusted_contact"}
