"""What customers type to change their details once the account is open; the rules are those of accounts.rules."""

from typing import Any

from django import forms
from localflavor.us.us_states import STATE_CHOICES

from accounts import kept_details
from accounts.forms.answers import Answer, country
from accounts.forms.change_form import ChangeForm, line, words
from accounts.forms.changed_disclosures import DisclosuresForm
from accounts.models import EmploymentStatus
from accounts.models.changes import DetailsChange, Values
from accounts.models.choices import EmploymentSector
from accounts.rules import NotTaken, addresses, names, phones
from accounts.rules.emails import email_for_broker
from accounts.rules.letters import readable

Kind = DetailsChange.Kind


def _phone(**more: Any) -> Answer:
    field = line(phones.phone, help_text="For example (201) 555-0143.", **more)
    field.widget.input_type = "tel"
    return field


class ContactForm(ChangeForm):
    """Phone and home. Moving to another country changes taxes, too, and is no matter of a form."""

    phone = _phone(label="Phone number", required="Enter your phone number", autocomplete="tel")
    street_address = line(
        addresses.street, label="Street address", required="Enter your street address", autocomplete="address-line1"
    )
    street_address_2 = line(words, label="Second line", autocomplete="address-line2")
    unit = line(addresses.unit, label="Apartment or unit", autocomplete="address-line3")
    city = line(addresses.city, label="City", required="Enter your city", autocomplete="address-level2")
    state = forms.ChoiceField(
        choices=[("", "Choose a state"), *STATE_CHOICES],
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
        error_messages={"required": "Choose your state"},
    )
    postal_code = line(addresses.zip_code, label="ZIP code", required="Enter your ZIP code", autocomplete="postal-code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].help_text = "The broker calls it if a check needs it."
        if self.is_abroad:
            self.fields["state"] = line(addresses.state_abroad, label="State, province or region")
            self.fields["postal_code"] = line(self._postal_code, label="Postal code")

    @property
    def is_abroad(self) -> bool:
        return self.present["country"] not in ("", addresses.HOME)

    def _postal_code(self, text: str) -> str:
        return addresses.postal_code(text, self.present["country"])

    def clean(self) -> Values:
        answers: Values = super().clean() or {}
        postal_code, state = answers.get("postal_code"), answers.get("state")
        if postal_code and state and not self.is_abroad:
            try:
                addresses.zip_in_state(postal_code, state)
            except NotTaken as why:
                self.add_error("postal_code", why.message)
        return answers


class WorkForm(ChangeForm):
    employment_status = forms.ChoiceField(
        label="At present",
        choices=EmploymentStatus.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what applies to you"},
    )
    employer_name = line(words, label="Employer", autocomplete="organization", help_text="If you are employed.")
    employer_address = line(words, label="Employer’s address", help_text="If you are employed.")
    employment_position = line(words, label="Job title", autocomplete="organization-title")
    employment_sector = forms.ChoiceField(
        label="Kind of business", required=False, choices=[("", "Choose one"), *EmploymentSector.choices]
    )

    def clean(self) -> Values:
        """Ask an employee for the employer; of whoever is not employed, nothing of it stays."""
        answers: Values = super().clean() or {}
        if answers.get("employment_status") != EmploymentStatus.EMPLOYED:
            return answers | dict.fromkeys(kept_details.WORK[1:], "")
        for name, missing in (
            ("employer_name", "Enter who you work for"),
            ("employment_position", "Enter your job title"),
        ):
            if not answers.get(name) and name not in self.errors:
                self.add_error(name, missing)
        return answers


class TrustedContactForm(ChangeForm):
    given_name = line(names.name, label="First name", required="Enter their first name")
    family_name = line(names.name, label="Last name", required="Enter their last name")
    email_address = line(email_for_broker, label="E-mail")
    phone = _phone(label="Phone number")
    street_address = line(addresses.street, label="Street address")
    city = line(addresses.city, label="City")
    state = line(addresses.state_abroad, label="State", help_text="In the United States two letters, such as NJ.")
    postal_code = line(readable, label="ZIP or postal code")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"] = country("Country", missing="", required=False)

    def clean(self) -> Values:
        answers: Values = super().clean() or {}
        ways = ("email_address", "phone", "street_address")
        if not any(answers.get(name) or name in self.errors for name in ways):
            self.add_error("email_address", "Enter at least one way to reach them: e-mail, phone or address")
        if not answers.get("street_address"):
            return answers if "street_address" in self.errors else answers | self._NO_ADDRESS
        return self._with_address(answers)

    _NO_ADDRESS = dict.fromkeys(("city", "state", "postal_code", "country"), "")

    def _with_address(self, answers: Values) -> Values:
        for name in ("city", "state", "postal_code", "country"):
            if not answers.get(name) and name not in self.errors:
                self.add_error(name, "The address needs this")
        for name, rule in (("postal_code", self._postal_code), ("state", self._state)):
            if answers.get(name) and answers.get("country"):
                try:
                    answers[name] = rule(answers[name], answers["country"])
                except NotTaken as why:
                    self.add_error(name, why.message)
        return answers

    @staticmethod
    def _postal_code(text: str, country: str) -> str:
        return addresses.postal_code(text, country)

    @staticmethod
    def _state(text: str, country: str) -> str:
        return addresses.us_state(text) if country == addresses.HOME else text


FORMS: dict[str, type[ChangeForm]] = {
    Kind.CONTACT: ContactForm,
    Kind.WORK: WorkForm,
    Kind.TRUSTED_CONTACT: TrustedContactForm,
    Kind.DISCLOSURES: DisclosuresForm,
}
