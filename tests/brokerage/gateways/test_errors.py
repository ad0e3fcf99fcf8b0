"""What an error of a vendor's keeps of the vendor's words."""

from brokerage.gateways.errors import Refused

SAID = "tax_id 527-93-6418 of access-sandbox-2b1c is taken"


def test_numbers_and_tokens_in_a_vendors_words_are_masked_before_anybody_has_them() -> None:
    refusal = Refused("POST: refused with 422", reason=SAID, code="40010001", http_status=422)

    assert refusal.reason == "tax_id [number] of [token] is taken"
    assert "527" not in f"{refusal.evidence} {refusal!r} {refusal}"


def test_a_history_may_do_without_the_words() -> None:
    refusal = Refused("POST: refused with 422", reason=SAID, code="40010001", http_status=422, request_id="r1")

    facts = {"what": "POST: refused with 422", "code": "40010001", "http_status": 422, "request_id": "r1"}
    assert refusal.facts == facts
    assert refusal.evidence == facts | {"reason": refusal.reason}
