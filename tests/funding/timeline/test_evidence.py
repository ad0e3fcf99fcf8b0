"""What ops read behind a step: all of it but what is secret."""

from typing import Any

import pytest

from funding.models import RiskDecision, SendAttempt
from funding.timeline import evidence
from tests import make
from tests.funding.standing import in_doubt

CANARIES: list[Any] = [
    {"access_token": "canary"},
    {"processorToken": "canary"},
    {"client_secret": "canary"},
    {"SSN": "canary"},
    {"tax_id": "canary"},
    {"bank_account_number": "canary"},
    {"accountNumber": ["canary", {"x": "canary"}]},
    {"routing_number": "canary"},
    {"date_of_birth": "canary"},
    {"Authorization": "canary"},
    {"deep": [{"deeper": {"password": "canary"}}]},
    {"note": "the token is access-sandbox-canary-1"},
    {"note": "processor-production-canary"},
    {"note": "Authorization: Basic Y2FuYXJ5canary=="},
    {"note": "Bearer canary.canary"},
]


@pytest.mark.parametrize("found", CANARIES, ids=str)
def test_a_secret_is_removed_wherever_it_stands(found: Any) -> None:
    assert "canary" not in str(evidence.without_secrets(found)).replace("canary:", "")


def test_a_social_security_number_is_removed_from_prose() -> None:
    assert evidence.without_secrets("SSN 444-55-4321 given") == f"SSN {evidence.REMOVED} given"


def test_what_is_no_secret_stays_as_it_came() -> None:
    found = {"id": "61e7", "account_id": "c8f1", "amount": "50.00", "status": "QUEUED", "rows": [1, None, True]}

    assert evidence.without_secrets(found) == found


def test_rows_are_told_without_their_secrets(db: None) -> None:
    transfer = in_doubt(make.relationship(make.account(make.user())))
    SendAttempt.objects.update(answer={"id": "61e7", "access_token": "canary-1"}, request_id="r-9")
    decision = RiskDecision.objects.latest("at")
    decision.inputs = {"balance": "12.00", "access_token": "canary-2"}
    decision.reasons = ["seen 444-55-4321"]

    told = evidence.facts([SendAttempt.objects.get(transfer=transfer), decision])

    assert ("Request id", "r-9") in told
    assert ("Input: balance", "12.00") in told
    assert "61e7" in str(told)
    assert not any(secret in str(told) for secret in ("canary", "444-55-4321"))


def test_what_is_empty_is_left_out(db: None) -> None:
    transfer = in_doubt(make.relationship(make.account(make.user())))

    labels = [label for label, _ in evidence.facts([transfer.attempt])]

    assert labels == ["Sent by", "Sent at", "Lease until"]
