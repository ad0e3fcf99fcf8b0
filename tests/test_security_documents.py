"""The documents on security: they name tests that exist, and answer every requirement of ASVS 5.0, levels 1 and 2."""

import re

import pytest

from tests.harness.environment import ROOT

DOCS = ROOT / "docs"
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
SECTION = re.compile(r"\[[\w.]+\]\((\w+\.md)\), \*([^*]+)\*")
ROW = re.compile(r"^\| V(\d+\.\d+)\.(\d+) \| ([12]) \| (.+) \| (.+) \|$", re.MULTILINE)
# How many requirements of levels 1 and 2 each section begins with; level 3 comes behind them.
# https://github.com/OWASP/ASVS/tree/v5.0.0/5.0/docs_en
REQUIRED = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3, "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3, "15.1": 3, "15.2": 3, "15.3": 7,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip


@pytest.mark.parametrize("name", ["security.md", "asvs.md"])
def test_every_test_that_a_document_names_exists(name: str) -> None:
    named = NAMED.findall((DOCS / name).read_text())

    gone = {
        path if not test else f"{path}::{test}"
        for path, test in named
        if not (ROOT / path).exists() or (test and f"def {test}(" not in (ROOT / path).read_text())
    }
    assert len(named) > 20
    assert gone == set()


@pytest.mark.parametrize("name", ["security.md", "asvs.md"])
def test_every_section_that_a_document_names_exists(name: str) -> None:
    named = SECTION.findall((DOCS / name).read_text())

    gone = {(page, section) for page, section in named if f"# {section}\n" not in (DOCS / page).read_text()}
    assert named
    assert gone == set()


def test_what_a_page_says_of_another_part_of_itself_leads_there() -> None:
    page = (DOCS / "security.md").read_text()

    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}
    named = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert "signing-in-again-before-what-is-dangerous" in named
    assert named <= anchors


def test_each_requirement_has_one_row() -> None:
    rows = [(section, int(number)) for section, number, *_ in ROW.findall((DOCS / "asvs.md").read_text())]

    assert sum(REQUIRED.values()) == 253
    assert rows == [(section, n) for section, count in REQUIRED.items() for n in range(1, count + 1)]


def test_each_row_is_met_by_a_test_or_says_why_not() -> None:
    for section, number, level, _, answer in ROW.findall((DOCS / "asvs.md").read_text()):
        where = f"V{section}.{number}"
        assert re.match(r"Met: |Not applicable: \S|Open: \S", answer), where
        assert not answer.startswith("Met: ") or NAMED.search(answer) or "`make static`" in answer, where
        assert level in "12", where
        assert "TODO" not in answer, where


def test_it_says_rightly_how_many_are_open() -> None:
    text = (DOCS / "asvs.md").read_text()
    answers = [(level, answer.split(":")[0]) for _, _, level, _, answer in ROW.findall(text)]
    said = [sum(kind == each for _, kind in answers) for each in ("Met", "Not applicable", "Open")]

    assert f"{said[0]} are met, {said[1]} not applicable and {said[2]} open" in text
    assert answers.count(("1", "Open")) == 5  # "five of these at level 1"


def test_seventy_of_them_are_of_the_first_level() -> None:
    levels = [level for _, _, level, _, _ in ROW.findall((DOCS / "asvs.md").read_text())]

    assert levels.count("1") == 70
