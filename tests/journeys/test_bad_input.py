"""What people, browsers and strangers send that makes no sense: a clear word beside the field, no row, no 500."""

import re
import uuid
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import BrokerageAccount
from funding import states
from funding.models import LinkSession, Transfer
from tests import make
from tests.funding.standing import OUT, Customer, in_doubt, open_customer
from tests.harness.sandbox import Sandbox
from tests.journeys import people

pytestmark = pytest.mark.django_db

CSRF = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
NO_AMOUNTS = [
    "", " ", "0", "0.00", "-1", "-0.01", "+5", "0.001", "10.005", "1e3", "1E3", "NaN", "nan", "Infinity", "-Infinity",
    "１０", "١٠", "१०", "1_0", "1 000", "1,00.00", "1,0000", "10.", ".5", "10,00", "$", "$$5", "5$", "USD 5", "€5",
    "0x10", "10\x00", "\x0010", "9" * 10_000, "0." + "0" * 10_000, "1" * 13, "ten", "10; DROP TABLE", "<b>10</b>",
    "10\n20", "²", "½", "∞", "10.00.00", "--5", "=1+1",
]  # fmt: skip
AMOUNTS = {"1,000.00": "1000.00", "$5": "5.00", " 10 ": "10.00", "$ 5.5": "5.50", "007": "7.00", "1000": "1000.00"}
WAYS = ["deposit", "withdraw"]


@pytest.fixture
def ada(sandbox: Sandbox, client: Client) -> Customer:
    customer = open_customer(sandbox, cash="2000.00")
    client.force_login(customer.user)
    return customer


@pytest.fixture
def lonely(client: Client, db: None) -> Any:
    """Ada's rows alone, for what never comes to a vendor."""
    bank = make.relationship(make.account(make.user(), cash="2000.00"))
    client.force_login(bank.brokerage_account.user)
    return bank


def typed(client: Client, way: str, amount: Any) -> Any:
    key = people.hidden(client.get(f"/{way}/"), "form_key")
    return client.post(f"/{way}/", {"amount": amount, "form_key": key})


def refused_beside_the_field(answer: Any) -> bool:
    return answer.status_code == 200 and bool(answer.context["form"].errors.get("amount"))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=lambda text: ascii(text)[:24])
def test_what_is_no_amount_is_refused_beside_the_field(client: Client, lonely: Any, way: str, amount: str) -> None:
    answer = typed(client, way, amount)

    assert refused_beside_the_field(answer)
    assert "aria-invalid" in answer.content.decode()
    assert not Transfer.objects.exists()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=lambda text: ascii(text)[:24])
def test_what_is_no_amount_is_not_confirmed_either(client: Client, lonely: Any, way: str, amount: str) -> None:
    key = people.hidden(client.get(f"/{way}/"), "form_key")

    answers = [
        client.get(f"/{way}/check/", {"amount": amount, "form_key": key}),
        client.post(f"/{way}/confirm/", {"amount": amount, "form_key": key}),
    ]

    assert [(answer.status_code, answer["Location"].partition("?")[0]) for answer in answers] == [(302, f"/{way}/")] * 2
    assert not Transfer.objects.exists()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("amount", "meant"), AMOUNTS.items())
def test_what_people_write_for_an_amount_is_understood(
    client: Client, ada: Customer, way: str, amount: str, meant: str
) -> None:
    transfer = people.move(client, way, amount)

    assert transfer.amount == Decimal(meant)
    assert [row["amount"] for row in ada.at_the_broker()] == [meant]


@pytest.mark.parametrize("way", WAYS)
def test_a_cent_above_a_limit_is_refused_beside_the_field(
    client: Client, lonely: Any, settings: Settings, way: str
) -> None:
    settings.TRANSFER_LIMIT = "100.00"

    over, at = typed(client, way, "100.01"), typed(client, way, "100.00")

    assert refused_beside_the_field(over)
    assert "$100.00" in over.content.decode()
    assert at.status_code == 302


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("limit", ["TRANSFER_LIMIT_PER_DAY", "TRANSFER_LIMIT_PER_30_DAYS", "BROKER_LIMIT_PER_DAY"])
def test_a_cent_above_a_limit_is_refused_at_every_door(
    client: Client, lonely: Any, settings: Settings, way: str, limit: str
) -> None:
    setattr(settings, limit, "100.00")
    key = people.hidden(client.get(f"/{way}/"), "form_key")
    over = {"amount": "100.01", "form_key": key}

    answers = [client.post(f"/{way}/", over), client.get(f"/{way}/check/", over)]
    settings.BROKER_BASE_URL = "http://127.0.0.1:1"  # what we hold of the cash is fresh enough
    answers.append(client.post(f"/{way}/confirm/", over))

    assert [refused_beside_the_field(answer) for answer in answers] == [True] * 3
    assert all("$100.00" in answer.content.decode() for answer in answers)
    assert not Transfer.objects.exists()


@pytest.mark.parametrize("words", ["", "0" * 64, "0" * 65, "x" * 5000, "\x00", "{another}", "{upper}"])
def test_words_that_nobody_was_shown_are_not_agreed_to(client: Client, ada: Customer, words: str) -> None:
    fields = people.confirmation(client.get(people.review(client, "deposit", "50.00")))
    other = people.confirmation(client.get(people.review(client, "deposit", "50.01")))["agreed_to"]
    words = words.replace("{another}", other).replace("{upper}", fields["agreed_to"].upper())

    answer = client.post("/deposit/confirm/", fields | {"agreed_to": words}, follow=True)

    assert any(said in answer.content.decode() for said in ("have changed since you read them", "out of date"))
    assert not Transfer.objects.exists()
    assert client.post("/deposit/confirm/", fields)["Location"].startswith("/transfers/")


@pytest.mark.parametrize("way", WAYS)
def test_two_amounts_are_none(client: Client, lonely: Any, way: str) -> None:
    key = people.hidden(client.get(f"/{way}/"), "form_key")
    two = {"amount": ["1.00", "9999.00"], "form_key": key}

    assert refused_beside_the_field(client.post(f"/{way}/", two))
    assert client.get(f"/{way}/check/", two)["Location"] == f"/{way}/"
    assert client.post(f"/{way}/confirm/", two)["Location"] == f"/{way}/"
    assert not Transfer.objects.exists()


def test_a_cent_above_the_cash_is_refused_beside_the_field(client: Client, ada: Customer) -> None:
    over, at = typed(client, "withdraw", "2000.01"), typed(client, "withdraw", "2000.00")

    assert refused_beside_the_field(over)
    assert at.status_code == 302


@pytest.mark.parametrize("way", WAYS)
def test_what_the_page_let_pass_is_decided_again_at_the_button(
    client: Client, ada: Customer, settings: Settings, way: str
) -> None:
    fields = people.confirmation(client.get(people.review(client, way, "100.00")))
    settings.TRANSFER_LIMIT = "99.99"

    answer = client.post(f"/{way}/confirm/", fields)

    assert refused_beside_the_field(answer)
    assert "$99.99" in answer.content.decode()
    assert 'value="100.00"' in answer.content.decode()
    assert not Transfer.objects.exists()


@pytest.mark.parametrize("extra", [{"status": "COMPLETE"}, {"sending": "ACCEPTED", "user": "1", "is_staff": "1"}])
def test_fields_that_nobody_asked_for_are_ignored(client: Client, ada: Customer, extra: dict[str, str]) -> None:
    page = client.get(people.review(client, "deposit", "50.00"))
    fields = people.confirmation(page)

    client.post("/deposit/confirm/", fields | extra)

    transfer = Transfer.objects.get()
    assert (transfer.user, transfer.status, transfer.sending) == (ada.user, states.QUEUED, states.ACCEPTED)


# --- Strangers --------------------------------------------------------------------------------------------------------

BY_TRANSFER = ["/transfers/{}/", "/transfers/{}/status/", "/transfers/{}/authorization/", "/transfers/{}/cancel/"]
BY_SESSION = ["/bank/link/{}/", "/bank/link/{}/finish/", "/bank/link/{}/account/"]
PLAIN = [
    *("/overview/", "/bank/", "/bank/status/", "/bank/link/", "/deposit/", "/withdraw/", "/transfers/"),
    *("/deposit/check/", "/withdraw/check/", "/deposit/confirm/", "/withdraw/confirm/"),
]
VERBS = ["get", "post", "put", "patch", "delete", "head", "options"]
NO_IDS = ["1", "0", "-1", "..%2f..%2fetc", "../admin", "%00", "%0d%0aX: y", "x" * 5000, "null", "*", "'--", "{}"]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("address", BY_TRANSFER + BY_SESSION)
def test_a_strangers_id_and_no_id_look_alike(client: Client, lonely: Any, address: str, verb: str) -> None:
    theirs = make.relationship(make.account(make.user("grace@example.com")))
    transfer = in_doubt(theirs, states.RESERVED)
    session = LinkSession.objects.create(user=theirs.brokerage_account.user, link_token="link-sandbox-1")

    said = [
        client.generic(verb.upper(), address.format(pk)) for pk in (transfer.pk, session.pk, theirs.pk, uuid.uuid4())
    ]

    assert {answer.status_code for answer in said} <= {404, 405}
    mine = make.transfer(lonely)
    own_of_another_kind = [lonely.pk, lonely.brokerage_account_id, lonely.item_id, mine.form_key, mine.authorization_id]
    said += [client.generic(verb.upper(), address.format(pk)) for pk in own_of_another_kind]
    assert len({(answer.status_code, CSRF.sub("", answer.content.decode())) for answer in said}) == 1
    transfer.refresh_from_db()
    session.refresh_from_db()
    assert (transfer.sending, session.claimed_at) == (states.RESERVED, None)


@pytest.mark.parametrize("wrong", NO_IDS, ids=lambda text: text[:12])
@pytest.mark.parametrize("address", BY_TRANSFER + BY_SESSION)
def test_what_is_no_id_is_not_found(client: Client, lonely: Any, address: str, wrong: str) -> None:
    for verb in ("get", "post"):
        assert getattr(client, verb)(address.format(quote(wrong, safe="%/."))).status_code in (404, 302, 405)

    assert client.get(address.format("x" * 5000)).status_code == 404


@pytest.mark.parametrize("verb", ["get", "post"])
@pytest.mark.parametrize("address", [*PLAIN, *BY_TRANSFER, *BY_SESSION])
def test_nobody_is_led_to_the_sign_in(client: Client, db: None, address: str, verb: str) -> None:
    answer = getattr(client, verb)(address.format(uuid.uuid4()))

    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("address", ["/bank/link/", "/deposit/confirm/", "/withdraw/confirm/"])
def test_what_changes_something_takes_no_get(client: Client, lonely: Any, address: str) -> None:
    assert [getattr(client, verb)(address).status_code for verb in ("get", "head", "put", "delete")] == [405] * 4


def test_looking_at_any_page_changes_nothing(client: Client, ada: Customer) -> None:
    transfer = ada.ask("50.00")
    before = list(Transfer.objects.values()), transfer.events.count(), ada.at_the_broker()
    query = {"amount": "60.00", "form_key": str(uuid.uuid4()), "cancel": "1"}

    for address in [*PLAIN, *BY_TRANSFER]:
        client.get(address.format(transfer.pk), query)
        client.head(address.format(transfer.pk), query)

    assert (list(Transfer.objects.values()), transfer.events.count(), ada.at_the_broker()) == before


@pytest.mark.parametrize("status", [states.COMPLETE, states.RETURNED, states.CANCELED, states.REJECTED])
def test_what_is_over_is_not_canceled(client: Client, lonely: Any, status: str) -> None:
    transfer = make.transfer(lonely, status=status)

    answer = client.post(f"{transfer.url}cancel/", follow=True)

    assert "past the point where it can be canceled" in answer.content.decode()
    transfer.refresh_from_db()
    assert (transfer.status, transfer.cancel_asked_at) == (status, None)


def test_a_button_without_its_token_does_nothing(ada: Customer) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada.user)
    transfer = ada.ask("50.00", OUT)

    for address in ("/bank/link/", "/deposit/confirm/", f"/transfers/{transfer.pk}/cancel/"):
        assert strict.post(address, {"amount": "5.00", "form_key": str(uuid.uuid4())}).status_code == 403

    transfer.refresh_from_db()
    assert transfer.sending == states.RESERVED


# --- Where money may not move -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("state", ["unlinked", "not active", "no account"])
def test_where_no_money_moves_every_door_says_why(client: Client, ada: Customer, way: str, state: str) -> None:
    address = people.review(client, way, "50.00")
    page = client.get(address)
    fields = people.confirmation(page)
    if state == "unlinked":
        ada.relationship.move_status("CANCELED", actor="broker")
    elif state == "not active":
        BrokerageAccount.objects.update(status="ACCOUNT_CLOSED")
    else:
        client.force_login(make.user("new@example.com"))

    doors = [client.get(f"/{way}/"), client.post(f"/{way}/", fields), client.get(address)]
    doors.append(client.post(f"/{way}/confirm/", fields))

    assert {answer.status_code for answer in doors} == {302}
    said = client.get("/overview/").content.decode()
    assert any(word in said for word in ("at the moment", "Link your bank first", "out of date"))
    assert not Transfer.objects.exists()
