"""What a customer is told about their bank account: what it means, what comes next, what they can do.

Called by operations.telling_banks, once; the words are kept as they were then.
"""

from dataclasses import dataclass
from enum import StrEnum

from funding import wording
from funding.models import ACHRelationship, PlaidItem


class Kind(StrEnum):
    """What can be told of a bank account, or of the login at a bank."""

    LINKED = "LINKED"  # the broker approved it
    VERIFYING = "VERIFYING"  # small deposits are on their way
    NOT_VERIFIED = "NOT_VERIFIED"
    HELD = "HELD"  # a person looks at whose account it is
    NOT_YOURS = "NOT_YOURS"
    REFUSED = "REFUSED"  # by the broker
    SIGN_IN = "SIGN_IN"  # the bank wants a new sign-in
    EXPIRING = "EXPIRING"
    REVOKED = "REVOKED"
    NOT_SHARED = "NOT_SHARED"
    REPAIRED = "REPAIRED"
    RENEWING = "RENEWING"  # new numbers, taken over by itself
    UNLINKED = "UNLINKED"
    REPLACED = "REPLACED"
    SUSPENDED = "SUSPENDED"  # by ops
    RESUMED = "RESUMED"
    REPAIR_ASKED = "REPAIR_ASKED"


@dataclass(frozen=True)
class Message:
    title: str
    body: str


_OF_RELATIONSHIP = {
    Kind.LINKED: (
        "Your bank account is linked",
        "The broker approved it. You can deposit and withdraw now.\nIf you did not link it, write to us at once.",
    ),
    Kind.VERIFYING: (
        "Your bank account is being verified",
        "Small deposits prove that it is yours. No money moves through it before that; its page says what comes next.",
    ),
    Kind.NOT_VERIFIED: (
        "Your bank account could not be verified",
        "The small deposits were not confirmed in time, or not with the right code. Nothing was moved. "
        "You can link it once more, or another one.",
    ),
    Kind.HELD: (
        "We are looking at your bank account",
        "The name that your bank gives is not clearly the one on your application, so a person of ours looks at it, "
        "within one banking day. You don’t need to do anything.",
    ),
    Kind.NOT_YOURS: (
        "Your bank account was not linked",
        "Your bank says that it belongs to somebody else. Link an account in your own name, or write to us.",
    ),
    Kind.REFUSED: (
        "Your bank account was not approved",
        "The broker did not approve it. Nothing was moved. Link another bank account to go on, or write to us.",
    ),
    Kind.NOT_SHARED: (
        "We can’t reach your bank account any more",
        "It is not among the accounts that your bank shares with us. No money moves through it until you share it "
        "again, or link another one.",
    ),
    Kind.RENEWING: (
        "Your bank has given your account new numbers",
        "We link it anew with them, by ourselves. No new transfers go through it until that is done; "
        "what is under way goes on.",
    ),
    Kind.UNLINKED: (
        "Your bank account is unlinked",
        "No money moves through it any more, and our access at your bank is over. "
        "If you did not ask for this, write to us at once.",
    ),
    Kind.REPLACED: (
        "Your bank account is replaced",
        "No money moves through it any more; the new one follows. If you did not ask for this, write to us at once.",
    ),
    Kind.SUSPENDED: (
        "Transfers through your bank account are stopped",
        "We stopped them while we look into something. Write to us, please.",
    ),
    Kind.RESUMED: ("Transfers through your bank account go on", "What we looked into is settled."),
}


def of_relationship(relationship: ACHRelationship, kind: Kind) -> Message:
    """Return what is told of a bank account as it stands now."""
    title, body = _OF_RELATIONSHIP[kind]
    ending = f", ending in {relationship.mask}" if relationship.mask else ""
    return Message(title, f"Bank account: {relationship.institution_name}{ending}.\n{body}")


def of_item(item: PlaidItem, kind: Kind) -> Message:
    """Return what is told of the login at a bank as it stands now."""
    bank = item.institution_name or "Your bank"
    match kind:
        case Kind.SIGN_IN | Kind.REPAIR_ASKED:
            return Message(
                f"{bank} wants you to sign in again",
                "New deposits wait until you have; withdrawals go on. It takes a minute, on the page of your bank "
                "account.",
            )
        case Kind.EXPIRING:
            return Message(
                f"Sign in at {bank} again soon",
                f"Our access ends on {wording.day_text(item.disconnects_at)} unless you sign in there once more, on "
                "the page of your bank account. Until then everything goes on.",
            )
        case Kind.REVOKED:
            return Message(
                f"Our access at {bank} has ended",
                "It was taken back, so no money moves through your account there. Link it again, or another one. "
                "If that was not you, ask your bank.",
            )
        case Kind.REPAIRED:
            return Message(f"{bank} works again", "You can deposit and withdraw as before.")
    raise ValueError(f"{kind} is not told of a login")
