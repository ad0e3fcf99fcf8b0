"""Who the customer is: name, phone, address, birth, tax id; checked as the broker will check it.

The rules are the broker's: https://docs.alpaca.markets/us/docs/data-validations
"""

import re
from datetime import date
from typing import Any

import phonenumbers
from anyascii import anyascii
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from localflavor.us.us_states import STATE_CHOICES
from stdnum.us import ssn

from accounts.forms.letters import has_broker_letters, no_control_characters
from accounts.models import Application, Residency

OLDEST_BIRTH_YEAR = 1900
# "PO Box", "P.O. Box 7", "P O Bx", "Post Office Box", "POB 12", "Box 12" at the start, and so on; no street has them.
_PO_BOX = re.compile(
    r"\b(p\W{0,3}[o0]|post(al)?|post\W{0,3}office)\W{0,3}(box|bx|drawer)(?![a-z])"
    r"|\bp\W{0,3}[o0]\W{0,3}b\W{0,3}\d"
    r"|^\W*(p\W{0,3}[o0]\W{0,3}|box|bx)\W{0,3}\d",
    re.I,
)
# The first digits of each state's ZIP codes: https://pe.usps.com/Archive/HTML/DMMArchive20050106/print/L002.htm
_ZIP_BEGINS = {
    "0": "CT MA ME NH NJ NY PR RI VT VI AE",
    "1": "DE NY PA",
    "2": "DC MD NC SC VA WV",
    "3": "AL FL GA MS TN AA",
    "4": "IN KY MI OH",
    "5": "IA MN MT ND SD WI DC",
    "6": "IL KS MO NE",
    "7": "AR LA OK TX",
    "8": "AZ CO ID NM NV UT WY TX",
    "9": "AK AS CA GU HI MH FM MP OR PW WA AP",
}


class NameForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("given_name", "family_name")
        widgets = {
            "given_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "family_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
        }

    given_name = forms.CharField(
        label="First name",
        max_length=100,
        validators=[no_control_characters, has_broker_letters],
        error_messages={"required": "Enter your first name"},
    )
    family_name = forms.CharField(
        label="Last name",
        max_length=100,
        validators=[no_control_characters, has_broker_letters],
        help_text="If you have a single name, enter it in both fields.",
        error_messages={"required": "Enter your last name"},
    )


class ContactForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("phone",)

    phone = forms.CharField(
        label="Phone number",
        max_length=30,
        help_text="For example (201) 555-0143.",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"required": "Enter your phone number"},
    )

    def clean_phone(self) -> str:
        """Return the number in E.164, as the broker wants it: +12015550143."""
        wrong = ValidationError("Enter a phone number with its area code, such as (201) 555-0143.")
        try:
            number = phonenumbers.parse(self.cleaned_data["phone"], "US")
        except phonenumbers.NumberParseException:
            raise wrong from None
        # Seven digits are possible too, for someone who lives next door.
        if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
            raise wrong
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class AddressForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("street_address", "unit", "city", "state", "postal_code")

    street_address = forms.CharField(
        label="Street address",
        max_length=100,
        validators=[no_control_characters],
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
        error_messages={"required": "Enter your street address"},
    )
    unit = forms.CharField(
        label="Apartment or unit",
        max_length=20,
        required=False,
        validators=[no_control_characters],
        widget=forms.TextInput(attrs={"autocomplete": "address-line2"}),
    )
    city = forms.CharField(
        max_length=50,
        min_length=2,
        validators=[no_control_characters, has_broker_letters],
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
        error_messages={"required": "Enter your city"},
    )
    state = forms.ChoiceField(
        choices=[("", "Choose a state"), *STATE_CHOICES],
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
        error_messages={"required": "Choose your state"},
    )
    postal_code = forms.RegexField(
        r"(?a)^\d{5}(-\d{4})?$",
        label="ZIP code",
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
        error_messages={
            "required": "Enter your ZIP code",
            "invalid": "Enter a ZIP code of five digits, such as 07030.",
        },
    )

    def clean_street_address(self) -> str:
        street: str = self.cleaned_data["street_address"]
        if _PO_BOX.search(anyascii(street)):
            raise ValidationError("This is a PO box. Enter the street address where you live.")
        if len(street) < 2 or street.isdigit():
            raise ValidationError("Enter the number and the name of the street.")
        return street

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        postal_code, state = answers.get("postal_code"), answers.get("state")
        if postal_code and state and state not in _ZIP_BEGINS[postal_code[0]]:
            self.add_error("postal_code", f"{postal_code} is not in {dict(STATE_CHOICES)[state]}. Change one of them.")
        return answers


class BirthForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("date_of_birth", "residency")

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
        choices=Residency.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what applies to you"},
    )

    def clean_date_of_birth(self) -> str:
        """Return the day as YYYY-MM-DD text, which is how it is encrypted."""
        born: date = self.cleaned_data["date_of_birth"]
        today = timezone.localdate()
        if born > today:
            raise ValidationError("This day has not come yet. Enter the day you were born.")
        if born.year < OLDEST_BIRTH_YEAR:
            raise ValidationError("Check the year: it is before 1900.")
        if (today.year, today.month, today.day) < (born.year + 18, born.month, born.day):
            raise ValidationError("You must be 18 or older to open an account.")
        return born.isoformat()


class TaxIdForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ("tax_id",)

    tax_id = forms.CharField(
        label="Social Security number",
        max_length=20,
        help_text="Nine digits, with or without dashes.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        error_messages={"required": "Enter your Social Security number"},
    )

    def clean_tax_id(self) -> str:
        """Return nine digits."""
        digits = re.sub(r"[\s-]", "", self.cleaned_data["tax_id"])
        if not re.fullmatch(r"(?a)\d{9}", digits):
            raise ValidationError("Enter the nine digits of your Social Security number.")
        made_up = digits in ("123456789", "987654321") or len(set(digits)) == 1
        if made_up or not ssn.is_valid(f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"):
            raise ValidationError("No Social Security number looks like this. Check each digit.")
        return digits
