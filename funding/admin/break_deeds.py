"""What ops may do about a break: say who looks at it, ask the vendor again, dismiss it, have a second person agree."""

from collections.abc import Mapping

from django import forms
from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.operations.leases import HeldByAnother
from brokerage.deeds import Because, Deed, NotDone, Nothing, Told
from brokerage.sheets import link_to
from brokerage.template_tags import moment
from funding.models import Break, CashActivity, Transfer
from funding.operations import asking_again, breaks
from funding.operations.cash_matching import CannotMatch

MAY_ACT = "funding.change_break"
GONE = "it has ended by now, or someone else has decided it."
ENDED = "This break has ended."
BUSY = "reconciliation goes through these books right now. Try again in a minute."


def rows() -> QuerySet[Break]:
    return Break.objects.select_related("brokerage_account__user", "transfer", "owner", "asked_by", "decided_by")


def colleagues() -> QuerySet[User]:
    """Return those who may do something about a break."""
    may = Q(user_permissions__codename="change_break") | Q(groups__permissions__codename="change_break")
    staff = User.objects.filter(is_staff=True, is_active=True)
    return staff.filter(Q(is_superuser=True) | may).distinct().order_by("email")


def told(row: Break, asked: Mapping[str, str]) -> Told:
    """Return what differs, in short."""
    account = row.brokerage_account
    who = [("Customer", account.user.email)] if account else []
    return [*who, ("Ours", row.ours or "nothing"), ("Theirs", row.theirs or "nothing"), ("What differs", row.what)]


# --- Whose it is ------------------------------------------------------------------------------------------------------


class Taking(Because):
    """Why, with the answer that is true as a rule."""

    because = forms.CharField(label="Why", max_length=300, initial="I look into it.")


class Giving(Because):
    """To whom a break is given."""

    to = forms.ModelChoiceField(User.objects.none(), label="To", empty_label="Choose somebody")
    field_order = ("to", "because")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["to"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - said above
        field.queryset = colleagues()


def _is_mine(row: Break, person: User) -> str:
    if not row.is_open:
        return ENDED
    return "It is yours already." if row.owner_id == person.pk else ""


def _has_ended(row: Break, person: User) -> str:
    return "" if row.is_open else ENDED


def _is_nobodys(row: Break, person: User) -> str:
    if not row.is_open:
        return ENDED
    return "" if row.owner_id else "Nobody has taken it."


def _take(row: Break, person: User, *, because: str) -> str:
    return _assign(row, person, person, because, "It is yours.")


def _give(row: Break, person: User, *, to: User, because: str) -> str:
    return _assign(row, person, to, because, f"It is given to {to}.")


def _let_go(row: Break, person: User, *, because: str) -> str:
    return _assign(row, person, None, because, f"It waits for the next {row.about.owner}.")


def _assign(row: Break, person: User, to: User | None, because: str, said: str) -> str:
    try:
        breaks.assign(row=row, person=person, to=to, because=because)
    except breaks.NotOpen:
        raise NotDone(GONE) from None
    return said


# --- Dismissing -------------------------------------------------------------------------------------------------------


def _not_by_one(row: Break, person: User) -> str:
    if not row.is_open:
        return ENDED
    return "Money hangs on it: two persons dismiss it." if row.about.two_persons else _waits(row)


def _not_to_propose(row: Break, person: User) -> str:
    if not row.is_open:
        return ENDED
    return _waits(row) if row.about.two_persons else "One person can dismiss it."


def _waits(row: Break) -> str:
    return f"{row.asked_by} has proposed something; decline that first." if row.state == Break.ASKED else ""


def _dismiss(row: Break, person: User, *, because: str) -> str:
    return propose(row, person, because, {"do": breaks.DISMISS}, done="Dismissed. It is not opened again while it "
                   "looks the same.")  # fmt: skip


def propose(row: Break, person: User, because: str, proposal: dict[str, str], *, done: str) -> str:
    """Propose, or do at once what needs no second person. Raises NotDone."""
    try:
        ended = breaks.propose(row=row, person=person, because=because, proposal=proposal)
    except breaks.NotOpen:
        raise NotDone(GONE) from None
    except CannotMatch as why:
        raise NotDone(str(why)) from None
    except HeldByAnother:
        raise NotDone(BUSY) from None
    return done if ended else "Proposed. It is done once someone else agrees; until then the break stays open."


# --- The second person ------------------------------------------------------------------------------------------------


def _not_to_agree(row: Break, person: User) -> str:
    if not row.is_open:
        return ENDED
    if row.state != Break.ASKED:
        return "Nobody has proposed anything."
    return "You proposed it, so someone else has to agree." if row.asked_by_id == person.pk else ""


def _not_to_decline(row: Break, person: User) -> str:
    if not row.is_open:
        return ENDED
    return "" if row.state == Break.ASKED else "Nobody has proposed anything."


def proposed(row: Break) -> Told:
    """Return what was proposed, by whom, when and why; nothing where nothing waits."""
    if row.state != Break.ASKED:
        return []
    asked = row.events.filter(field="state", after=Break.ASKED).last()
    return [
        ("Proposed", in_words(row.proposal)),
        ("By", row.asked_by),
        ("When", moment(asked.at) if asked else ""),
        ("Because", asked.because if asked else ""),
        *matched_pair(row.proposal),
    ]


def in_words(proposal: Mapping[str, str]) -> str:
    return "to match a row of cash with a transfer" if proposal.get("do") == breaks.MATCH else "to dismiss it"


def matched_pair(proposal: Mapping[str, str]) -> Told:
    """Return the row of cash and the transfer that a proposal names, as links."""
    if proposal.get("do") != breaks.MATCH:
        return []
    cash = CashActivity.objects.filter(pk=proposal["cash"]).first()
    transfer = Transfer.objects.filter(pk=proposal["transfer"]).first()
    return [("Row of cash", link_to(cash)), ("Transfer", link_to(transfer))]


def _what_to_agree_to(row: Break, asked: Mapping[str, str]) -> Told:
    if row.state == Break.ASKED and breaks.looks_otherwise(row):
        raise NotDone("The break has changed since that was proposed. Decline it, and look at it anew.")
    return [*told(row, asked), *proposed(row)]


def _agree(row: Break, person: User, *, because: str) -> str:
    try:
        proposal = breaks.agree(row=row, person=person, because=because)
    except breaks.NotOpen:
        raise NotDone(GONE) from None
    except breaks.NotYours:
        raise NotDone("you proposed it, so someone else has to agree.") from None
    except breaks.LooksOtherwise:
        raise NotDone("the break has changed since that was proposed.") from None
    except CannotMatch as why:
        raise NotDone(str(why)) from None
    except HeldByAnother:
        raise NotDone(BUSY) from None
    matched = proposal["do"] == breaks.MATCH
    return "Matched. What else hung on it ends by itself at the next run." if matched else "Dismissed by two persons."


def _decline(row: Break, person: User, *, because: str) -> str:
    try:
        breaks.decline(row=row, person=person, because=because)
    except breaks.NotOpen:
        raise NotDone(GONE) from None
    return "Declined. The break is open again."


# --- Asking the vendor ------------------------------------------------------------------------------------------------


def _nobody_to_ask(row: Break, person: User) -> str:
    if not row.is_open:
        return ENDED
    there = row.brokerage_account_id and row.about.area
    return "" if there else "It is about no account of ours: the next run through these books looks at it again."


def _ask_again(row: Break, person: User) -> str:
    try:
        came = asking_again.ask_again(row=row, person=person)
    except asking_again.NoAccount:
        raise NotDone("it is about no account of ours.") from None
    except asking_again.Busy:
        raise NotDone(BUSY) from None
    except asking_again.Away as why:
        raise NotDone(f"nothing could be compared, and the break stands as it was ({why}).") from None
    others = f" Other differences of this account: {came.others}." if came.others else ""
    return f"{_what_came(came)}{others}"


def _what_came(came: asking_again.Came) -> str:
    if not came.is_open:
        healed = came.state == Break.HEALED
        return "Asked again: it is mended, and the break is healed." if healed else "Asked again: the break is gone."
    if not came.seen:
        return "Asked again, and nothing sure can be told while something of this account moves. It stays open."
    return f"Asked again: it is still there, {'and looks otherwise now' if came.changed else 'as it was'}."


DEEDS = (
    Deed(
        name="take",
        label="Take it",
        says="You look at this break from now on; others see that it is yours.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_is_mine,
        facts=told,
        act=_take,
        form=Taking,
    ),
    Deed(
        name="give",
        label="Give it to somebody",
        says="Whoever you choose looks at this break from now on.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_has_ended,
        facts=told,
        act=_give,
        form=Giving,
    ),
    Deed(
        name="let-go",
        label="Let it go",
        says="Nobody in particular looks at this break any more.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_is_nobodys,
        facts=told,
        act=_let_go,
    ),
    Deed(
        name="again",
        label="Ask the vendor again",
        says="This account is compared again in this area, now, as any run does: what the vendor’s word can mend is "
        "mended, and the break ends if it is not found any more.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_nobody_to_ask,
        facts=told,
        act=_ask_again,
        form=Nothing,
    ),
    Deed(
        name="dismiss",
        label="Dismiss it",
        says="It is no difference, or you know what explains it. It leaves the queue, and is not opened again while "
        "it looks the same.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_by_one,
        facts=told,
        act=_dismiss,
    ),
    Deed(
        name="propose",
        label="Propose to dismiss it",
        says="Money hangs on this break, so a second person has to agree. It stays open until then.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_to_propose,
        facts=told,
        act=_dismiss,
    ),
    Deed(
        name="agree",
        label="Agree, and do it",
        says="What another person proposed is done, with both your names. Look at the evidence yourself first.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_to_agree,
        facts=_what_to_agree_to,
        act=_agree,
    ),
    Deed(
        name="decline",
        label="Decline the proposal",
        says="Nothing of what was proposed is done, and the break is open again.",
        permission=MAY_ACT,
        rows=rows,
        hinders=_not_to_decline,
        facts=lambda row, asked: [*told(row, asked), *proposed(row)],
        act=_decline,
    ),
)
