"""The audit: what was done that somebody may ask about in years, entry by entry, each sealing the one before.

See audit_chain for the seal, and operations.audit for how an entry is written. Nobody changes or deletes one.
"""

from django.db import models

from accounts.audit_chain import BEFORE_THE_FIRST, Link
from brokerage.append_only import AppendOnly


class AuditEntry(models.Model):
    """One entry. It has ids, and words from our own code: nothing of a person, no secret, nothing that was typed."""

    class Deed(models.TextChoices):
        DESK_DEED = "desk.deed", "Something was done at the desk"
        DESK_NOT_DONE = "desk.not_done", "It could not be done"
        DESK_ACTION = "desk.action", "Something was done to rows of a list"
        DESK_OPENED = "desk.opened", "A page about somebody was opened at the desk"
        DESK_LISTED = "desk.listed", "A list with people in it was shown at the desk"
        DESK_DOWNLOADED = "desk.downloaded", "A list of the desk was downloaded"
        PERSON_EDITED = "person.edited", "A superuser changed who may sign in"
        FIELD_REVEALED = "field.revealed", "Something hidden was shown"
        DOCUMENT_OPENED = "document.opened", "A document was opened by a person of ops"
        ROLE_GIVEN = "role.given", "A role was given or taken"
        SIGN_IN_STOPPED = "sign_in.stopped", "Somebody may not sign in any more"
        SIGN_IN_ALLOWED = "sign_in.allowed", "Somebody may sign in again"
        SIGNED_IN = "sign_in.done", "Somebody signed in"
        SIGN_INS_FAILED = "sign_in.failed", "Sign-ins failed within an hour, so many"
        SIGNED_UP = "sign_up.done", "Somebody signed up"
        PASSWORD_CHANGED = "password.changed", "A password was changed"
        SECOND_FACTOR = "second_factor.changed", "A second factor was changed"
        PASSKEY_ADDED = "passkey.added", "A passkey was added"
        PASSKEY_REMOVED = "passkey.removed", "A passkey was removed"
        CONNECTED = "sign_in.connected", "An account was connected to the sign-in provider"
        SESSIONS_ENDED = "sessions.ended", "Sessions were ended elsewhere"
        SIGNED_OUT = "sign_out.done", "Somebody signed out"
        EMAIL_CHANGED = "email.changed", "An e-mail address was changed"
        BANK_LINKED = "bank.linked", "A bank account was linked"
        BANK_UNLINKED = "bank.unlinked", "A bank account is to be unlinked"
        TRANSFER_ASKED = "transfer.asked", "A customer asked for a transfer"
        TRANSFER_CANCELED = "transfer.canceled", "A transfer is to be canceled"
        COMMAND_RUN = "command.run", "A command that changes things was begun"
        ANCHORED = "audit.anchored", "The end of this chain was written to a file"

    number = models.PositiveBigIntegerField(primary_key=True)  # 1, 2, 3 …, without gaps
    at = models.DateTimeField(editable=False)
    deed = models.CharField(max_length=30)  # a Deed; without `choices`, so that another one is no migration
    actor = models.CharField(max_length=80)  # "ops 90ae…", "customer 6f1c…", "worker …", "command purge"
    about = models.CharField(max_length=120, blank=True)  # "transfer 6f1c…"; empty where it is about nothing in one row
    facts = models.JSONField(default=dict, blank=True)
    previous = models.CharField(max_length=64)  # the hash of the entry before
    hash = models.CharField(max_length=64)

    append_only = AppendOnly()

    class Meta:
        verbose_name_plural = "audit entries"
        ordering = ["-number"]
        constraints = [models.CheckConstraint(condition=models.Q(number__gte=1), name="audit_begins_at_one")]
        indexes = [
            models.Index(fields=["deed", "-number"], name="audit_of_deed"),
            models.Index(fields=["actor", "-number"], name="audit_of_actor"),
            models.Index(fields=["about", "-number"], name="audit_of_subject"),
            models.Index(fields=["-at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"Entry {self.number}"

    @property
    def says(self) -> str:
        """Return what was done, in words; of a deed that our code knows no more, its own name."""
        return self.Deed(self.deed).label if self.deed in self.Deed.values else self.deed

    @property
    def link(self) -> Link:
        return Link(self.number, self.at, self.deed, self.actor, self.about, self.facts, self.previous, self.hash)


class AuditHead(models.Model):
    """Where the chain ends. One row, and the lock of whoever appends."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=BEFORE_THE_FIRST)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_has_one_head")]

    def __str__(self) -> str:
        return f"Audit up to {self.number}"
