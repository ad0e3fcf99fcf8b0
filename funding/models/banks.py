"""The broker's standing permissions to move money with a bank account, and whether that account is the customer's own.

Status columns are written by `move` only (see brokerage.status), which writes the history row with them.
"""

import uuid
from datetime import datetime
from itertools import takewhile
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import BrokerageAccount
from brokerage.append_only import AppendOnly
from brokerage.encryption import EncryptedTextField
from brokerage.status import StatusChange, move, note
from funding import states
from funding.models.bank_rows import RelationshipQuerySet
from funding.models.items import PlaidItem

# What lets money be moved with a bank account, sealed until it has done its work.
SECRETS = ("processor_token", "account_number", "routing_number", "owner_name")


class Lost(models.TextChoices):
    """Why a bank account can't be reached by what we hold."""

    NEW_NUMBERS = "NEW_NUMBERS", "The bank has given it new numbers"
    NOT_SHARED = "NOT_SHARED", "It is not shared with us any more"
    REVOKED = "REVOKED", "Our access to it was taken back"


class ACHRelationship(models.Model):
    """The broker's standing permission to move money with one bank account. One is active per brokerage account.

    It came by a login at Plaid (`item`), or by numbers that the customer typed, which go once the broker has them.
    """

    class Ending(models.TextChoices):
        UNLINKED = "UNLINKED", "Unlinked"
        REPLACED = "REPLACED", "Replaced by another bank account"
        RENEWED = "RENEWED", "Made anew, since its numbers have changed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    brokerage_account = models.ForeignKey(BrokerageAccount, on_delete=models.PROTECT, related_name="relationships")
    item = models.ForeignKey(PlaidItem, on_delete=models.PROTECT, null=True, related_name="relationships")
    plaid_account_id = models.CharField(max_length=64, blank=True)
    # The same for the same account however often it is linked; only of banks that hand out numbers made for us.
    persistent_id = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=100, blank=True)
    mask = models.CharField(max_length=4, blank=True)
    subtype = models.CharField(max_length=20)
    verification = models.CharField(max_length=40, blank=True)  # Plaid's word; empty where the bank vouched at once
    # Kept only until the relationship exists: asking Plaid for another one would be harmless, but would cost a call.
    processor_token = EncryptedTextField(blank=True, default="")
    owner_name = EncryptedTextField(blank=True, default="")
    account_number = EncryptedTextField(blank=True, default="")
    routing_number = EncryptedTextField(blank=True, default="")

    sending = models.CharField(max_length=20, default=states.RESERVED)
    sending_at = models.DateTimeField(default=timezone.now)
    alpaca_id = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - null until the broker names it
    status = models.CharField(max_length=40, blank=True)  # the broker's own word
    status_at = models.DateTimeField(null=True)
    news_at = models.DateTimeField(null=True)  # the broker's time of the newest news applied
    reason = models.CharField(max_length=500, blank=True)  # the broker's prose
    suspended_at = models.DateTimeField(null=True)
    suspended_because = models.CharField(max_length=200, blank=True)
    suspended_deposits_only = models.BooleanField(default=False)
    # The bank account can't be reached by what we hold any more, whatever the broker says.
    lost_at = models.DateTimeField(null=True)
    lost_because = models.CharField(max_length=20, choices=Lost, blank=True)
    checked_at = models.DateTimeField(null=True)  # when a candidate was last looked at
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    # Its end was asked for; nothing new goes through it, and it is removed at the broker once nothing is under way.
    ending_at = models.DateTimeField(null=True)
    ending_because = models.CharField(max_length=10, choices=Ending, blank=True)
    ending_tries = models.PositiveSmallIntegerField(default=0)
    ending_next_at = models.DateTimeField(null=True)
    ending_error = models.CharField(max_length=60, blank=True)  # why the last try came to nothing
    ended_at = models.DateTimeField(null=True)

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        verbose_name = "ACH relationship"
        constraints = [
            models.UniqueConstraint(
                fields=["brokerage_account"],
                condition=Q(ended_at=None) & ~Q(sending__in=["UNVERIFIED", "CHECKING", "HELD", "WAITING"]),
                name="one_active_relationship_per_account",
            ),
            models.UniqueConstraint(
                fields=["brokerage_account"],
                condition=Q(ended_at=None, sending__in=["UNVERIFIED", "CHECKING", "HELD", "WAITING"]),
                name="one_candidate_per_account",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(processor_token="", account_number="", routing_number=""),
                name="ended_relationship_has_no_token_or_number",
            ),
            models.CheckConstraint(
                condition=Q(item=None, plaid_account_id="") | Q(item__isnull=False) & ~Q(plaid_account_id=""),
                name="relationship_by_login_names_its_account",
            ),
        ]
        indexes = [
            models.Index(fields=["mask"], name="relationship_of_mask"),
            models.Index(
                fields=["sending", "sending_at"],
                name="relationship_open",
                condition=Q(ended_at=None),
            ),
            models.Index(
                fields=["ending_next_at"],
                name="relationship_ending",
                condition=Q(ended_at=None, ending_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.institution_name} {self.mask}".strip()

    @property
    def institution_name(self) -> str:
        return (self.item and self.item.institution_name) or "Your bank"

    @property
    def login(self) -> PlaidItem:
        """Return the login that it came by; one that came by numbers has none."""
        assert self.item is not None  # noqa: S101 - who asks for it knows that it came by a login
        return self.item

    @property
    def account_label(self) -> str:
        return self.subtype.capitalize()

    @property
    def is_approved(self) -> bool:
        """Say whether the broker lets money move on this now."""
        return self.ended_at is None and self.sending == states.ACCEPTED and self.status == states.APPROVED

    @property
    def usable(self) -> bool:
        """Say whether transfers may be sent on this now, both ways."""
        return self.usable_for(states.INCOMING) and self.usable_for(states.OUTGOING)

    def usable_for(self, direction: str) -> bool:
        """Say whether a transfer this way may be sent on this now; one that is to end lets go what was reserved."""
        return self.is_approved and not self.is_suspended_for(direction) and not self.is_cut_off_for(direction)

    def is_suspended_for(self, direction: str) -> bool:
        """Say whether transfers this way are stopped by a return, or by ops."""
        return self.suspended_at is not None and (direction == states.INCOMING or not self.suspended_deposits_only)

    def is_cut_off_for(self, direction: str) -> bool:
        """Say whether transfers this way are stopped by how the bank account or the login at the bank is."""
        cut_off = states.NO_DEPOSITS if direction == states.INCOMING else states.ACCESS_LOST
        return self.lost_at is not None or (self.item is not None and self.item.health in cut_off)

    @property
    def is_candidate(self) -> bool:
        """Say whether this is yet to become the account's bank."""
        return self.ended_at is None and self.sending in states.CANDIDATE

    @property
    def was_refused(self) -> bool:
        """Say whether the broker, or we, did not take this bank account."""
        return self.sending == states.REFUSED or self.status == states.REJECTED

    def may_become_usable_for(self, direction: str) -> bool:
        """Say whether a transfer may be asked for: it waits here until the broker has approved the bank."""
        refused = self.sending in (states.REFUSED, states.REVIEW) or self.sending in states.CANDIDATE
        over = refused or self.ended_at is not None or self.ending_at is not None
        return not over and not self.is_suspended_for(direction) and not self.is_cut_off_for(direction)

    def move_sending(self, to: str, *, actor: str, because: str = "", evidence: Any = None, **also: Any) -> None:
        """Move our half. Raises IllegalMove, LostRace.

        An end of it takes the numbers along; once it is held no more, the owner's names go, too.
        """
        now, held = timezone.now(), self.sending == states.HELD
        also["sending_at"] = now
        if to in (states.REFUSED, states.WITHDRAWN):
            also |= {"ended_at": now} | dict.fromkeys(SECRETS, "")
        with transaction.atomic():
            move(
                self,
                field="sending",
                to=to,
                moves=states.LINKING_MOVES,
                actor=actor,
                because=because,
                evidence=evidence,
                also=also,
            )
            if held:  # nobody has to look at the names any more
                self.owner_checks.exclude(owner_names="").update(owner_names="")

    def move_status(
        self, to: str, *, actor: str, because: str = "", vendor_event_id: str | None = None, **also: Any
    ) -> None:
        """Move the broker's half to its own word. An ended one makes room for another. Raises IllegalMove, LostRace."""
        now = timezone.now()
        also["status_at"] = now
        if to in states.RELATIONSHIP_ENDED:
            also |= {"ended_at": now} | dict.fromkeys(SECRETS, "")
        move(
            self,
            field="status",
            to=to,
            moves={self.status: {to}} if states.relationship_may_move(self.status, to) else {},
            actor=actor,
            because=because,
            vendor_event_id=vendor_event_id,
            also=also,
        )

    def suspend(self, *, because: str, actor: str, noted: str = "") -> None:
        """Stop new transfers on this, also where deposits alone were stopped so far; a further reason is kept, too.

        The customer reads why it was stopped so far first; what is `noted` instead stands in the history alone.
        """
        if not self.is_suspended_for(states.OUTGOING):
            self._set_stop(timezone.now(), because, deposits_only=False)
        note(self, field="suspended", after="suspended", actor=actor, because=noted or because)

    def stop_deposits(self, *, because: str, actor: str) -> None:
        """Stop new deposits on this; a wider stop that stands is not narrowed, but takes up the reason."""
        if not self.is_suspended_for(states.INCOMING):
            self._set_stop(timezone.now(), because, deposits_only=True)
        note(self, field="suspended", after="deposits stopped", actor=actor, because=because)

    def resume(self, *, because: str, actor: str) -> None:
        """Let transfers go on again, on the word of a person who has looked into it."""
        if self.suspended_at is not None:
            before = "deposits stopped" if self.suspended_deposits_only else "suspended"
            self._set_stop(None, "", deposits_only=False)
            note(self, field="suspended", before=before, actor=actor, because=because)

    def standing_stops(self) -> list["RelationshipEvent"]:
        """Return what has stopped this since it went on last, the oldest first; several may stand at once."""
        if self.suspended_at is None:
            return []
        since_it_went_on = takewhile(lambda event: event.after, self.events.filter(field="suspended").reverse())
        return list(since_it_went_on)[::-1]

    def _set_stop(self, at: datetime | None, because: str, *, deposits_only: bool) -> None:
        self.suspended_at, self.suspended_because, self.suspended_deposits_only = at, because[:200], deposits_only
        self.save(update_fields=["suspended_at", "suspended_because", "suspended_deposits_only"])

    def lose(self, because: str, *, actor: str) -> None:
        """Note that the bank account can't be reached any more; what was noted first stands."""
        if self.lost_at is None:
            self._set_lost(timezone.now(), because)
            note(self, field="lost", after=because, actor=actor)

    def find_again(self, *, actor: str) -> None:
        """Note that the bank account can be reached again by what we hold."""
        if self.lost_at is not None:
            before = self.lost_because
            self._set_lost(None, "")
            note(self, field="lost", before=before, actor=actor)

    def _set_lost(self, at: datetime | None, because: str) -> None:
        self.lost_at, self.lost_because = at, because
        self.save(update_fields=["lost_at", "lost_because"])

    def begin_to_end(self, why: str, *, actor: str, because: str = "") -> None:
        """Let nothing new through, and have it removed once nothing is under way; `why` is one of Ending."""
        if self.ending_at is None:
            self.ending_at, self.ending_because = timezone.now(), why
            self.save(update_fields=["ending_at", "ending_because"])
            note(self, field="ending", after=why, actor=actor, because=because)

    def stay(self, *, actor: str) -> None:
        """Take back the wish to end it."""
        note(self, field="ending", before=self.ending_because, actor=actor)
        self.ending_at, self.ending_because = None, ""
        self.save(update_fields=["ending_at", "ending_because"])


class RelationshipEvent(StatusChange):
    """One change of a relationship."""

    row = models.ForeignKey(ACHRelationship, on_delete=models.PROTECT, related_name="events")

    append_only = AppendOnly()
