"""What ops may do to a transfer: allow or decline a held one, decide one in review, cancel."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html

from accounts.models import User
from brokerage import money
from brokerage.deeds import Because, Deed, NotDone, Nothing, Told
from brokerage.template_tags import moment
from funding import states
from funding.models import RiskDecision, Transfer
from funding.operations import canceling, reviewing, risk
from funding.operations.reviewing import Candidate

MAY_ACT = "funding.change_transfer"
BROKER_AWAY = "The broker’s list cannot be read right now, and nothing is decided without it."


def rows() -> QuerySet[Transfer]:
    return Transfer.objects.select_related("user", "brokerage_account", "relationship__item", "attempt")


# --- Held by the risk gate --------------------------------------------------------------------------------------------


def _not_held(transfer: Transfer, person: User) -> str:
    return "" if transfer.sending == states.HELD else "This deposit does not wait for a person any more."


def _risk_facts(transfer: Transfer, asked: Mapping[str, str]) -> Told:
    """Return who, how much, and what the gate was told when it held the deposit."""
    decision = transfer.risk_decisions.filter(outcome=RiskDecision.Outcome.HOLD).last()
    if decision is None:
        return _who(transfer)
    inputs = [(name.replace("_", " ").capitalize(), _plain(value)) for name, value in decision.inputs.items()]
    rules = [("Held at", moment(decision.at)), ("Rules that held it", _plain(decision.reasons))]
    return [*_who(transfer), *rules, ("Version of the rules", decision.rules_version), *inputs]


def _who(transfer: Transfer) -> Told:
    bank = str(transfer.relationship or "made elsewhere")
    return [("Customer", transfer.user.email), ("Amount", money.show(transfer.amount)), ("Bank", bank)]


def _plain(value: Any) -> str:
    """Return one input of the risk gate in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return _plain([f"{name}: {number}" for name, number in value.items()])
    return str(value) if value not in ("", None) else "none"


def _allow(transfer: Transfer, person: User, *, because: str) -> str:
    try:
        risk.allow_held(transfer=transfer, because=because, person=person)
    except risk.NotHeld:
        raise NotDone("someone else has decided it, or the customer has canceled it.") from None
    return f"{transfer} is allowed; the worker sends it within seconds."


def _decline(transfer: Transfer, person: User, *, because: str) -> str:
    try:
        risk.decline_held(transfer=transfer, because=because, person=person)
    except risk.NotHeld:
        raise NotDone("someone else has decided it, or the customer has canceled it.") from None
    return f"{transfer} is declined; nothing was sent, and the customer is told."


# --- In review --------------------------------------------------------------------------------------------------------


class AdoptForm(Because):
    """Which of the broker's transfers it is."""

    alpaca_id = forms.CharField(widget=forms.HiddenInput, max_length=64)


class CertifyForm(Because):
    """Which of the broker's transfers were looked at: a certificate is of these, and of no other."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=4000)

    def clean_shown(self) -> list[str]:
        ids: list[str] = self.cleaned_data["shown"].split()
        return ids


def _certify_form(transfer: Transfer) -> Callable[..., forms.Form]:
    """Return what makes the form, with the ids that its page is about to show; read first, so never more than those."""

    def form(data: Any, *, initial: dict[str, Any]) -> forms.Form:
        if data is None:
            initial = {**initial, "shown": " ".join(_ids(transfer))}
        return CertifyForm(data, initial=initial)

    return form


def _ids(transfer: Transfer) -> list[str]:
    try:
        found, unlisted = reviewing.none_of(transfer=transfer)
    except reviewing.BrokerAway:
        return []  # as the page says
    return [*(each.theirs.alpaca_id for each in found), *unlisted]


def _not_bound_in_review(transfer: Transfer, person: User) -> str:
    waits = transfer.sending == states.REVIEW and transfer.alpaca_id
    return "" if waits else "This transfer does not wait for that decision."


def _not_unbound_in_review(transfer: Transfer, person: User) -> str:
    waits = transfer.sending == states.REVIEW and not transfer.alpaca_id
    return "" if waits else "This transfer does not wait for that decision."


def candidates(transfer: Transfer) -> list[Candidate]:
    """Return what the broker's list holds that could be it. Raises NotDone."""
    try:
        return reviewing.candidates(transfer=transfer)
    except reviewing.BrokerAway:
        raise NotDone(BROKER_AWAY) from None


def _in_words(candidate: Candidate) -> str:
    theirs = candidate.theirs
    amount = money.show(theirs.amount) if theirs.amount is not None else "no amount"
    bound = f", bound to {candidate.bound_to}" if candidate.bound_to else ""
    return format_html("{}, {}, made {}{}", amount, theirs.status, moment(theirs.created_at), bound)


def _all_candidates(transfer: Transfer, asked: Mapping[str, str]) -> Told:
    """Return ours, and all that has to be ruled out. Raises NotDone."""
    try:
        found, unlisted = reviewing.none_of(transfer=transfer)
    except reviewing.BrokerAway:
        raise NotDone(BROKER_AWAY) from None
    listed = [(f"The broker’s {each.theirs.alpaca_id}", _in_words(each)) for each in found]
    named = [(f"The broker’s {alpaca_id}", "named by it before, and not in its list now") for alpaca_id in unlisted]
    return [*_who(transfer), ("Sent", moment(transfer.attempt.sent_at)), *listed, *named]


def _chosen_candidate(transfer: Transfer, asked: Mapping[str, str]) -> Told:
    """Return ours and the one that was chosen. Raises NotDone."""
    chosen = [each for each in candidates(transfer) if each.theirs.alpaca_id == asked.get("alpaca_id")]
    if not chosen:
        raise NotDone("The broker lists no such transfer that could be this one.")
    if not chosen[0].is_free:
        raise NotDone(f"That one is bound to {chosen[0].bound_to} already.")
    found = [(f"The broker’s {each.theirs.alpaca_id}", _in_words(each)) for each in chosen]
    return [*_who(transfer), ("Sent", moment(transfer.attempt.sent_at)), *found]


def _keep(transfer: Transfer, person: User, *, because: str) -> str:
    try:
        reviewing.keep(transfer=transfer, because=because, person=person)
    except reviewing.NotInReview:
        raise NotDone("someone else has decided it.") from None
    return f"{transfer} is kept as ours and goes on."


def _adopt(transfer: Transfer, person: User, *, because: str, alpaca_id: str) -> str:
    try:
        reviewing.adopt(transfer=transfer, alpaca_id=alpaca_id, because=because, person=person)
    except reviewing.NotInReview:
        raise NotDone("someone else has decided it.") from None
    except reviewing.BrokerAway:
        raise NotDone(BROKER_AWAY) from None
    except (reviewing.BoundElsewhere, reviewing.NotACandidate):
        raise NotDone("that one belongs to another transfer by now, or is gone from the broker’s list.") from None
    return f"{transfer} is the broker’s {alpaca_id}, and goes on."


def _certify(transfer: Transfer, person: User, *, because: str, shown: list[str]) -> str:
    try:
        reviewing.certify_not_created(transfer=transfer, shown=shown, because=because, person=person)
    except reviewing.NotInReview:
        raise NotDone("someone else has decided it.") from None
    except reviewing.BrokerAway:
        raise NotDone(BROKER_AWAY) from None
    except reviewing.NotLookedAt:
        raise NotDone("the broker names another one by now. Open the page anew and look at all of them.") from None
    return f"{transfer} is certified as never made; the customer is told, and may ask again."


# --- Canceling --------------------------------------------------------------------------------------------------------


def _too_late(transfer: Transfer, person: User) -> str:
    return "" if transfer.can_cancel else canceling.TooLateToCancel.customer_message


def _cancel(transfer: Transfer, person: User) -> str:
    try:
        certain = canceling.cancel(transfer=transfer, actor=f"ops {person.pk}")
    except (canceling.TooLateToCancel, canceling.BrokerAway) as refusal:
        raise NotDone(refusal.customer_message) from None
    return f"{transfer} is canceled; no money moves." if certain else f"The broker has been asked to cancel {transfer}."


DEEDS = (
    Deed(
        name="allow",
        label="Allow this deposit",
        says="The deposit goes on past the risk gate: the worker sends it to the broker within seconds, and the "
        "customer’s bank is debited.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_held,
        facts=_risk_facts,
        act=_allow,
    ),
    Deed(
        name="decline",
        label="Decline this deposit",
        says="The deposit ends here. Nothing was sent; the customer is told that we can’t make it, and may ask anew.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_held,
        facts=_risk_facts,
        act=_decline,
    ),
    Deed(
        name="keep",
        label="Keep it: it is ours",
        says="What the broker made stands for what the customer asked for, although it differs. It goes on like any "
        "other transfer, and can be canceled while the broker has not sent it.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_bound_in_review,
        facts=_all_candidates,
        act=_keep,
    ),
    Deed(
        name="adopt",
        label="Adopt this one",
        says="The broker’s transfer named here becomes this one, for good, and the customer sees what becomes of it. "
        "Nothing is sent again. The other candidates are taken in as made elsewhere.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_unbound_in_review,
        facts=_chosen_candidate,
        act=_adopt,
        form=AdoptForm,
        listed=False,
    ),
    Deed(
        name="certify",
        label="None of them is ours",
        says="You certify that the broker never made this transfer. It ends, the customer is told, and may ask again: "
        "if one of those below is it after all, the money moves twice.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_unbound_in_review,
        facts=_all_candidates,
        form_of=_certify_form,
        act=_certify,
    ),
    Deed(
        name="cancel",
        label="Cancel this transfer",
        says="What was not sent is called off at once. What the broker has is asked back, which works until it is sent "
        "to the bank. The customer sees it.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_too_late,
        act=_cancel,
        form=Nothing,
    ),
)
