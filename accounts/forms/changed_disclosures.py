"""The four questions that the law asks, answered anew, and what stands behind each yes."""

from collections.abc import Iterable
from typing import Any

from django import forms

from accounts import kept_details
from accounts.forms.answers import country, yes_no
from accounts.forms.change_form import ChangeForm, Rule, line, words
from accounts.models import DisclosureContext
from accounts.models.changes import Values
from accounts.rules import addresses, names
from accounts.rules.emails import email_for_broker

_QUESTIONS = {
    "is_control_person": ("Are you an officer of a public company, or do you own 10% or more of one?", "The company"),
    "is_affiliated_exchange_or_finra": ("Do you work for a broker, an exchange or FINRA?", "The firm"),
    "is_politically_exposed": ("Do you hold a public office, or did you in the past year?", ""),
    "immediate_family_exposed": ("Does a close family member hold a public office?", "The family member"),
}
# What each line of a context is called, and what is said where it is missing.
_LINES = {
    "company_name": ("Name", "Enter its name"),
    "company_street_address": ("Street address", "Enter its street address"),
    "company_city": ("City", "Enter its city"),
    "company_state": ("State", "Enter its state"),
    "company_country": ("Country", "Choose its country"),
    "company_compliance_email": (
        "E-mail of its compliance department",
        "Enter the e-mail address",
    ),
    "given_name": ("First name", "Enter their first name"),
    "family_name": ("Last name", "Enter their last name"),
}
_ONLY_AT_HOME = "company_state"
_RULES: dict[str, Rule] = {
    "company_street_address": addresses.street,
    "company_city": addresses.city,
    "company_state": addresses.state_abroad,
    "company_compliance_email": email_for_broker,
    "given_name": names.name,
    "family_name": names.name,
}


def context_field(kind: str, name: str) -> str:
    """Return the name of the form's field for one line of a context."""
    return f"{kind.lower()}-{name}"


class DisclosuresForm(ChangeForm):
    """Four questions; not answered is not "no", and each yes has to say what stands behind it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, _) in _QUESTIONS.items():
            self.fields[name] = yes_no(label)
            for field, made in self._context_fields(name):
                self.fields[field] = made

    def _context_fields(self, question: str) -> Iterable[tuple[str, forms.Field]]:
        """Return the fields behind a yes; of a question that is answered otherwise they may stay empty."""
        kind, columns = kept_details.EXPLAINED_BY.get(question, ("", ()))
        answered_otherwise = self.is_bound and str(self.data.get(question)) != "True"
        for column in columns:
            label, missing = _LINES[column]
            if column == "company_country":
                field: forms.Field = country(label, missing=missing)
            else:
                required = "" if column == _ONLY_AT_HOME else missing
                field = line(_RULES.get(column, words), label=label, required=required)
            if answered_otherwise:
                field.required = False
            yield context_field(kind, column), field

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Return each question with the fields that stand behind a yes, for the page."""
        found = []
        for name, (_, title) in _QUESTIONS.items():
            kind, columns = kept_details.EXPLAINED_BY.get(name, ("", ()))
            fields = [self[context_field(kind, column)] for column in columns]
            is_yes = str(self[name].value()) == "True"
            found.append({"question": self[name], "title": title, "fields": fields, "is_open": is_yes})
        return found

    def clean(self) -> Values:
        answers: Values = super().clean() or {}
        contexts = {
            str(kind): self._context(answers, kind, columns)
            for name, (kind, columns) in kept_details.EXPLAINED_BY.items()
            if answers.get(name)
        }
        return {name: answers.get(name) for name in kept_details.DISCLOSURES} | {
            "contexts": contexts,
            "form_key": answers.get("form_key"),
        }

    def _context(self, answers: Values, kind: DisclosureContext.Kind, columns: tuple[str, ...]) -> dict[str, str]:
        values = {column: answers.get(context_field(kind, column), "") for column in columns}
        if values.get("company_country") == addresses.HOME and not values[_ONLY_AT_HOME]:
            self.add_error(context_field(kind, _ONLY_AT_HOME), _LINES[_ONLY_AT_HOME][1])
        return values

    @staticmethod
    def typed(values: Values) -> dict[str, Any]:
        lines = {
            context_field(kind, name): text for kind, each in values["contexts"].items() for name, text in each.items()
        }
        return {name: values[name] for name in kept_details.DISCLOSURES} | lines
