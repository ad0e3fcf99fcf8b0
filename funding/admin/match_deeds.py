"""What ops may do where cash and transfers do not meet: match two by hand, take a match back, look for one of ours."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import User
from accounts.operations.leases import HeldByAnother
from brokerage import money
from brokerage.deeds import Because, Deed, NotDone, Nothing, Told
from brokerage.sheets import link_to
from brokerage.template_tags import day, day_text, moment
from funding import break_kinds, states
from funding.admin import break_decisions, break_deeds, transfer_deeds
from funding.models import Break, CashActivity, Transfer
from funding.operations import asking_again, breaks, cash_matching
from funding.operations.cash_matching import CannotMatch

_OF_A_ROW = "cash "  # how the subject of a break about a row begins


def cash_of(row: Break) -> CashActivity | None:
    """Return the row of cash that a break is about."""
    if not row.subject.startswith(_OF_A_ROW):
        return None
    return CashActivity.objects.filter(alpaca_id=row.subject.removeprefix(_OF_A_ROW)).first()


def transfer_in_words(transfer: Transfer) -> str:
    stood = f"settled {day_text(cash_matching.day_of(transfer))}" if transfer.settled_at else "not settled"
    returned = ", returned" if transfer.status == states.RETURNED else ""
    return f"{transfer}, {money.show(transfer.amount)}, {stood}{returned}"


def cash_in_words(cash: CashActivity) -> str:
    void = ", taken back by the broker" if cash.is_void else ""
    return f"{cash.kind} {money.show(cash.amount)}, booked {day_text(cash.booked_on)}{void}"


# --- Matching ---------------------------------------------------------------------------------------------------------


class MatchForm(Because):
    """The other half: one of those that fit, or any other by its id."""

    fitting = forms.ChoiceField(required=False)
    by_id = forms.CharField(required=False, max_length=100)
    field_order = ("fitting", "by_id", "because")

    def __init__(self, row: Break, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cash = cash_of(row)
        self.transfer = row.transfer
        field, by_id = self.fields["fitting"], self.fields["by_id"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - said above
        if self.cash is not None:
            found = cash_matching.transfers_for(self.cash)
            choices = [(str(each.pk), transfer_in_words(each)) for each in found]
            field.label, by_id.label = "Transfers that fit", "Or another one, by its id"
            by_id.help_text = "Ours or the broker’s."
        else:
            rows = cash_matching.rows_for(row.transfer) if row.transfer else []
            choices = [(each.alpaca_id, cash_in_words(each)) for each in rows]
            field.label, by_id.label = "Rows of cash that fit", "Or another one, by its id"
            by_id.help_text = "The broker’s id of the row."
        field.choices = [("", "Choose one" if choices else "None of this account fits"), *choices]

    def clean(self) -> dict[str, Any]:
        """Find the two; say here what stands between them, so that nothing is asked of a second person in vain."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        fitting, by_id = cleaned.pop("fitting", ""), cleaned.pop("by_id", "").strip()
        if bool(fitting) == bool(by_id):
            raise ValidationError("Choose one that fits, or name another by its id.")
        try:
            cash, transfer = self._pair(fitting or by_id)
            cash_matching.check(cash, transfer)
        except CannotMatch as why:
            raise ValidationError(f"These two do not belong together: {why}") from None
        return cleaned | {"cash": cash, "transfer": transfer}

    def _pair(self, other: str) -> tuple[CashActivity, Transfer]:
        if self.cash is not None:
            return self.cash, cash_matching.transfer_named(other)
        if self.transfer is None:
            raise cash_matching.NotThere
        return cash_matching.cash_named(other), self.transfer


def _not_to_match(row: Break, person: User) -> str:
    if not row.is_open:
        return break_deeds.ENDED
    if row.state == Break.ASKED:
        return f"{row.asked_by} has proposed something; decline that first."
    if row.about.area != break_kinds.CASH:
        return "This break is not about cash and a transfer."
    cash = cash_of(row)
    if cash is None:
        return "" if row.transfer_id else "There is nothing to match: it names neither a row of cash nor a transfer."
    if cash.brokerage_account_id is None:
        return "The row is of an account that we do not hold, so no transfer of ours can be it."
    return "That row is matched already." if cash.role else ""


def _halves(row: Break, asked: Mapping[str, str]) -> Told:
    """Return the half that is there, with what may hint at the other one."""
    cash, transfer = cash_of(row), row.transfer
    told: Told = [("What differs", row.what)]
    if cash is not None:
        told += [("Row of cash", link_to(cash, cash_in_words(cash))), ("Made by the broker", moment(cash.created_at))]
    if transfer is not None:
        label = "Transfer" if cash is None else "Most like transfer"
        told.append((label, link_to(transfer, transfer_in_words(transfer))))
    two = "A second person has to agree." if row.about.two_persons else "It is done at once."
    return [*told, ("Who decides", two)]


def _match(row: Break, person: User, *, because: str, cash: CashActivity, transfer: Transfer, seen: str) -> str:
    proposal = {"do": breaks.MATCH, "cash": str(cash.pk), "transfer": str(transfer.pk)}
    done = "Matched. What else hung on it ends by itself at the next run."
    return break_decisions.propose(row, person, because, proposal, seen=seen, done=done)


# --- Taking a match back ----------------------------------------------------------------------------------------------


def matched_rows() -> QuerySet[CashActivity]:
    return CashActivity.objects.select_related("transfer", "brokerage_account__user")


def _not_to_unmatch(cash: CashActivity, person: User) -> str:
    return "" if cash.transfer_id else "This row is matched with no transfer."


def _what_was_matched(cash: CashActivity, asked: Mapping[str, str]) -> Told:
    when = moment(cash.matched_at) if cash.matched_at else ""
    found = [("Transfer", link_to(cash.transfer)), ("As its", cash.role.lower()), ("Matched", when)]
    return [("Booked", day(cash.booked_on)), ("Amount", money.show(cash.amount)), *found]


def _unmatch(cash: CashActivity, person: User, *, because: str) -> str:
    try:
        cash_matching.unmatch(cash=cash, person=person, because=because)
    except cash_matching.NotMatched:
        raise NotDone("it is matched with no transfer any more.") from None
    except HeldByAnother:
        raise NotDone(break_deeds.BUSY) from None
    return "Taken back. The next run matches what fits by its own rules, and tells of what is left."


# --- One that may be ours ---------------------------------------------------------------------------------------------


def _no_doubts(row: Break, person: User) -> str:
    if not row.is_open:
        return break_deeds.ENDED
    if row.kind != "MAY_BE_OURS":
        return "This break is not about a transfer that may be ours."
    unknown = any(each.sending == states.UNKNOWN for each in asking_again.doubts(row))
    return "" if unknown else "None of ours is looked for: what is in review is decided on its own page."


def _doubts(row: Break, asked: Mapping[str, str]) -> Told:
    found = [(each.sending.capitalize(), link_to(each, transfer_in_words(each))) for each in asking_again.doubts(row)]
    return [*break_deeds.told(row, asked), *found]


def _look(row: Break, person: User) -> str:
    looked_for = asking_again.resolve_doubts(row=row)
    said = [f"{each}: {_outcome(each)}" for each in looked_for]
    return f"Looked for in the broker’s list. {'; '.join(said) or 'None is in doubt any more'}."


def _outcome(transfer: Transfer) -> str:
    if transfer.sending == states.UNKNOWN:
        return "not found yet, or the broker does not answer; it goes on being looked for"
    return f"{transfer.sending}, the broker’s {transfer.alpaca_id}" if transfer.alpaca_id else transfer.sending


DEEDS = (
    Deed(
        name="match",
        label="Match it by hand",
        says="The row of cash and the transfer belong to each other from then on, for good, and later runs keep it so. "
        "Account, kind, sign and amount have to agree; days need not.",
        permission=break_deeds.MAY_ACT,
        rows=break_deeds.rows,
        hinders=_not_to_match,
        facts=_halves,
        act=_match,
        stamp_of=breaks.stamp_of,
        form_of=lambda row: partial(MatchForm, row),
    ),
    Deed(
        name="look",
        label="Look for ours now",
        says="The broker’s list is searched for each of ours in doubt, as the worker does by itself: one that fits is "
        "adopted, several are put before a person. Nothing is sent again.",
        permission=transfer_deeds.MAY_ACT,
        rows=break_deeds.rows,
        hinders=_no_doubts,
        facts=_doubts,
        act=_look,
        form=Nothing,
    ),
)
UNMATCH = Deed(
    name="unmatch",
    label="Take the match back",
    says="The row of cash and the transfer stand alone again. The next run matches what fits by its own rules; what is "
    "left becomes a break.",
    permission=break_deeds.MAY_ACT,
    rows=matched_rows,
    hinders=_not_to_unmatch,
    facts=_what_was_matched,
    act=_unmatch,
)
