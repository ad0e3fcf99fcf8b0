"""What the broker checked, item by item, and what nobody may learn from it."""

from typing import Any

import pytest

from accounts import documents_asked, wording
from accounts.models import Application, BrokerageAccount
from accounts.wording import kyc

# The broker's codes as it documents them.
CODES = (
    "IDENTITY_VERIFICATION", "TAX_IDENTIFICATION", "ADDRESS_VERIFICATION", "DATE_OF_BIRTH", "INVALID_IDENTITY_PASSPORT",
    "SELFIE_VERIFICATION", "PEP", "FAMILY_MEMBER_PEP", "CONTROL_PERSON", "AFFILIATED", "VISA_TYPE_OTHER",
    "W8BEN_CORRECTION", "COUNTRY_NOT_SUPPORTED", "WATCHLIST_HIT", "OTHER", "OTHER_PARTNER",
)  # fmt: skip
VERDICTS = ("accept", "indeterminate", "reject")


def account(**results: Any) -> BrokerageAccount:
    return BrokerageAccount(status="ACTION_REQUIRED", application=Application(), kyc_results=results)


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_words_for_every_verdict(code: str, verdict: str) -> None:
    for check in wording.checks(account(**{verdict: {code: {}}})):
        assert all((check.label, check.tone, check.icon, check.word))
        assert code not in f"{check.label} {check.word} {check.sentence}"
        assert check.sentence or verdict == "accept"


def test_no_code_is_forgotten() -> None:
    assert set(CODES) == kyc.KNOWN
    assert documents_asked.BY_CODE.keys() <= kyc.KNOWN


@pytest.mark.parametrize("code", sorted(documents_asked.BY_CODE))
def test_what_a_document_clears_says_so(code: str) -> None:
    [check] = wording.checks(account(indeterminate={code: {}}))

    assert "clears this" in check.sentence


def test_what_is_open_stands_first() -> None:
    found = wording.checks(account(accept=["DATE_OF_BIRTH"], reject=["TAX_IDENTIFICATION"], indeterminate=["PEP"]))

    assert [check.word for check in found] == ["Not confirmed yet", "Not confirmed", "Confirmed"]


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("other", ["OTHER_PARTNER", "A_CODE_OF_TOMORROW"])
def test_a_hit_on_a_watch_list_reads_like_any_other_review(verdict: str, other: str) -> None:
    watched, looked_at = (wording.checks(account(**{verdict: {code: {}}})) for code in ("WATCHLIST_HIT", other))

    assert watched == looked_at
    assert not any("watch" in f"{check}".lower() or "list" in f"{check}".lower() for check in watched)


def test_two_reviews_read_as_one() -> None:
    assert len(wording.checks(account(indeterminate={"WATCHLIST_HIT": {}, "OTHER_PARTNER": {}}))) == 1


def test_a_code_we_do_not_know_is_reported_once_and_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    kyc._report.cache_clear()

    for _ in range(3):
        [check] = wording.checks(account(indeterminate={"A_CODE_OF_TOMORROW": {}}))

    assert "TOMORROW" not in f"{check}"
    assert len([record for record in caplog.records if "A_CODE_OF_TOMORROW" in record.getMessage()]) == 1


@pytest.mark.parametrize(
    "results",
    [None, [], "fail", 7, {"indeterminate": None}, {"indeterminate": 7}, {"indeterminate": "OTHER"},
     {"indeterminate": [1, None, {}]}, {"indeterminate": {}, "additional_information": 7}],
)  # fmt: skip
def test_findings_of_a_shape_we_do_not_know_are_no_findings(results: Any) -> None:
    strange = BrokerageAccount(status="ACTION_REQUIRED", application=Application(), kyc_results=results)

    assert wording.checks(strange) == []
    assert documents_asked.asked_of(strange) == []
    assert wording.in_the_brokers_words(strange) == ""


def test_a_list_of_codes_will_do() -> None:
    assert len(wording.checks(account(indeterminate=["OTHER", "DATE_OF_BIRTH"]))) == 2


# --- The broker's own words -------------------------------------------------------------------------------------------

PROSE = "Please send page 2\nof your lease.\x00\u202e"


def test_what_the_broker_wrote_about_something_else_is_passed_on_as_text() -> None:
    said = wording.in_the_brokers_words(account(indeterminate={"OTHER": {}}, additional_information=PROSE))

    assert said == "Please send page 2 of your lease."


def test_a_novel_is_cut() -> None:
    said = wording.in_the_brokers_words(account(indeterminate={"OTHER": {}}, additional_information="x" * 9000))

    assert len(said) == kyc.MOST_PROSE


@pytest.mark.parametrize(
    "results",
    [
        {"indeterminate": {"ADDRESS_VERIFICATION": {}}},
        {"indeterminate": {"OTHER": {}, "WATCHLIST_HIT": {}}},
        {"indeterminate": {"OTHER": {}}, "reject": {"WATCHLIST_HIT": {}}},
        {"reject": {"OTHER": {}}},
        {"accept": {"OTHER": {}}},
        {},
    ],
)
def test_otherwise_it_stays_with_ops(results: dict[str, Any]) -> None:
    assert wording.in_the_brokers_words(account(**results, additional_information="Matches somebody on a list.")) == ""
