"""Sockets: kept alive through refusals, signed in or not, and never confused by a body nobody wanted."""

import http.client
import json
import socket
from urllib.parse import urlsplit

import pytest
import requests

from tests.brokerage.sandbox.bench import KEYS, Bench


def test_a_refusal_leaves_the_connection_usable(bench: Bench) -> None:
    connection = http.client.HTTPConnection(urlsplit(bench.url).netloc, timeout=5)
    statuses = []
    for path in ("/broker/v1/accounts", "/nowhere", "/plaid/nowhere", "/control/nowhere"):
        connection.request("POST", path, body=b"x" * 50_000, headers={"Content-Type": "text/plain"})
        answer = connection.getresponse()
        statuses.append((answer.status, bool(answer.read()), answer.getheader("Connection")))

    assert [status for status, _, _ in statuses] == [401, 404, 404, 404]
    assert {kept for _, _, kept in statuses} == {"keep-alive"}
    connection.close()


def test_nonsense_on_the_line_is_answered(bench: Bench) -> None:
    url = urlsplit(bench.url)
    with socket.create_connection((str(url.hostname), int(url.port or 0)), timeout=5) as line:
        line.sendall(b"HELLO\r\n\r\n")

        assert b"400" in line.recv(1000)


def test_every_broker_answer_says_how_much_is_left(bench: Bench) -> None:
    first, second = (bench.broker("GET", path).headers for path in ("v1/clock", "v1/nowhere"))

    assert int(second["X-RateLimit-Remaining"]) < int(first["X-RateLimit-Remaining"]) < int(first["X-RateLimit-Limit"])
    assert first["X-Request-Id"] != second["X-Request-Id"]


def test_the_rate_limit_is_kept_when_asked(bench: Bench) -> None:
    bench.control("settings", rate_limit=1, enforce_rate_limit=True)
    bench.broker("GET", "v1/clock")

    assert bench.broker("GET", "v1/clock").json()["code"] == 42910000


def test_a_wrong_secret_or_a_bad_key_is_refused(bench: Bench) -> None:
    bench.control("settings", bad_keys=["stolen"])

    def status(*auth: str) -> int:
        return bench.broker("GET", "v1/clock", auth=auth).status_code

    assert status(*KEYS) == 200
    assert status("anybody", "anything") == 200
    assert status("local-broker-key", "wrong") == 401
    assert status("stolen", "anything") == 401
    assert status("", "") == 401


def test_strict_credentials_know_one_key(bench: Bench) -> None:
    bench.control("settings", strict_credentials=True)

    assert bench.broker("GET", "v1/clock", auth=("anybody", "anything")).status_code == 401
    assert bench.broker("GET", "v1/clock").status_code == 200


def test_a_bearer_token_works_until_it_expires(bench: Bench) -> None:
    form = {"grant_type": "client_credentials", "client_id": KEYS[0], "client_secret": KEYS[1]}
    bought = requests.post(f"{bench.url}/broker/v1/oauth2/token", data=form, timeout=5).json()
    bearer = {"Authorization": f"Bearer {bought['access_token']}"}

    fresh = bench.broker("GET", "v1/clock", auth=None, headers=bearer).status_code
    bench.pass_time(900)
    stale = bench.broker("GET", "v1/clock", auth=None, headers=bearer).status_code

    assert (bought["expires_in"], bought["token_type"]) == (899, "Bearer")
    assert (fresh, stale) == (200, 401)


def test_token_errors_have_the_shape_of_oauth(bench: Bench) -> None:
    url = f"{bench.url}/broker/v1/oauth2/token"
    wrong = {"grant_type": "client_credentials", "client_id": KEYS[0], "client_secret": "wrong"}

    refused = requests.post(url, data=wrong, timeout=5)
    odd = requests.post(url, data={"grant_type": "password"}, timeout=5)

    assert (refused.status_code, refused.json()) == (401, {"error": "invalid_client"})
    assert odd.json()["error"] == "unsupported_grant_type"


def test_another_sites_page_cannot_press_the_buttons(bench: Bench) -> None:
    url = f"{bench.url}/control/reset"

    from_form = requests.post(url, headers={"Origin": "https://evil.example"}, timeout=5)
    from_fetch = requests.post(url, headers={"Sec-Fetch-Site": "cross-site"}, timeout=5)
    from_here = requests.post(url, headers={"Origin": bench.url, "Sec-Fetch-Site": "same-origin"}, timeout=5)

    assert [answer.status_code for answer in (from_form, from_fetch, from_here)] == [403, 403, 200]


def test_the_desk_loses_an_answer_and_returns_a_deposit(bench: Bench, account: str, relationship: str) -> None:
    transfer_id = bench.transfer(account, relationship, "12.00").json()["id"]
    desk = f"{bench.url}/control/desk"

    back = requests.post(f"{desk}/transfers/{transfer_id}", data={"do": "return R10"}, timeout=5)
    requests.post(f"{desk}/lose-next-answer", timeout=5)

    assert "Deposit of $12.00" in back.text
    assert "R10 - Customer Advises" in back.text
    assert "Answers that will be lost: 1." in requests.get(f"{bench.url}/control/", timeout=5).text
    assert bench.transfers(account)[0]["status"] == "RETURNED"


def test_the_state_shows_no_secret(bench: Bench, account: str, relationship: str) -> None:
    shown = json.dumps(bench.state())

    assert "32131231" not in shown
    assert "access-sandbox" not in shown


def test_an_unknown_path_is_logged_by_method_and_path_alone(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.broker("DELETE", "v1/nowhere%0d%0aat-all?key=a-secret", json={"tax_id": "444-55-4321"})

    assert "nothing at DELETE /broker/v1/nowhere\\r\\nat-all" in caplog.text
    assert "secret" not in caplog.text
    assert "444-55" not in caplog.text


@pytest.mark.parametrize(
    ("path", "field", "code"),
    [("broker/v1/nowhere", "code", 40410000), ("plaid/nowhere", "error_code", "NOT_FOUND")],
)
def test_an_unknown_path_is_answered_in_the_vendors_shape(bench: Bench, path: str, field: str, code: object) -> None:
    answer = requests.post(f"{bench.url}/{path}", json={}, auth=KEYS, timeout=5)

    assert (answer.status_code, answer.json()[field]) == (404, code)


def test_a_failure_inside_is_logged_without_what_it_was_about(
    bench: Bench, account: str, relationship: str, caplog: pytest.LogCaptureFixture
) -> None:
    bench.control("settings", daily_limit="a-secret")

    answer = bench.transfer(account, relationship, "1.00")

    assert (answer.status_code, answer.json()["code"]) == (500, 50010000)
    assert "/transfers failed: InvalidOperation" in caplog.text
    assert "secret" not in caplog.text


def test_what_was_returned_stays_returned(bench: Bench, account: str, relationship: str) -> None:
    transfer_id = bench.transfer(account, relationship, "12.00").json()["id"]
    for action in ("settle", "return"):
        bench.control(f"transfers/{transfer_id}", action=action)

    answer = bench.session.post(f"{bench.url}/control/transfers/{transfer_id}", json={"action": "settle"}, timeout=5)

    assert answer.status_code == 400
    assert bench.transfers(account)[0]["status"] == "RETURNED"
