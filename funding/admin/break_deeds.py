"""What ops may do about a break: say who looks at it, and ask the vendor again."""

from collections.abc import Mapping

from django import forms
from django.db.models import Q, QuerySet

from accounts.models import User
from brokerage.deeds import Because, Deed, NotDone, Nothing, Told
from funding.admin.break_filters import WHOSE
from funding.models import Break
from funding.operations import asking_again, breaks

MAY_ACT = "funding.change_break"
GONE = "it has ended by now, or someone else has decided it."
ENDED = "This break has ended."
TOO_LONG = (
    "it takes longer than a page may, so it was stopped: nothing was concluded, and the break stands as it was. "
    "The next run through these books looks at it again."
)
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
    return _assign(row, person, None, because, f"It waits for {WHOSE.get(row.about.owner, row.about.owner)}.")


def _assign(row: Break, person: User, to: User | None, because: str, said: str) -> str:
    try:
        breaks.assign(row=row, person=person, to=to, because=because)
    except breaks.NotOpen:
        raise NotDone(GONE) from None
    return said


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
    except asking_again.TookTooLong:
        raise NotDone(TOO_LONG) from None
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
)
