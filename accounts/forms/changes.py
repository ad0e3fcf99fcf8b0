"""What customers type to change their details once the account is open: the application's questions, asked again."""

from typing import Any

from accounts import kept_details
from accounts.forms import circumstances, declared, person
from accounts.forms.change_form import ChangeForm
from accounts.forms.changed_disclosures import DisclosuresForm
from accounts.models import Application
from accounts.models.changes import DetailsChange, Values

Kind = DetailsChange.Kind


class ContactForm(ChangeForm, person.ContactForm, person.AddressForm):
    """Phone and home. Moving to another country changes taxes, too, and is no matter of a form."""

    class Meta:
        model = Application
        fields = kept_details.COLUMNS[Kind.CONTACT]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.abroad:
            self.fields["country"].disabled = True
            self.fields["country"].initial = self.present["country"]
        self.order_fields(["phone", "country"])

    def served(self) -> list[str]:
        return [self.present["country"] or person.HOME]


class WorkForm(ChangeForm, circumstances.WorkForm):
    pass


class TrustedContactForm(ChangeForm, declared.PersonForm):
    def clean(self) -> Values:
        """Where there is no street, keep nothing of an address."""
        answers = super().clean()
        if answers.get("street_address") or "street_address" in self.errors:
            return answers
        return answers | dict.fromkeys(("city", "state", "postal_code", "country"), "")


FORMS: dict[str, type[ChangeForm]] = {
    Kind.CONTACT: ContactForm,
    Kind.WORK: WorkForm,
    Kind.TRUSTED_CONTACT: TrustedContactForm,
    Kind.DISCLOSURES: DisclosuresForm,
}
