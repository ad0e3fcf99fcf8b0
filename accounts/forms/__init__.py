"""What customers type about themselves, with the cure for what is wrong beside the field."""

from typing import Any

from accounts.forms.agreeing import AgreementsForm
from accounts.forms.circumstances import DisclosuresForm, MoneyForm, ProfileForm, WorkForm
from accounts.forms.declared import CompanyForm, FamilyForm, TrustedContactForm
from accounts.forms.person import (
    AddressForm,
    BirthForm,
    CitizenshipForm,
    ContactForm,
    NameForm,
    TaxIdForm,
    VisaForm,
)
from accounts.forms.signing import ChangePasswordForm, MailboxForm, NewPasswordForm, SignInForm

__all__ = ["FORMS", "AgreementsForm", "ChangePasswordForm", "MailboxForm", "NewPasswordForm", "SignInForm"]

# The form of each page of an application (see accounts.steps), but for the agreements.
FORMS: dict[str, Any] = {
    "name": NameForm,
    "contact": ContactForm,
    "address": AddressForm,
    "birth": BirthForm,
    "citizenship": CitizenshipForm,
    "visa": VisaForm,
    "tax-id": TaxIdForm,
    "work": WorkForm,
    "money": MoneyForm,
    "profile": ProfileForm,
    "disclosures": DisclosuresForm,
    "company": CompanyForm,
    "firm": CompanyForm,
    "family": FamilyForm,
    "trusted-contact": TrustedContactForm,
}
