"""Every status in plain words: what it means, what comes next and by when, what one can do."""

from typing import Any

import pytest

from accounts import states, wording
from accounts.models import Application, BrokerageAccount
from accounts.wording import statuses

# https://docs.alpaca.markets/us/docs/accounts-statuses, and what the broker's SDK knows besides.
PRESENT = (
    "INACTIVE", "ONBOARDING", "SUBMITTED", "SUBMISSION_FAILED", "ACTION_REQUIRED", "APPROVAL_PENDING", "APPROVED",
    "ACTIVE", "REJECTED", "ACCOUNT_UPDATED", "ACCOUNT_CLOSED",
)  # fmt: skip
LEGACY = (
    "PAPER_ONLY", "EDITED", "DISABLED", "DISABLE_PENDING", "AML_REVIEW", "KYC_SUBMITTED", "LIMITED",
    "REAPPROVAL_PENDING", "RESUBMITTED", "SIGNED_UP",
)  # fmt: skip
TONES = {"ok", "busy", "warn", "danger", ""}


def account(status: str, **more: Any) -> BrokerageAccount:
    return BrokerageAccount(status=status, application=Application(), **more)


@pytest.mark.parametrize("status", [*PRESENT, *LEGACY, "LEVITATING"])
def test_every_status_has_its_words(status: str) -> None:
    words = statuses.of_account(account(status))

    assert words.tone in TONES
    assert all((words.icon, words.word, words.headline, words.sentence))
    assert words.headline[-1] not in ".!"
    assert words.sentence[-1] == "."
    text = f"{words.word} {words.headline} {words.sentence}"
    assert status not in text.replace("ACTIVE", "")
    assert not any(word in text.lower() for word in ("successfully", "oops", "invalid", "kyc", "aml"))


def test_no_status_is_forgotten() -> None:
    assert set(PRESENT) == states.KNOWN
    assert {*PRESENT, *LEGACY} == {*statuses._BY_STATUS, states.ACTION_REQUIRED}


@pytest.mark.parametrize("status", ["REJECTED", "SUBMISSION_FAILED", "DISABLED", "LIMITED", "PAPER_ONLY", "LEVITATING"])
def test_who_can_do_nothing_here_is_shown_the_way_to_us(status: str) -> None:
    assert statuses.of_account(account(status)).write


@pytest.mark.parametrize(
    ("status", "live"),
    [("SUBMITTED", True), ("APPROVED", True), ("APPROVAL_PENDING", True), ("INACTIVE", True), ("LEVITATING", True),
     ("ACTION_REQUIRED", False), ("SUBMISSION_FAILED", False), ("ONBOARDING", False), ("ACTIVE", False),
     ("REJECTED", False), ("ACCOUNT_CLOSED", False), ("ACCOUNT_UPDATED", False), ("DISABLED", False)],
)  # fmt: skip
def test_what_may_move_soon_is_live(status: str, live: bool) -> None:
    assert wording.is_live(Application(), account(status)) is live


def test_a_change_under_review_says_what_it_does_to_money() -> None:
    assert "deposits and withdrawals wait" in statuses.of_account(account("ACCOUNT_UPDATED")).sentence


@pytest.mark.parametrize(
    ("codes", "headline"),
    [
        (["ADDRESS_VERIFICATION"], "The broker needs to see a document"),
        (["WATCHLIST_HIT", "ADDRESS_VERIFICATION"], "The broker needs to see a document"),
        (["OTHER"], "The broker needs one more thing"),
        ([], "The broker needs one more thing"),
        (["WATCHLIST_HIT"], "A person at the broker is looking at your application"),
    ],
)
def test_what_the_broker_needs_is_said_and_what_it_looks_at_is_not(codes: list[str], headline: str) -> None:
    kyc = {"indeterminate": codes}

    assert statuses.of_account(account("ACTION_REQUIRED", kyc_results=kyc)).headline == headline


def test_a_review_that_nobody_may_hear_of_reads_like_any_other() -> None:
    watched = account("ACTION_REQUIRED", kyc_results={"indeterminate": {"WATCHLIST_HIT": {}}})

    for status in ("APPROVAL_PENDING", "AML_REVIEW"):
        assert statuses.of_account(watched) == statuses.of_account(account(status))
