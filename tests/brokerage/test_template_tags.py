"""Filters and tags: money, days, moments, numbers that are masked, icons, and the world the site is in."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.template import Context, Template

from brokerage import template_tags as tags
from tests.page_samples import AT, TUESDAY, request


@pytest.mark.parametrize(
    ("amount", "html"),
    [
        (Decimal("1250.00"), '<span class="money">$1,250<small>.00</small></span>'),
        (Decimal("-86.40"), '<span class="money">−$86<small>.40</small></span>'),
        (0, '<span class="money">$0<small>.00</small></span>'),
        (None, "—"),
    ],
)
def test_money_shows_dollars_and_quieter_cents(amount: Decimal | None, html: str) -> None:
    assert tags.money(amount) == html


def test_signed_money_takes_its_sign_from_the_direction() -> None:
    assert "+$250<" in tags.signed_money(Decimal("250.00"), "INCOMING")
    assert "−$500<" in tags.signed_money(Decimal("500.00"), "OUTGOING")


def test_plain_money_is_text() -> None:
    assert tags.plain_money(Decimal("1200.00")) == "$1,200.00"
    assert tags.plain_money(None) == "—"


@time_machine.travel(AT)
def test_a_day_names_its_year_only_when_it_is_another_one() -> None:
    assert tags.day(TUESDAY) == '<time datetime="2026-11-24">Tue, Nov 24</time>'
    assert tags.day(date(2025, 3, 4)) == '<time datetime="2025-03-04">Tue, Mar 4, 2025</time>'
    assert tags.day(None) == "—"


@time_machine.travel(AT)
def test_the_day_of_a_moment_is_the_one_in_new_york() -> None:
    assert "Mon, Nov 23" in tags.day(datetime(2026, 11, 24, 3, 0, tzinfo=UTC))


@time_machine.travel(AT)
def test_a_moment_says_its_zone() -> None:
    assert tags.moment(AT) == '<time datetime="2026-11-24T10:52-05:00">Tue, Nov 24, 10:52 AM EST</time>'
    assert "Jul 1, 12:05 AM EDT" in tags.moment(datetime(2026, 7, 1, 4, 5, tzinfo=UTC))


def test_a_masked_number_is_heard_as_ending_in() -> None:
    assert '<span class="visually-hidden">ending </span>4417' in tags.masked("4417")
    assert tags.masked("") == ""


def test_filters_escape_what_they_are_given() -> None:
    assert "<script>" not in tags.masked("<script>")
    assert "<script>" not in tags.icon("<script>")


def test_an_icon_is_one_drawing_of_the_sprite() -> None:
    assert Template('{% icon "check" %}').render(Context()).endswith('sprite.svg#check"/></svg>')
    assert Template("{% icon nothing %}").render(Context()) == ""


@pytest.mark.parametrize(("world", "sandbox", "local"), [("local", 1, 1), ("sandbox", 1, 0), ("production", 0, 0)])
def test_the_site_knows_its_world(settings: Any, world: str, sandbox: int, local: int) -> None:
    settings.BROKERAGE_ENV = world

    context = tags.site(request())

    assert (context["sandbox_mode"], context["local_mode"]) == (bool(sandbox), bool(local))
