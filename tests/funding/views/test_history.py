"""The list of transfers: every row once, at the same price, whatever the address says."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from funding import states
from funding.models import ACHRelationship, Transfer
from tests import make
from tests.funding.standing import IN, OUT, in_doubt

MOST_QUERIES = 13


@pytest.fixture
def bank(client: Client, db: None) -> ACHRelationship:
    bank = make.relationship(make.account(make.user()))
    client.force_login(bank.brokerage_account.user)
    make.portfolio(bank.brokerage_account)
    return bank


def fill(bank: ACHRelationship, count: int, *, at: datetime | None = None) -> list[Transfer]:
    """Make many transfers, all of one moment where one is named."""
    now = timezone.now()
    plain = make.transfer(bank, direction=OUT, status=states.COMPLETE)
    values = {field.attname: getattr(plain, field.attname) for field in Transfer._meta.concrete_fields}
    plain.delete()
    # What was made elsewhere needs neither authorization nor risk decision.
    values["origin"] = Transfer.Origin.EXTERNAL
    rows = []
    for n in range(count):
        row = Transfer(**values)
        row.pk = Transfer._meta.pk.get_default()
        row.alpaca_id, row.form_key = str(row.pk), row.pk
        row.created_at = at or now - timedelta(hours=n)
        row.amount, row.direction = Decimal(n + 1), (IN, OUT)[n % 2]
        rows.append(row)
    return Transfer.objects.bulk_create(rows)


def links(page: Any) -> tuple[list[str], str | None, str | None]:
    """Return the transfers on a page, and the addresses of the newer and the older page."""
    text = page.content.decode()
    shown = re.findall(r'href="/transfers/([0-9a-f-]{36})/"', text)
    return list(dict.fromkeys(shown)), page.context["newer_url"], page.context["older_url"]


def walk(client: Client, address: str | None, *, back: bool = False) -> tuple[list[list[str]], str]:
    """Follow the pages to the end; return what each showed, and the last address."""
    seen, last = [], ""
    while address:
        last = address
        shown, newer, older = links(client.get(address))
        seen.append(shown)
        assert len(seen) < 60, "the pages do not end"
        address = newer if back else older
    return seen, last


@pytest.mark.parametrize("count", [0, 1, 24, 25, 26, 50, 51, 130])
@pytest.mark.parametrize("at", [None, datetime(2026, 11, 1, 5, 30, 0, 123457, tzinfo=UTC)], ids=["spread", "at once"])
def test_every_row_is_shown_once_forwards_and_back(
    client: Client, bank: ACHRelationship, count: int, at: datetime | None
) -> None:
    rows = fill(bank, count, at=at)
    expected = [str(row.pk) for row in sorted(rows, key=lambda row: (row.created_at, row.pk), reverse=True)]

    forwards, last = walk(client, "/transfers/")
    back, _ = walk(client, last, back=True)

    assert [pk for page in forwards for pk in page] == expected
    assert [pk for page in reversed(back) for pk in page] == expected


def test_a_filter_stays_on_every_page(client: Client, bank: ACHRelationship) -> None:
    fill(bank, 120)

    pages, _ = walk(client, "/transfers/?direction=OUTGOING")

    shown = {pk for page in pages for pk in page}
    assert shown == {str(pk) for pk in Transfer.objects.filter(direction=OUT).values_list("pk", flat=True)}


def test_a_row_that_comes_in_meanwhile_moves_no_other(client: Client, bank: ACHRelationship) -> None:
    fill(bank, 60)
    first, _, older = links(client.get("/transfers/"))

    make.transfer(bank, status=states.COMPLETE)
    second, _, _ = links(client.get(older or ""))

    assert not set(first) & set(second)
    assert len(second) == 25


GARBAGE = ["", "x", "_", "1_2", "9" * 400, "-1.5_x", "NaN_", "1.1_00000000-0000-0000-0000-000000000000", "\x00", "é",
           "-62135596800.0_{pk}", "253402300799.999999_{pk}", "253402300800.0_{pk}", "-99999999999.0_{pk}", "1._{pk}",
           "1e9.0_{pk}", "١.0_{pk}", "1.9999999_{pk}", "1.-1_{pk}", "-62135578800.0_{pk}", "' OR 1=1 --",
           "x" * 5000]  # fmt: skip


@pytest.mark.parametrize("name", ["before", "after"])
@pytest.mark.parametrize("key", GARBAGE, ids=lambda text: ascii(text)[:24])
def test_a_page_key_that_nobody_made_is_still_a_page(
    client: Client, bank: ACHRelationship, name: str, key: str
) -> None:
    rows = fill(bank, 3)

    assert client.get("/transfers/", {name: key.replace("{pk}", str(rows[0].pk))}).status_code == 200


@pytest.mark.parametrize("name", ["direction", "status", "since"])
@pytest.mark.parametrize(
    "value", ["x", "\x00", "x" * 5000, "0001-01-01", "9999-12-31", "2026-02-30", "10000-01-01", "é", "-1", "0"]
)
def test_a_filter_that_nobody_offered_is_still_a_page(
    client: Client, bank: ACHRelationship, name: str, value: str
) -> None:
    fill(bank, 3)

    assert client.get("/transfers/", {name: value}).status_code == 200
    assert client.get("/transfers/", {name: [value, value], "before": "x"}).status_code == 200


PAGES = ["/overview/", "/transfers/", "/transfers/?status=moving", "/transfers/?direction=INCOMING", "/bank/",
         "/bank/status/", "/deposit/", "/withdraw/", "{mine}", "{mine}status/",
         "/deposit/check/?amount=5.00&form_key=00000000-0000-0000-0000-000000000000"]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_a_page_costs_the_same_with_ten_and_a_thousand(client: Client, bank: ACHRelationship, address: str) -> None:
    costs = []
    for count in (10, 1000):
        Transfer.objects.all().delete()
        mine = fill(bank, count)[0].url
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address.replace("{mine}", mine)).status_code == 200
        costs.append(len(asked))

    assert costs[0] == costs[1]
    assert costs[0] <= MOST_QUERIES


@pytest.mark.parametrize("sending", sorted(states.SENDING_MOVES))
@pytest.mark.parametrize("direction", [IN, OUT])
def test_every_state_has_its_page(client: Client, bank: ACHRelationship, sending: str, direction: str) -> None:
    transfer = in_doubt(bank, sending, direction=direction)

    for address in (transfer.url, f"{transfer.url}status/", "/transfers/", "/overview/"):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("status", [*sorted(word for word in states.RANK if word), "TELEPORTED", "<script>"])
@pytest.mark.parametrize("direction", [IN, OUT])
@pytest.mark.parametrize("sending", [states.ACCEPTED, states.REVIEW])
def test_every_word_of_the_brokers_has_its_page(
    client: Client, bank: ACHRelationship, status: str, direction: str, sending: str
) -> None:
    at = timezone.now()
    transfer = make.transfer(
        bank, status=status, direction=direction, settled_at=at, ended_at=at, alpaca_id="1", reason="<script>R01"
    )
    Transfer.objects.update(sending=sending)

    for address in (transfer.url, "/transfers/", "/overview/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "<script>R01" not in page.content.decode()
        assert "TELEPORTED" not in page.content.decode()


def test_one_made_elsewhere_has_its_page(client: Client, bank: ACHRelationship) -> None:
    transfer = make.transfer(bank, origin=Transfer.Origin.EXTERNAL, form_key=None, relationship=None)

    for address in (transfer.url, "/transfers/", "/overview/"):
        assert client.get(address).status_code == 200
