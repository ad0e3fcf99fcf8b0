"""What the page of the bank account shows: the bank, the one to come, and what can be done now.

Called by views. Changes nothing.
"""

from dataclasses import dataclass

from django.conf import settings

from accounts.models import BrokerageAccount
from funding import bank_wording, states
from funding.models import ACHRelationship
from funding.operations import repairing
from funding.wording import Words


@dataclass(frozen=True)
class BankPage:
    """`link` is the account's bank, or what is to become it, or the last one if it was refused; `coming` follows it."""

    link: ACHRelationship | None
    coming: ACHRelationship | None
    is_open: bool  # the brokerage account is

    @property
    def words(self) -> Words | None:
        return bank_wording.of_relationship(self.link) if self.link else None

    @property
    def coming_words(self) -> Words | None:
        return bank_wording.of_relationship(self.coming) if self.coming else None

    @property
    def live(self) -> bool:
        return any(bank_wording.is_live(each) for each in (self.link, self.coming) if each is not None)

    @property
    def _stands(self) -> bool:
        return self.link is not None and self.link.ended_at is None

    @property
    def can_link(self) -> bool:
        return self.is_open and not self._stands

    @property
    def can_type(self) -> bool:
        """Say whether a bank account may be named by its numbers."""
        return settings.MANUAL_BANKS and (self.can_link or self.can_replace)

    @property
    def can_replace(self) -> bool:
        settled = self._stands and self.link is not None and self.link.ending_at is None and not self.link.is_candidate
        return self.is_open and settled and self.coming is None

    @property
    def can_sign_in(self) -> bool:
        return self._stands and repairing.may_sign_in(self.link)

    @property
    def asks_sign_in(self) -> bool:
        """Say whether signing in again is the next thing to do."""
        return self.can_sign_in and self.link is not None and bank_wording.needs_attention(self.link)

    @property
    def asks_new_link(self) -> bool:
        """Say whether linking a bank account anew, this one or another, is the next thing to do."""
        ended = self.words is not None and self.words.word == "Access ended"
        return ended and self.can_replace and not self.can_sign_in

    @property
    def awaits_code(self) -> bool:
        waiting = (self.coming, self.link)
        return any(each and each.sending == states.UNVERIFIED and _by_code(each) for each in waiting)

    @property
    def can_call_off(self) -> bool:
        candidate = self.coming or (self.link if self.link and self.link.is_candidate else None)
        renewed = self.link is not None and self.link.ending_because == ACHRelationship.Ending.RENEWED
        told = self.link is not None and self.link.ending_tries > 0
        return candidate is not None and not renewed and not told


def _by_code(link: ACHRelationship) -> bool:
    return link.verification == "pending_manual_verification"


def of(account: BrokerageAccount | None) -> BankPage:
    """Return what the page shows for one account."""
    if account is None:
        return BankPage(None, None, is_open=False)
    rows = ACHRelationship.objects.select_related("item", "brokerage_account").filter(brokerage_account=account)
    living = {row.is_candidate: row for row in rows.living()}
    link, coming = living.get(False), living.get(True)
    if link is None:
        link, coming = coming or _refused_last(account), None
    return BankPage(link, coming, is_open=account.is_active)


def _refused_last(account: BrokerageAccount) -> ACHRelationship | None:
    """Return the last bank account where it was refused, so that this is said."""
    rows = ACHRelationship.objects.select_related("item").filter(brokerage_account=account)
    last = rows.order_by("-created_at").first()
    return last if last is not None and last.was_refused else None


def earlier(account: BrokerageAccount | None, *, besides: ACHRelationship | None = None) -> list[ACHRelationship]:
    """Return the bank accounts that were linked once, or were to be, the latest first; `besides` is shown already."""
    rows = ACHRelationship.objects.select_related("item").filter(brokerage_account=account).exclude(ended_at=None)
    return [row for row in rows.order_by("-ended_at")[:20] if row != besides] if account else []
