"""What a cell of the desk's lists becomes in a file: the same words, a number where it is one, and never a formula."""

from datetime import UTC, datetime

import pytest
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from brokerage.desk_csv import harmless, lines, plain
from brokerage.template_tags import moment


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("\r=1", "'\r=1"),
        ("\uff1d1", "'\uff1d1"),
        ("\u200b=1", "'\u200b=1"),
        ("-86.40", "-86.40"),
        ("86.40", "86.40"),
        ("Ada", "Ada"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula_and_numbers_stay_numbers(text: str, written: str) -> None:
    assert harmless(text) == written


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        (datetime(2026, 11, 28, 20, 24, 7, tzinfo=UTC), "2026-11-28T15:24:07-05:00"),
        (moment(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)), "2026-07-01T08:00-04:00"),
        (mark_safe('<span class="amount">$1,250.00</span>'), "1250.00"),
        ("\u2212$86.40", "-86.40"),
        (format_html('<a href="/x">{}</a>', "O'Brien & Söhne <b>"), "O'Brien & Söhne <b>"),
        (0, "0"),
        (False, "False"),
    ],
)
def test_a_cell_says_what_the_page_says(value: object, said: str) -> None:
    assert plain(value) == said


def test_what_a_tag_hid_is_looked_at_without_the_tag() -> None:
    assert list(lines([[format_html("<b>{}</b>", "=1+1"), 'a "b", c']])) == ['\'=1+1,"a ""b"", c"\r\n']
