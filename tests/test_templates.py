"""The pages, rendered with samples of what the views pass: no database, no view, no vendor."""

from pathlib import Path
from types import SimpleNamespace as Row
from typing import Any

import pytest
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.urls import reverse, reverse_lazy
from django.utils.html import escape

from funding import bank_wording, return_codes, states
from funding.models import ACHRelationship, PlaidItem
from tests.funding.views.test_bank_page import STATES as BANK_STATES
from tests.page_samples import KEY, PAGES, QUEUES, TIMELINE, request


@pytest.fixture(autouse=True)
def _files_where_they_lie(settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def show(name: str, **changes: Any) -> str:
    template, context = PAGES[name]
    return render_to_string(template, {**context, **changes}, request())


FOLDER = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.html"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles_and_is_short(name: str) -> None:
    assert get_template(name)
    assert len((FOLDER / name).read_text().splitlines()) <= 100


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_holds_script_or_style_of_its_own(name: str) -> None:
    source = (FOLDER / name).read_text()

    assert not any(part in source for part in ("<script>", "<style", "style=", "onclick", "javascript:", "|safe"))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_renders_with_one_title_and_one_heading(name: str) -> None:
    html = show(name)

    assert html.count("<h1") == 1
    assert html.count("<main") == 1
    assert html.count("<title>") == 1
    assert html.count("btn-primary") <= 1 or name.partition("-")[0] in {"styleguide", "link"}
    assert not any(word in html.lower() for word in ("successfully", "oops", "invalid "))


def test_the_500_page_needs_nothing() -> None:
    assert "Something broke on our side" in get_template("500.html").render()


def test_a_page_names_its_errors_in_a_summary_that_takes_focus_and_beside_each_field() -> None:
    html = show("step-errors")

    assert "<title>Error: What is your home address?" in html
    assert "Change 4 answers to continue" in " ".join(html.split())
    assert "autofocus" in html
    assert 'href="#id_street"' in html
    assert 'href="#id_source_0"' in html
    assert 'id="id_street_error"' in html
    assert 'aria-describedby="id_street_helptext id_street_error"' in html


def test_an_error_of_the_whole_form_says_what_did_not_happen() -> None:
    html = show("sign-in-refused")

    assert "You are not signed in yet" in html
    assert "don’t belong together" in html


def test_only_fields_that_may_stay_empty_say_so() -> None:
    assert show("step").count("(optional)") == 1


def test_what_the_broker_wrote_is_text() -> None:
    assert "Please send &lt;b&gt;page 2&lt;/b&gt;." in show("waiting-documents")


def test_a_page_for_a_file_sends_it_as_one_and_says_that_it_is_not_kept() -> None:
    html = show("document")

    assert 'enctype="multipart/form-data"' in html
    assert 'accept="image/jpeg,image/png,application/pdf"' in html
    assert "keep no copy" in html
    assert show("document-only").count('type="radio"') == 0


def test_an_amount_is_typed_beside_a_dollar_sign() -> None:
    html = show("deposit")

    assert "amount-field" in html
    assert 'inputmode="decimal"' in html
    assert 'type="hidden" name="form_key"' in html


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("waiting", reverse_lazy("apply-waiting-status")),
        ("bank", reverse_lazy("bank-status")),
        ("transfer", reverse_lazy("transfer-status", args=[KEY])),
    ],
)
def test_a_live_page_asks_for_news_until_it_is_settled(name: str, address: str) -> None:
    template, context = PAGES[name]
    settled = {**context, "live": False}
    if "page" in context:
        settled["page"] = Row(**vars(context["page"]) | {"live": False})

    assert f'hx-get="{address}"' in show(name)
    assert "hx-" not in render_to_string(template, settled, request())


def test_what_is_in_the_way_takes_the_place_of_the_form() -> None:
    html = show("deposit-not-now")

    assert "No more deposits today" in html
    assert 'href="/transfers/"' in html
    assert "<input" not in html.partition("<main")[2]


def test_a_page_to_keep_says_how_to_print_it_where_no_script_runs() -> None:
    html = show("authorization")

    assert "data-print hidden" in " ".join(html.split())
    assert "print this page or save it as a PDF with your browser" in html
    assert "It did not name itself" in html


def test_a_step_says_who_took_it() -> None:
    html = render_to_string("_timeline.html", {"entries": [{**TIMELINE[0], "actor": "The broker"}]})

    assert '<span class="actor">The broker</span>' in html


def test_money_is_sent_with_its_amount_on_the_button() -> None:
    assert "Deposit $1,200.00</button>" in " ".join(show("review-deposit").split())
    assert "Withdraw $1,200.00</button>" in " ".join(show("review-withdrawal").split())


def test_an_application_with_a_gap_cannot_be_sent() -> None:
    assert "Send my application" not in show("check-missing")
    assert "Send my application" in show("check")


def test_a_bank_that_cannot_be_linked_yet_says_why() -> None:
    html = show("bank-too-early")

    assert f'action="{reverse("link-start")}"' not in html
    assert "once your brokerage account is open" in html


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("bank-sign-in", "Sign in at Tartan Bank"),
        ("bank-code", "Enter the code"),
        ("bank-refused", "Link another bank"),
        ("bank-revoked", "Link a bank account anew"),
    ],
)
def test_the_next_thing_to_do_about_a_bank_stands_first(name: str, first: str) -> None:
    actions = show(name).partition('<div class="actions">')[2]
    button = actions.partition('class="btn ')[2]

    assert button.startswith("btn-primary")
    assert button.partition(">")[2].partition("<")[0].strip() == first


@pytest.mark.parametrize("state", [name for name in BANK_STATES if name not in ("expiring", "ended", "being renewed")])
def test_the_style_guide_shows_a_bank_account_in_its_own_words(state: str) -> None:
    columns, health, _, _ = BANK_STATES[state]
    because = return_codes.of(columns.get("suspended_because", "R01")).because
    standing = {"sending": states.ACCEPTED, "status": states.APPROVED, **columns, "suspended_because": because}
    words = bank_wording.of_relationship(ACHRelationship(item=PlaidItem(**health), **standing))

    shown = render_to_string("styleguide/_bank.html")

    assert escape(words.sentence) in shown
    assert f"{words.word}</span>" in shown


def test_only_the_page_that_asks_unlinks() -> None:
    assert "btn-danger" not in show("bank")
    assert show("bank-unlink").count("btn-danger") == 1
    assert "btn-danger" not in show("bank-unlink-under-way")


def test_the_link_page_gives_the_token_to_the_script_alone() -> None:
    html = show("link")

    assert 'data-token="link-1"' in html
    assert 'action="{}"'.format(reverse("link-finish", args=[KEY])) in html
    assert "<noscript>" in html


def test_an_amount_that_came_to_nothing_is_struck() -> None:
    assert "<s><span" in show("transfers")


def test_the_menu_marks_the_page_it_is_on() -> None:
    asked = request()
    asked.resolver_match = Row(url_name="transfers")  # type: ignore[assignment]

    html = render_to_string(*PAGES["transfers"], asked)

    assert html.count('aria-current="page"') == 1


def test_a_stranger_sees_the_way_in_and_no_menu() -> None:
    html = render_to_string(*PAGES["home"], request(signed_in=False))

    assert "Sign out" not in html
    assert "Sign in" in html


def test_messages_appear_as_notices() -> None:
    asked = request()
    asked._messages = [Message(25, "Your deposit is on its way.")]  # type: ignore[attr-defined]

    html = render_to_string(*PAGES["overview"], asked)

    assert "notice is-ok" in html
    assert "Your deposit is on its way." in html


def test_the_queues_say_what_waits_and_since_when() -> None:
    html = Template('{% include "admin/_queues.html" %}').render(
        Context({"subjects": [{"title": "Transfers", "waiting": QUEUES}], "clear": [{"title": "Breaks", "url": "/b/"}]})
    )

    assert "Unknown" in html
    assert "10:52 AM EST" in html
    assert "Nothing waits in:" in html
    assert "Breaks" in html
