"""What customers type about themselves, with the cure for what is wrong beside the field."""

from django import forms

from accounts.forms.circumstances import AgreementsForm, DisclosuresForm, MoneyForm, WorkForm
from accounts.forms.person import AddressForm, BirthForm, ContactForm, NameForm, TaxIdForm
from accounts.forms.signing import SignInForm, SignUpForm

__all__ = ["FORMS", "AgreementsForm", "SignInForm", "SignUpForm"]

# The form of each step of an application (see accounts.steps); agreements are no columns of it.
FORMS: dict[str, type[forms.ModelForm]] = {
    "name": NameForm,
    "contact": ContactForm,
    "address": AddressForm,
    "birth": BirthForm,
    "tax-id": TaxIdForm,
    "work": WorkForm,
    "money": MoneyForm,
    "disclosures": DisclosuresForm,
}
