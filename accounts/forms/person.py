"""Who the customer is: name, phone, address, birth, citizenship, visa, tax id; checked as the broker will check it.

The rules are in accounts.rules; what two answers must have to do with each other is here.
"""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from localflavor.us.us_states import STATE_CHOICES

from accounts.forms.answers import Answer, country, one_of
from accounts.models import Application, Residency
from accounts.models.choices import VISITORS, VisaType
from accounts.rules import NotTaken, addresses, days, names, phones, tax_ids

HOME = addresses.HOME


class NameForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("given_name", "middle_name", "family_name")

    given_name = Answer(
        label="First name",
        rule=names.name,
        max_length=100,
        autocomplete="given-name",
        error_messages={"required": "Enter your first name"},
    )
    middle_name = Answer(
        label="Middle name", rule=names.name, max_length=100, required=False, autocomplete="additional-name"
    )
    family_name = Answer(
        label="Last name",
        rule=names.name,
        max_length=100,
        autocomplete="family-name",
        help_text="If you have a single name, enter it as first and as last name.",
        error_messages={"required": "Enter your last name"},
    )


class ContactForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("phone",)

    phone = Answer(
        label="Phone number",
        rule=phones.phone,
        max_length=30,
        help_text="For example (201) 555-0143. A number abroad begins with + and its country code.",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": "Enter your phone number"},
    )


class AddressForm(forms.ModelForm):
    """A US address; where the firm serves other countries, one of those."""

    class Meta:
        model = Application
        fields = ("country", "street_address", "street_address_2", "unit", "city", "state", "postal_code")

    street_address = Answer(
        label="Street address",
        rule=addresses.street,
        max_length=100,
        autocomplete="address-line1",
        error_messages={"required": "Enter your street address"},
    )
    street_address_2 = Answer(
        label="Second line of the street address",
        rule=addresses.street,
        max_length=100,
        required=False,
        autocomplete="address-line2",
    )
    unit = Answer(
        label="Apartment or unit", rule=addresses.unit, max_length=20, required=False, autocomplete="address-line3"
    )
    city = Answer(
        label="City",
        rule=addresses.city,
        max_length=50,
        autocomplete="address-level2",
        error_messages={"required": "Enter your city"},
    )
    state = forms.ChoiceField(
        label="State",
        choices=[("", "Choose a state"), *STATE_CHOICES],
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
        error_messages={"required": "Choose your state"},
    )
    postal_code = forms.CharField(
        label="ZIP code",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
        error_messages={"required": "Enter your ZIP code"},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        served = self.served()
        self.abroad = served != [HOME]
        self.fields["country"] = country("Country", missing="Choose your country", only=served, autocomplete="country")
        if not self.abroad:
            del self.fields["country"]
            return
        self.fields["state"] = Answer(
            label="State, province or region",
            rule=addresses.state_abroad,
            max_length=50,
            required=False,
            autocomplete="address-level1",
            help_text="In the United States, the two letters of your state.",
        )
        self.fields["postal_code"].label = "Postal code"
        self.fields["postal_code"].widget.attrs.pop("inputmode")
        self.fields["postal_code"].required = False

    def served(self) -> list[str]:
        """Return the countries that the address may be in."""
        return list(settings.RESIDENCE_COUNTRIES)

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        where = answers.get("country", "") if self.abroad else HOME
        if not where or not {"postal_code", "state"} <= answers.keys():
            return answers
        if where == HOME:
            self._check_home(answers)
        else:
            self._keep("postal_code", answers, lambda text: addresses.postal_code(text, where))
        return answers

    def _check_home(self, answers: dict[str, Any]) -> None:
        self._keep("state", answers, addresses.us_state)
        self._keep("postal_code", answers, addresses.zip_code)
        if {"postal_code", "state"} <= answers.keys():
            self._keep("postal_code", answers, lambda text: addresses.zip_in_state(text, answers["state"]))

    def _keep(self, field: str, answers: dict[str, Any], rule: Any) -> None:
        try:
            answers[field] = rule(answers[field])
        except NotTaken as no:
            self.add_error(field, str(no))
            answers.pop(field, None)


class BirthForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("date_of_birth", "country_of_birth", "residency")

    date_of_birth = forms.DateField(
        label="Date of birth",
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "bday"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%m/%d/%Y"],
        error_messages={
            "required": "Enter your date of birth",
            "invalid": "Enter a day that exists, such as 1991-03-09.",
        },
    )
    residency = forms.ChoiceField(
        label="In the United States",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what applies to you"},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["country_of_birth"] = country("Country of birth", missing="Choose where you were born")
        self.fields["residency"].choices = [  # type: ignore[attr-defined]  # Django types it as a plain field
            choice
            for choice in Residency.choices
            if choice[0] != Residency.ABROAD or settings.RESIDENCE_COUNTRIES != [HOME]
        ]
        self.order_fields(["date_of_birth", "country_of_birth", "residency"])

    def clean_date_of_birth(self) -> str:
        """Return the day as YYYY-MM-DD text, which is how it is encrypted."""
        return _kept(days.birth, self.cleaned_data["date_of_birth"])


def _kept(rule: Any, day: date) -> str:
    try:
        text: str = rule(day, timezone.localdate())
    except NotTaken as no:
        raise ValidationError(str(no)) from None
    return text


class CitizenshipForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("country_of_citizenship",)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        missing = "Choose the country whose passport you hold"
        self.fields["country_of_citizenship"] = country("Country of citizenship", missing=missing, but=HOME)


class VisaForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("visa_type", "visa_expires_on", "leaves_usa_on")

    visa_type = one_of("Visa", VisaType, missing="Choose your visa")
    visa_expires_on = forms.DateField(
        label="Last day of the visa",
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%m/%d/%Y"],
        error_messages={
            "required": "Enter the last day of your visa",
            "invalid": "Enter a day that exists, such as 2028-06-30.",
        },
    )
    leaves_usa_on = forms.DateField(
        label="Day you leave the United States",
        required=False,
        help_text="Only with a B-1 or B-2 visa.",
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%m/%d/%Y"],
        error_messages={"invalid": "Enter a day that exists, such as 2027-02-14."},
    )

    def clean_visa_expires_on(self) -> date:
        day: date = self.cleaned_data["visa_expires_on"]
        _kept(days.visa_end, day)
        return day

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        if answers.get("visa_type") not in VISITORS:
            return answers | {"leaves_usa_on": None}
        day = answers.get("leaves_usa_on")
        if day is None and "leaves_usa_on" not in self.errors:
            self.add_error("leaves_usa_on", "Enter the day you plan to leave the United States")
        elif day is not None:
            try:
                days.departure(day, timezone.localdate())
            except NotTaken as no:
                self.add_error("leaves_usa_on", str(no))
        return answers


class TaxIdForm(forms.ModelForm):
    """The number of the United States that one has; for who lives abroad, also another country's."""

    class Meta:
        model = Application
        fields = ("tax_id_type", "country_of_tax_residence", "tax_id")

    tax_id_type = forms.ChoiceField(
        label="Which number do you have?",
        choices=[("USA_SSN", "Social Security number"), ("USA_ITIN", "Individual taxpayer number (ITIN)")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose which number you have"},
    )
    tax_id = forms.CharField(
        label="The number",
        max_length=60,
        help_text="Nine digits, with or without dashes.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        error_messages={"required": "Enter your number"},
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if settings.RESIDENCE_COUNTRIES == [HOME]:
            del self.fields["country_of_tax_residence"]
            return
        kinds = list(tax_ids.KINDS.items())
        self.fields["tax_id_type"] = forms.ChoiceField(
            label="Which number do you have?",
            choices=[("", "Choose one"), *kinds],
            error_messages={"required": "Choose which number you have"},
        )
        missing = "Choose where you pay tax"
        self.fields["country_of_tax_residence"] = country("Country where you pay tax", missing=missing)
        self.fields["tax_id"].help_text = "As it stands on the letters of your tax office."
        self.fields["tax_id"].widget.attrs.pop("inputmode")

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        rules = {"USA_SSN": tax_ids.social_security, "USA_ITIN": tax_ids.individual_taxpayer}
        if "tax_id" not in answers or "tax_id_type" not in answers:
            return answers
        try:
            answers["tax_id"] = rules.get(answers["tax_id_type"], tax_ids.foreign)(answers["tax_id"])
        except NotTaken as no:
            self.add_error("tax_id", str(no))
        return answers
