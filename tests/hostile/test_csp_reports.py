"""What browsers report of blocked things: taken from anybody, few at a time, and little of it kept."""

import json
import logging
from typing import Any

import pytest
from django.test import Client

from brokerage import csp_reports, metrics

URL = "/csp-reports/"
OLD, NEW = "application/csp-report", "application/reports+json"
PERSONAL = "https://example.com/settings/?email=ada@example.com"


@pytest.fixture(autouse=True)
def a_fresh_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csp_reports, "turnstile", csp_reports.Turnstile())


def old(blocked: object = "https://evil.example/x.js?who=ada", directive: object = "script-src-elem") -> Any:
    return {"csp-report": {"document-uri": PERSONAL, "effective-directive": directive, "blocked-uri": blocked}}


def new(blocked: object = "https://evil.example/x.js", directive: object = "script-src-elem") -> Any:
    body = {"documentURL": PERSONAL, "effectiveDirective": directive, "blockedURL": blocked}
    return {"type": "csp-violation", "url": PERSONAL, "user_agent": "a browser", "body": body}


def send(body: object, kind: str = OLD, **more: Any) -> int:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client(enforce_csrf_checks=True).post(URL, text, content_type=kind, **more).status_code


def counted(directive: str) -> float:
    found = metrics.REGISTRY.get_sample_value("brokerage_csp_reports_total", {"directive": directive})
    return found or 0


@pytest.mark.parametrize(("body", "kind"), [(old(), OLD), ([new()], NEW), (old(), f"{OLD}; charset=utf-8")])
def test_a_report_is_a_count_and_a_line_without_anything_personal(
    body: object, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    before = counted("script-src-elem")

    assert send(body, kind) == 204

    assert counted("script-src-elem") == before + 1
    assert [record.getMessage() for record in caplog.records] == ["csp: script-src-elem blocked https://evil.example"]


@pytest.mark.parametrize(
    ("blocked", "said"),
    [
        ("inline", "inline"),
        ("eval", "eval"),
        ("data", "data"),
        ("data:text/html,<script>", "data"),
        ("https://evil.example:8443/a?b#c", "https://evil.example:8443"),
        ("https://ada:secret@evil.example/", "https://evil.example"),
        ("wss://evil.example/", "wss://evil.example"),
        ("chrome-extension://abcdef/x.js", "an extension of the browser"),
        ("https://evil.example\r\nERROR forged/", "other"),
        ("https://e vil/", "other"),
        ("https://" + "a" * 5000, "other"),
        ("https://[::1", "other"),
        ("https://evil.example:99999/", "other"),
        ("javascript:alert(1)", "other"),
        ("ada@example.com", "other"),
        (17, "other"),
        (None, "other"),
    ],
)
def test_of_what_was_blocked_the_origin_alone_is_told(
    blocked: object, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    assert send(old(blocked)) == 204

    assert [record.getMessage() for record in caplog.records] == [f"csp: script-src-elem blocked {said}"]


@pytest.mark.parametrize("directive", ["ada@example.com", "script-src\n", 5, None, "", "x" * 9000])
def test_directives_are_words_of_ours(directive: object) -> None:
    before = counted("other")

    assert send(old(directive=directive)) == 204
    assert counted("other") == before + 1


def test_an_older_browser_names_the_whole_directive() -> None:
    before = counted("img-src")

    assert send({"csp-report": {"violated-directive": "img-src 'self' data:", "blocked-uri": "inline"}}) == 204
    assert counted("img-src") == before + 1


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b" ", OLD, 400),
        (b"\x00\xff", OLD, 400),
        (b"{", NEW, 400),
        (b"[" * 16000, NEW, 400),
        (b'{"csp-report":' * 1000, OLD, 400),
        (b"[1, null, {}]", NEW, 204),
        (b'{"csp-report": []}', OLD, 204),
        (b"17", OLD, 204),
        (b" " * (16 * 1024 + 1), OLD, 413),
        (b"x" * 300_000, NEW, 413),
        (b"{}", "application/json", 415),
        (b"a=1", "application/x-www-form-urlencoded", 415),
        (b"{}", "multipart/form-data; boundary=x", 415),
    ],
)
def test_nonsense_is_refused_and_not_counted(
    body: bytes, kind: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    assert send(body, kind) == status
    assert caplog.records == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
def test_only_a_post_is_taken(method: str) -> None:
    answer = Client().generic(method, URL)

    assert (answer.status_code, answer["Allow"], answer.content) == (405, "POST", b"")


def test_an_address_gets_so_far_and_all_together_no_farther() -> None:
    one = [send(old(), REMOTE_ADDR="203.0.113.1") for _ in range(25)]
    others = [send(old(), REMOTE_ADDR=f"198.51.100.{number}") for number in range(200)]

    assert one == [204] * 20 + [429] * 5
    assert others == [204] * 100 + [429] * 100


def test_one_request_of_many_reports_counts_a_few() -> None:
    before = counted("font-src")

    assert send([new("inline", "font-src")] * 50, NEW) == 204
    assert counted("font-src") == before + 10


def test_no_query_no_cookie_no_session(django_assert_num_queries: Any, db: None) -> None:
    browser = Client()
    browser.cookies["sessionid"] = "x" * 32

    with django_assert_num_queries(0):
        answer = browser.post(URL, json.dumps(old()), content_type=OLD)

    assert (answer.status_code, answer.cookies) == (204, {})
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_every_page_tells_where_reports_go(client: Client, db: None) -> None:
    page = client.get("/sign-in/")

    assert "report-to csp" in page["Content-Security-Policy"]
    assert f"report-uri {URL}" in page["Content-Security-Policy"]
    assert page["Reporting-Endpoints"] == f'csp="{URL}"'
