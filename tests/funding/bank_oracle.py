"""What must hold of a customer's banks, read from both sides after every step, whatever the code thinks of it."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from funding import states
from funding.models import ACHRelationship, LinkSession, PlaidItem
from tests.funding import banking
from tests.funding.standing import IN, Customer

VERIFIED = ("", "automatically_verified", "manually_verified")


class BankOracle:
    """Remembers how every link stood after the step before, and what the broker had by then."""

    def __init__(self, ada: Customer) -> None:
        self.ada = ada
        self.stood: dict[str, dict[str, Any]] = {}
        self.seen: set[str] = set()
        self.check()

    def in_days(self, days: int) -> datetime:
        return timezone.now() + timedelta(days=days)

    def check(self) -> None:
        """Look at what must hold at any moment."""
        theirs = self.ada.sandbox.get("/control/state")
        links = list(ACHRelationship.objects.select_related("item", "brokerage_account"))
        _one_bank_an_account(links, theirs["relationships"])
        self._transfers_went_through_good_banks(links, theirs["transfers"])
        _both_sides_agree(links, theirs)
        _keys_are_where_they_belong(links)
        self.stood = {link.alpaca_id: _stand(link) for link in links if link.alpaca_id}

    def _transfers_went_through_good_banks(self, links: list[ACHRelationship], theirs: list[dict[str, Any]]) -> None:
        """A new transfer of the broker's is on a bank that was good, verified and hers when it was made."""
        mine = {link.alpaca_id: link for link in links if link.alpaca_id}
        for row in theirs:
            if row["id"] in self.seen:
                continue
            self.seen.add(row["id"])
            link = mine[row["relationship_id"]]
            assert link.brokerage_account_id == self.ada.account.pk
            assert link.login.user_id == self.ada.user.pk
            # A step may mend a bank, or link it, and then use it: bad before and after it is bad throughout.
            after = _stand(link)
            before = self.stood.get(row["relationship_id"], {"ended": False, "lost": False, "health": states.GOOD})
            bad = states.NO_DEPOSITS if row["direction"] == IN else states.ACCESS_LOST
            assert not before["ended"], before
            assert not (before["lost"] and after["lost"]), before
            assert not (before["health"] in bad and after["health"] in bad), before
            assert after["verified"], after

    def is_nothing_left(self) -> bool:
        """Say whether no bank is linked and no key is held any more."""
        return not (ACHRelationship.objects.living().exists() or PlaidItem.objects.held().exists())

    def check_the_end(self) -> None:
        """Look at what is left when everything is unlinked and nothing more is to come."""
        open_links = list(ACHRelationship.objects.living())
        assert open_links == [], [(link.sending, link.status, link.ending_error) for link in open_links]
        assert banking.at_the_broker(self.ada) == []
        kept = [item for item in PlaidItem.objects.all() if item.access_token]
        assert kept == [], [(item.health, item.removal_tries) for item in kept]
        assert len(banking.at_plaid(self.ada.sandbox)) <= self._orphans()

    def _orphans(self) -> int:
        """Count the items that Plaid may hold and whose key we never learned: noted, or died in the middle of it."""
        died = LinkSession.objects.filter(item=None, outcome="").exclude(claimed_at=None).count()
        never = LinkSession.objects.filter(claimed_at=None).count()  # public tokens that were made, and not traded
        other = LinkSession.objects.exclude(outcome__in=["linked", ""]).filter(item=None).count()
        return died + never + other


def _one_bank_an_account(links: list[ACHRelationship], theirs: list[dict[str, Any]]) -> None:
    living = [link for link in links if link.ended_at is None]
    assert sum(link.sending not in states.CANDIDATE for link in living) <= 1, living
    assert sum(link.sending in states.CANDIDATE for link in living) <= 1, living
    assert sum(row["status"] not in states.RELATIONSHIP_ENDED for row in theirs) <= 1, theirs


def _both_sides_agree(links: list[ACHRelationship], theirs: dict[str, Any]) -> None:
    """What has ended here has ended there, what is there was verified here, and a removal touched no money."""
    there = {row["id"]: row["status"] for row in theirs["relationships"]}
    for link in links:
        if link.alpaca_id and link.ended_at is not None:
            assert there[link.alpaca_id] in states.RELATIONSHIP_ENDED, there[link.alpaca_id]
        if link.alpaca_id:
            assert link.verification in VERIFIED, link.verification
    for row in theirs["transfers"]:
        if row["status"] in (states.QUEUED, states.SENT_TO_CLEARING):
            assert there[row["relationship_id"]] not in states.BEING_CANCELED, row


def _keys_are_where_they_belong(links: list[ACHRelationship]) -> None:
    for item in PlaidItem.objects.all():
        assert bool(item.access_token) == (item.removed_at is None), item.pk
    for link in links:
        over = link.ended_at is not None or link.sending == states.ACCEPTED
        assert not (over and (link.processor_token or link.account_number)), link.pk
    for session in LinkSession.objects.exclude(outcome=""):
        assert session.link_token == "", session.pk


def _stand(link: ACHRelationship) -> dict[str, Any]:
    return {
        "ended": link.ended_at is not None,
        "lost": link.lost_at is not None,
        "health": link.item.health if link.item else states.GOOD,
        "verified": link.verification in VERIFIED,
    }
