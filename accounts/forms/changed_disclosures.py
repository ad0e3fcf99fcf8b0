"""The four questions that the law asks, answered anew, and what stands behind each yes."""

from typing import Any

from django import forms

from accounts import kept_details
from accounts.forms import circumstances
from accounts.forms.change_form import ChangeForm
from accounts.forms.declared import CompanyForm, FamilyForm, state_of_company
from accounts.models import DisclosureContext
from accounts.models.changes import Values
from accounts.rules import NotTaken

_Of = DisclosureContext.Kind
# What is behind a yes is called on the page, and the form of the application that asks for it.
_TITLES = {
    "is_control_person": "The company",
    "is_affiliated_exchange_or_finra": "The firm",
    "immediate_family_exposed": "The family member",
}
_ASKED_BY: dict[DisclosureContext.Kind, type[forms.ModelForm]] = {
    _Of.CONTROLLED_FIRM: CompanyForm,
    _Of.AFFILIATE_FIRM: CompanyForm,
    _Of.IMMEDIATE_FAMILY_EXPOSED: FamilyForm,
}


def context_field(kind: str, name: str) -> str:
    """Return the name of the form's field for one line of a context."""
    return f"{kind.lower()}-{name}"


class DisclosuresForm(ChangeForm, circumstances.DisclosuresForm):
    """Four questions; not answered is not "no", and each yes has to say what stands behind it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, _ in kept_details.EXPLAINED_BY.values():
            for name, field in _ASKED_BY[kind]().fields.items():
                self.fields[context_field(kind, name)] = field
        self.order_fields([name for question in kept_details.DISCLOSURES for name in (question, *_behind(question))])

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Return each question with the fields that stand behind a yes, for the page."""
        return [
            {
                "question": self[name],
                "title": _TITLES.get(name, ""),
                "fields": [self[field] for field in _behind(name)],
                "is_open": str(self[name].value()) == "True",
            }
            for name in kept_details.DISCLOSURES
        ]

    def clean(self) -> Values:
        answers: Values = super().clean() or {}
        contexts = {}
        for question, (kind, columns) in kept_details.EXPLAINED_BY.items():
            if answers.get(question):
                contexts[str(kind)] = self._context(answers, kind, columns)
                continue
            for field in _behind(question):  # what nobody asked for can't be wrong
                self.errors.pop(field, None)
        kept = {name: answers.get(name) for name in kept_details.DISCLOSURES}
        return kept | {"contexts": contexts, "form_key": answers.get("form_key")}

    def _context(self, answers: Values, kind: DisclosureContext.Kind, columns: tuple[str, ...]) -> dict[str, str]:
        values = {column: answers.get(context_field(kind, column), "") for column in columns}
        if "company_state" in values:
            try:
                values["company_state"] = state_of_company(values["company_state"], values["company_country"])
            except NotTaken as no:
                self.add_error(context_field(kind, "company_state"), no.message)
        return values

    @staticmethod
    def typed(values: Values) -> dict[str, Any]:
        lines = {
            context_field(kind, name): text for kind, each in values["contexts"].items() for name, text in each.items()
        }
        return {name: values[name] for name in kept_details.DISCLOSURES} | lines


def _behind(question: str) -> list[str]:
    """Return the names of the fields behind a yes to one question."""
    kind, columns = kept_details.EXPLAINED_BY.get(question, ("", ()))
    return [context_field(kind, column) for column in columns]
