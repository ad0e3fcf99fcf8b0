"""What a customer reads about a bank account: a word, and one plain sentence with what it means and what to do.

Called by views. The vendors' own words never reach a page.
"""

from funding import states
from funding.models import ACHRelationship, Lost
from funding.wording import Words, day_text

# What stands over the sentence where it keeps money from moving.
TITLES = {
    "No deposits": "No deposits from this bank account",
    "Stopped": "Your bank account is stopped",
    "Sign-in needed": "Sign in at your bank again",
    "Sign in soon": "Sign in at your bank again soon",
    "Access ended": "We can’t reach your bank account",
    "Not shared": "We can’t reach your bank account",
    "New numbers": "Your bank account has new numbers",
    "Being removed": "Your bank account is being removed",
    "Being replaced": "Your bank account is being replaced",
}


def of_relationship(link: ACHRelationship) -> Words:
    """Return how a linked bank account is, or how far one has come that is to be linked."""
    if link.was_refused:
        return _refused(link)
    if link.ended_at is not None:
        return _bank("", "minus", "Ended", "This bank account is not linked any more.")
    if link.is_candidate:
        return _candidate(link)
    if link.ending_at is not None:
        return _ending(link)
    return _stopped(link) or _cut_off(link) or _linked(link)


def _bank(tone: str, icon: str, word: str, sentence: str) -> Words:
    return Words(tone, icon, word, "", sentence)


def _refused(link: ACHRelationship) -> Words:
    if link.reason == states.NOT_YOURS:
        sentence = "Your bank says that it is somebody else’s. Link one in your own name, or write to us."
        return _bank("danger", "stop", "Not linked", sentence)
    if link.reason == states.NOT_VERIFIED:
        sentence = "The small deposits were not confirmed. Link it once more, or another one."
        return _bank("danger", "stop", "Not verified", sentence)
    return _bank("danger", "stop", "Refused", "The broker did not approve this account. Link another one to go on.")


def _candidate(link: ACHRelationship) -> Words:
    if link.sending == states.UNVERIFIED:
        return _unverified(link)
    if link.sending == states.HELD:
        sentence = (
            "A person of ours looks at whose account it is, within one banking day; you hear from us. "
            "No money moves through it before that."
        )
        return _bank("busy", "clock", "Being looked at", sentence)
    if link.sending == states.WAITING:
        sentence = "It takes over as soon as the one before it is removed. What is under way through that one goes on."
        return _bank("busy", "clock", "Comes next", sentence)
    return _bank("busy", "clock", "Being checked", "We ask your bank whose account it is. It takes seconds.")


def _unverified(link: ACHRelationship) -> Words:
    if link.verification == "pending_manual_verification":
        sentence = (
            "A deposit of $0.01 reaches your bank within one banking day. Its description ends with a code of three "
            "letters: enter it here. No money moves through this account before that."
        )
        return _bank("warn", "alert", "Waiting for your code", sentence)
    sentence = (
        "Two small deposits reach your bank within two banking days, and are seen by themselves: you don’t need to do "
        "anything. No money moves through this account before that."
    )
    return _bank("busy", "clock", "Being verified", sentence)


def _ending(link: ACHRelationship) -> Words:
    if link.ending_because == ACHRelationship.Ending.UNLINKED:
        sentence = "The broker removes it, usually within minutes; then our access at your bank ends, too."
        return _bank("busy", "clock", "Being removed", sentence)
    if link.ending_because == ACHRelationship.Ending.RENEWED:
        return _new_numbers()
    sentence = (
        "No new transfers go through it. It is removed once what is under way has settled; then the new one follows."
    )
    return _bank("busy", "clock", "Being replaced", sentence)


def _new_numbers() -> Words:
    sentence = (
        "Your bank has given it new numbers, and we link it anew with them: you don’t need to do anything. "
        "What is under way goes on; new transfers wait until that is done."
    )
    return _bank("busy", "clock", "New numbers", sentence)


def _stopped(link: ACHRelationship) -> Words | None:
    if link.suspended_at is None:
        return None
    if link.suspended_deposits_only:
        sentence = f"No deposits go through this account: {link.suspended_because}. Withdrawals still do."
        return _bank("warn", "alert", "No deposits", f"{sentence} Write to us, please.")
    because = link.suspended_because or "the broker asked us to"
    return _bank("danger", "stop", "Stopped", f"No transfers go through this account: {because}. Write to us, please.")


def _cut_off(link: ACHRelationship) -> Words | None:
    """Say what the bank account, or the login at the bank, lacks."""
    item = link.item
    if link.lost_because == Lost.NEW_NUMBERS:
        return _new_numbers()
    if link.lost_because == Lost.NOT_SHARED:
        sentence = (
            "Your bank does not show us this account any more, so no money moves through it. "
            "Share it again, or link another one."
        )
        return _bank("danger", "stop", "Not shared", sentence)
    if link.lost_because == Lost.REVOKED and item and item.health not in states.ACCESS_LOST:
        sentence = (
            "Our access to this account was taken back, so no money moves through it. "
            "Sign in at your bank and share it again, or link another one."
        )
        return _bank("danger", "stop", "Access ended", sentence)
    if link.lost_at is not None or (item and item.health in states.ACCESS_LOST):
        sentence = "Our access at your bank was taken back, so no money moves through it. Link it anew, or another one."
        return _bank("danger", "stop", "Access ended", sentence)
    if item and item.health == states.SIGN_IN:
        sentence = "Your bank wants you to sign in again. Until then no new deposits; withdrawals go on."
        return _bank("warn", "alert", "Sign-in needed", sentence)
    if item and item.health == states.EXPIRING and link.is_approved:
        sentence = (
            f"Our access at your bank ends on {day_text(item.disconnects_at)}. Sign in there again before that; until "
            "then everything goes on."
        )
        return _bank("warn", "alert", "Sign in soon", sentence)
    return None


def _linked(link: ACHRelationship) -> Words:
    if link.is_approved:
        return _bank("ok", "check", "Working", "Ready for deposits and withdrawals.")
    if link.sending == states.REVIEW:
        return _bank("warn", "alert", "Being looked at", "A person of ours is looking at this link and writes to you.")
    if states.RELATIONSHIP_RANK.get(link.status, 0) > states.RELATIONSHIP_RANK[states.APPROVED]:
        return _bank("busy", "clock", "Being removed", "The broker is removing this bank account.")
    return _bank(
        "busy",
        "clock",
        "Being approved",
        "The broker approves the link within minutes. You can ask for a deposit now; it leaves when that is done.",
    )


def is_live(link: ACHRelationship) -> bool:
    """Say whether a bank account may change by itself soon."""
    words = ("Being approved", "Being checked", "Comes next", "Being removed", "Being replaced", "New numbers")
    return of_relationship(link).word in words


def needs_attention(link: ACHRelationship) -> bool:
    """Say whether the overview should speak of a bank account."""
    return link.sending == states.REVIEW or bool(_stopped(link) or _cut_off(link))
