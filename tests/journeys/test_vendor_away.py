"""Both vendors away: the site is up, quick, honest about how old its figures are, and loses nothing."""

import logging
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BrokerageAccount
from funding import states
from funding.models import ACHRelationship, Transfer
from tests import make
from tests.funding.standing import OUT, Customer, fault, lost, open_customer, read_anew
from tests.harness.sandbox import Sandbox
from tests.journeys import people

pytestmark = pytest.mark.django_db
DEAD = "http://127.0.0.1:1"
PAGES = ["/overview/", "/bank/", "/bank/status/", "/deposit/", "/withdraw/", "/transfers/", "/documents/"]


@pytest.fixture
def ada(sandbox: Sandbox, client: Client) -> Customer:
    customer = open_customer(sandbox, cash="1000.00")
    client.force_login(customer.user)
    return customer


def unplug(settings: Settings) -> None:
    settings.BROKER_BASE_URL = settings.PLAID_BASE_URL = settings.BROKER_TOKEN_URL = DEAD


def old_figures() -> None:
    long_ago = timezone.now() - timedelta(hours=5)
    BrokerageAccount.objects.update(cash_as_of=long_ago, cash_asked_at=long_ago)


def seconds_for(client: Client, address: str) -> float:
    began = time.monotonic()
    assert client.get(address).status_code == 200
    return time.monotonic() - began


def test_every_page_is_up(client: Client, ada: Customer, settings: Settings) -> None:
    transfer = ada.move("50.00")
    review = people.review(client, "deposit", "60.00")
    unplug(settings)
    old_figures()

    for address in [*PAGES, transfer.url, f"{transfer.url}status/", review]:
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/overview/", "/withdraw/"])
def test_old_figures_are_shown_with_their_age(client: Client, ada: Customer, settings: Settings, address: str) -> None:
    unplug(settings)
    old_figures()

    page = client.get(address)

    assert page.context["stale"]
    assert "<time" in page.content.decode()
    assert "1,000" in page.content.decode()


@pytest.mark.parametrize("address", ["/overview/", "/withdraw/"])
def test_a_silent_broker_holds_up_a_page_for_two_seconds_once(
    client: Client, ada: Customer, sandbox: Sandbox, address: str
) -> None:
    old_figures()
    fault(sandbox, "hang_before_commit", "GET /broker/v1/trading/accounts/*/account", times=9, seconds=8)

    first, second = seconds_for(client, address), seconds_for(client, address)

    assert first < 6
    assert second < first
    assert sum(each["fired"] for each in sandbox.get("/control/faults")) == 1


def test_a_deposit_asked_for_meanwhile_is_answered_and_kept(client: Client, ada: Customer, settings: Settings) -> None:
    review = people.review(client, "deposit", "60.00")
    unplug(settings)

    answer = people.confirm(client, "deposit", review)

    assert Transfer.objects.get().sending == states.DECLINED
    page = client.get(answer["Location"]).content.decode()
    assert "No money moved" in page
    assert "ask again" in page


def test_a_deposit_that_only_the_broker_misses_is_not_sent(client: Client, ada: Customer, settings: Settings) -> None:
    review = people.review(client, "deposit", "60.00")
    plaid = settings.PLAID_BASE_URL
    unplug(settings)
    settings.PLAID_BASE_URL = plaid

    answer = people.confirm(client, "deposit", review)

    assert Transfer.objects.get().sending == states.NOT_SENT
    assert "ask again" in client.get(answer["Location"]).content.decode()


def test_a_withdrawal_waits_for_a_figure(client: Client, ada: Customer, settings: Settings) -> None:
    review = people.review(client, "withdraw", "60.00")
    fields = people.confirmation(client.get(review))
    old_figures()
    unplug(settings)

    pages = [client.get(review), client.post("/withdraw/confirm/", fields)]

    for page in (answer.content.decode() for answer in pages):
        assert "can’t tell your cash right now" in page
        assert 'value="60.00"' in page  # what was typed is kept
    assert not Transfer.objects.exists()


def test_a_bank_can_be_linked_later(client: Client, ada: Customer, settings: Settings) -> None:
    ada.relationship.move_status("CANCELED", actor="broker")
    unplug(settings)

    answer = client.post("/bank/link/")

    assert "try again in a few minutes" in client.get(answer["Location"]).content.decode()


def test_a_cancel_that_was_not_delivered_says_so(client: Client, ada: Customer, settings: Settings) -> None:
    transfer = ada.move("50.00")
    unplug(settings)

    answer = client.post(f"{transfer.url}cancel/")

    page = client.get(answer["Location"]).content.decode()
    assert "can’t reach the broker right now" in page
    assert "the transfer goes on" in page


def test_all_is_well_again_when_they_are_back(client: Client, ada: Customer, settings: Settings) -> None:
    homes = settings.BROKER_BASE_URL, settings.PLAID_BASE_URL
    unplug(settings)
    for _ in range(2):
        call_command("run_worker", once=True)
    settings.BROKER_BASE_URL, settings.PLAID_BASE_URL = homes

    assert people.move(client, "deposit", "60.00").sending == states.ACCEPTED
    assert client.get("/overview/").status_code == 200


# --- Canceling, in the browser ----------------------------------------------------------------------------------------


def canceled(client: Client, transfer: Transfer) -> str:
    answer = client.post(f"{transfer.url}cancel/")
    page: str = client.get(answer["Location"]).content.decode()
    return page


def test_canceling_says_what_is_certain(client: Client, ada: Customer, sandbox: Sandbox) -> None:
    waiting, queued = ada.ask("10.00", OUT), ada.move("50.00")

    assert "It is canceled; no money moves." in canceled(client, waiting)
    assert "It is canceled; no money moves." in canceled(client, queued)
    assert [row["status"] for row in ada.at_the_broker()] == [states.CANCELED]


def test_canceling_too_late_says_so(client: Client, ada: Customer, sandbox: Sandbox) -> None:
    transfer = ada.move("50.00")
    sandbox.post(f"/control/transfers/{transfer.alpaca_id}", action="advance")

    page = canceled(client, transfer)

    assert "past the point where it can be canceled" in page
    assert "It is canceled" not in page


def test_canceling_into_silence_claims_nothing(client: Client, ada: Customer, sandbox: Sandbox) -> None:
    transfer = ada.move("50.00")
    fault(sandbox, "drop_after_commit", "DELETE /broker/v1/accounts/*/transfers/*")
    fault(sandbox, "status", "GET /broker/v1/accounts/*/transfers", status=502)

    page = canceled(client, transfer)

    assert "We asked the broker to cancel it" in page
    assert "no money moves" not in page


@pytest.mark.parametrize("verb", ["get", "head", "put", "delete"])
def test_canceling_takes_a_button(client: Client, ada: Customer, verb: str) -> None:
    transfer = ada.move("50.00")

    assert getattr(client, verb)(f"{transfer.url}cancel/").status_code == 405

    assert read_anew(transfer).cancel_asked_at is None


# --- Secrets, in every kind of trouble --------------------------------------------------------------------------------


def texts(client: Client, addresses: list[str]) -> str:
    return "".join(client.get(address).content.decode() for address in addresses)


@pytest.mark.parametrize(
    "trouble", ["none", "dead", "drop_after_commit", "status_after_commit", "garbage_after_commit"]
)
def test_no_secret_is_told_in_any_trouble(
    client: Client, sandbox: Sandbox, settings: Settings, caplog: pytest.LogCaptureFixture, trouble: str
) -> None:
    caplog.set_level(logging.DEBUG)
    user = people.customer_with_bank(client, sandbox)
    if trouble == "dead":
        unplug(settings)
    elif trouble != "none":
        sandbox.post("/control/faults", route="* /**", kind=trouble, times=5)

    review = people.review(client, "deposit", "25.00")
    told = people.confirm(client, "deposit", review).content.decode()
    call_command("run_worker", once=True)
    call_command("run_worker", once=True)
    told += texts(client, [*PAGES, *[transfer.url for transfer in Transfer.objects.all()], "/apply/waiting/"])
    told += str(dict(client.session)) + str(client.cookies)

    linked = ACHRelationship.objects.select_related("item").get(brokerage_account__user=user)
    for secret in secrets_of(linked, settings):
        assert secret not in caplog.text
        assert secret not in told


def secrets_of(linked: ACHRelationship, settings: Any) -> list[str]:
    """Return everything that must be told to nobody."""
    ssn = make.ANSWERS["tax-id"]["tax_id"]
    plaid = [
        linked.login.access_token,
        linked.login.plaid_item_id,
        "access-sandbox-",
        "processor-sandbox-",
        "public-sandbox-",
    ]
    ours = [settings.BROKER_API_SECRET, settings.PLAID_SECRET, settings.BROKER_API_KEY]
    return [ssn, ssn.replace("-", ""), make.ANSWERS["birth"]["date_of_birth"], *plaid, *ours]


def test_a_lost_answer_is_told_in_plain_words(client: Client, ada: Customer) -> None:
    transfer = lost(ada)

    page = client.get(transfer.url).content.decode()

    assert "We are confirming this with the broker" in page
    assert "please don’t send it again" in page
    assert "UNKNOWN" not in page
