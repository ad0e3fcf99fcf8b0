"""What every answer tells browsers, the desk's and the errors included; and that no page has anything inline."""

import pytest
from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client, override_settings

from tests.access.world import World
from tests.hostile import letters
from tests.hostile.markup import wrong_with
from tests.hostile.pages import Page, everything

pytestmark = pytest.mark.django_db

FOR_ALL = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Reporting-Endpoints": 'csp="/csp-reports/"',
}
STRICT = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "report-to": ["csp"],
    "report-uri": ["/csp-reports/"],
}


def policy(answer: HttpResponseBase) -> dict[str, list[str]]:
    directives = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    return {words[0]: words[1:] for words in directives}


def policy_with_link() -> dict[str, list[str]]:
    script = settings.PLAID_LINK_SCRIPT_URL
    host = "/".join(script.split("/")[:3])
    return STRICT | {"script-src": ["'self'", script], "frame-src": [host], "connect-src": ["'self'", host]}


# --- The rules: each says what of a page breaks it, or nothing --------------------------------------------------------


def one_policy_for_all_and_plaids_script_where_link_is(page: Page) -> object:
    found = policy(page.answer)
    return found if found != (policy_with_link() if page.has_link else STRICT) else ""


def nothing_unsafe_is_allowed_and_nothing_from_anywhere(page: Page) -> object:
    said = page.answer.headers["Content-Security-Policy"]
    words = set(said.replace(";", " ").split())
    return said if "unsafe" in said or {"*", "http:", "https:", "blob:"} & words else ""


def browsers_are_told_the_rest(page: Page) -> object:
    popups = {"Cross-Origin-Opener-Policy": "same-origin-allow-popups"} if page.has_link else {}
    found = {name: page.answer.headers.get(name) for name in FOR_ALL}
    return found if found != FOR_ALL | popups or "camera=()" not in page.answer.headers["Permissions-Policy"] else ""


def nothing_in_it_runs(page: Page) -> object:
    return wrong_with(page.text) if page.is_html else ""


def what_is_somebodys_is_kept_nowhere(page: Page) -> object:
    said = page.answer.headers.get("Cache-Control", "")
    is_somebodys = page.persona != "anonymous" and page.name != "security-txt"
    return said or "nothing" if is_somebodys and "no-store" not in said else ""


def who_is_signed_in_can_sign_out(page: Page) -> object:
    whole = page.is_html and page.answer.status_code == 200 and page.persona != "anonymous" and "<html" in page.text
    ways = ('action="/sign-out/"', 'action="/admin/logout/"')
    return "no way out" if whole and not any(way in page.text for way in ways) else ""


def a_text_names_its_charset(page: Page) -> object:
    said = page.answer.headers.get("Content-Type", "")
    return said if said.startswith("text/") and "charset=utf-8" not in said.replace('"', "") else ""


def nothing_broke(page: Page) -> object:
    return page.answer.status_code if page.answer.status_code == 500 else ""


RULES = (
    one_policy_for_all_and_plaids_script_where_link_is,
    nothing_unsafe_is_allowed_and_nothing_from_anywhere,
    browsers_are_told_the_rest,
    nothing_in_it_runs,
    what_is_somebodys_is_kept_nowhere,
    who_is_signed_in_can_sign_out,
    a_text_names_its_charset,
    nothing_broke,
)


def test_every_page_keeps_the_rules(world: World) -> None:
    opened, wrong = set(), []
    for page in everything(world):
        opened |= {(page.persona, page.name)} if page.answer.status_code == 200 else set()
        wrong += [(rule.__name__, page.persona, page.url, found) for rule in RULES if (found := rule(page))]

    assert not wrong
    assert len(opened) > 150
    assert {who for who, _ in opened} == {"anonymous", "owner", "applicant", "asked", "unlinked", "admin"}
    assert {("owner", "link"), ("owner", "link-return"), ("admin", "admin:funding_transfer_csv")} < opened


@pytest.mark.parametrize("url", ["/nowhere/", "/transfers/00000000-0000-4000-8000-000000000000/", "/static/css/no.css"])
def test_an_error_tells_them_too(client: Client, url: str) -> None:
    answer = client.get(url)

    assert {name: answer.headers.get(name) for name in FOR_ALL} == FOR_ALL
    assert policy(answer) == STRICT


def test_no_letter_has_either(world: World) -> None:
    sent = list(letters.everything(world.own["account"].user))

    assert len(sent) > 4
    for message in sent:
        assert "<html" in letters.html(message)
        assert not wrong_with(letters.html(message)), message.subject


@pytest.mark.parametrize(
    "page",
    [
        "<script>run()</script>",
        '<p onclick="run()">',
        '<p style="color: red">',
        "<style>p { color: red }</style>",
        '<a href="javascript:run()">',
        '<a href=" javascript:run()">',
        '<a href="java\nscript:run()">',
        '<a href="//elsewhere.example/">',
        '<a href="/\\elsewhere.example/">',
        '<form action="data:text/html,x">',
        '<meta http-equiv="refresh" content="0">',
        '<iframe src="/"></iframe>',
        "<base href='/'>",
        "<xq7-run>",
        '<p xq7="">',
        '<p hx-on:click="run()">',
        "<!-- xq7 -->",
    ],
)
def test_what_would_run_is_seen(page: str) -> None:
    assert wrong_with(f"<!DOCTYPE html><html><body>{page}</body></html>")


def test_what_a_form_answers_somebody_is_kept_nowhere(world: World) -> None:
    for url in ("/settings/email/", "/deposit/", "/bank/numbers/"):
        assert "no-store" in world.browsers["owner"].post(url)["Cache-Control"], url


# --- HTTPS ------------------------------------------------------------------------------------------------------------


def test_by_https_a_year_of_nothing_else_is_asked_for() -> None:
    asked = {"SECURE_HSTS_SECONDS": 31536000, "SECURE_HSTS_INCLUDE_SUBDOMAINS": True, "SECURE_HSTS_PRELOAD": True}

    with override_settings(**asked):
        answer = Client().get("/", secure=True)

    assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
