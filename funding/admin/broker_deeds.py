"""What ops ask of the broker about one row: to read it again. Nothing is sent; what differs is taken over, and said."""

from collections.abc import Mapping

from accounts.findings import Finding
from accounts.models import User
from brokerage.deeds import Deed, NotDone, Nothing, Told
from brokerage.template_tags import moment
from funding import states
from funding.admin import login_deeds, owner_deeds, transfer_deeds
from funding.models import ACHRelationship, Transfer
from funding.operations import reading_again

AWAY = "the broker did not answer, so nothing was changed. Try it again in a minute."
UNHEARD = "the broker has not heard of it."
LABEL = "Read it from the broker again"


def in_words(found: list[Finding], subject: str) -> str:
    """Return what differed of the row itself, and of how many others of its account something did."""
    own = [each for each in found if each.subject == subject]
    others = len(found) - len(own)
    said = "; ".join(f"{each.what}{'' if each.mended else ' (left to a person)'}" for each in own)
    beside = f" Beside it, {others} more of this account differed." if others else ""
    return f"Read: {said}.{beside}" if said else f"The broker says what we have.{beside}"


def _not_at_the_broker(transfer: Transfer, person: User) -> str:
    there = transfer.alpaca_id or transfer.sending == states.UNKNOWN
    return "" if there else "The broker has not heard of this transfer."


def _transfer_facts(transfer: Transfer, asked: Mapping[str, str]) -> Told:
    compared = transfer.brokerage_account.compared_at
    stands = f"{transfer.sending} {transfer.status}".strip()
    return [("Stands at", stands), ("Compared last", moment(compared) if compared else "never")]


def _read_transfer(transfer: Transfer, person: User) -> str:
    try:
        found = reading_again.read_transfer(transfer=transfer, person=person)
    except reading_again.BrokerAway:
        raise NotDone(AWAY) from None
    except reading_again.NothingToRead:
        raise NotDone(UNHEARD) from None
    return in_words(found, f"transfer {transfer.pk}")


def _bank_not_there(link: ACHRelationship, person: User) -> str:
    if link.ended_at:
        return "This bank account is not linked any more."
    there = link.sending in (states.UNKNOWN, states.ACCEPTED, states.REVIEW)
    return "" if there else "The broker has not heard of this bank account."


def _bank_facts(link: ACHRelationship, asked: Mapping[str, str]) -> Told:
    return [*owner_deeds.whose(link), ("Stands at", f"{link.sending} {link.status}".strip())]


def _read_bank(link: ACHRelationship, person: User) -> str:
    try:
        found = reading_again.read_bank(relationship=link, person=person)
    except reading_again.BrokerAway:
        raise NotDone(AWAY) from None
    except reading_again.NothingToRead:
        raise NotDone(UNHEARD) from None
    return in_words(found, f"relationship {link.pk}")


TRANSFER = Deed(
    name="read",
    label=LABEL,
    says="The broker’s list of this account’s transfers is read, and what it says is taken over, as every five "
    "minutes. One whose outcome is unknown is looked for. Nothing is sent.",
    permission=transfer_deeds.MAY_ACT,
    rows=transfer_deeds.rows,
    hinders=_not_at_the_broker,
    facts=_transfer_facts,
    act=_read_transfer,
    form=Nothing,
)
BANK = Deed(
    name="read-broker",
    label=LABEL,
    says="The broker’s list of this account’s bank accounts is read, and what it says is taken over, as every five "
    "minutes. One whose outcome is unknown is looked for. Nothing is sent.",
    permission=login_deeds.MAY_ACT,
    rows=owner_deeds.rows,
    hinders=_bank_not_there,
    facts=_bank_facts,
    act=_read_bank,
    form=Nothing,
)
