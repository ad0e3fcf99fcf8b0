"""One field finds anything: by any id, an address, digits or an amount; each only for who may read it."""

import logging
import re
import uuid
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Application, AuditHead, StreamEvent, User
from brokerage.status import note
from funding.desk_search import AT_MOST
from funding.models import (
    ACHRelationship,
    Case,
    DailyClose,
    LinkSession,
    PlaidWebhook,
    ReconciliationRun,
    Transfer,
    Worker,
)
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person, text_of
from tests.funding.admin.plans import read_through
from tests.funding.standing import in_doubt

SEARCH = "/admin/search/"
NOTHING = "Nothing that you may read"


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    AuditHead.objects.create()  # looks are kept, and the audit has begun long ago
    return AtTheDesk(person())


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()), mask="9876")


def search(desk: AtTheDesk, words: str) -> Any:
    answer = desk.client.get(SEARCH, {"q": words})
    assert answer.status_code in (200, 302), answer.status_code
    return answer


def hits(desk: AtTheDesk, words: str) -> list[str]:
    """Return where the rows that were found have their pages: those of the list, or the one that it went to."""
    answer = search(desk, words)
    if answer.status_code == 302:
        return [answer.url]
    return re.findall(r'<td><a href="([^"]+)"', answer.content.decode())


def headings(desk: AtTheDesk, words: str) -> list[str]:
    return re.findall(r'<h2 id="[\w-]+-heading">([^<]+)<', search(desk, words).content.decode())


# --- By ids -----------------------------------------------------------------------------------------------------------


def test_one_row_that_has_the_id_is_gone_to(desk: AtTheDesk, bank: ACHRelationship) -> None:
    account, item = bank.brokerage_account, bank.login
    transfer = in_doubt(bank, alpaca_id="8C1F-of-theirs")
    transfer.attempt.request_id = "request-77"
    transfer.attempt.save()
    note(transfer, field="status", actor="broker", vendor_event_id="01JEVENT-1")
    note(account, field="status", actor="broker", vendor_event_id="01J-OTHER")
    assert transfer.authorization is not None
    known: dict[str, Any] = {
        str(transfer.pk): transfer,
        str(transfer.pk).upper(): transfer,
        transfer.pk.hex: transfer,
        transfer.short_reference: transfer,
        str(transfer.pk)[:13]: transfer,
        f"  {transfer.pk} ": transfer,
        "8C1F-of-theirs": transfer,
        "request-77": transfer,
        "01JEVENT-1": transfer,
        str(transfer.authorization.pk): transfer,
        str(transfer.form_key): transfer,
        str(account.pk): account,
        account.alpaca_id: account,
        account.alpaca_id.upper(): account,
        account.account_number: account,
        "01J-OTHER": account,
        str(bank.pk): bank,
        str(bank.alpaca_id): bank,
        str(item.pk): item,
        item.plaid_item_id: item,
        str(account.user.pk): account.application,
        str(account.application.pk): account.application,
        str(desk.user.pk): desk.user,
    }

    for words, row in known.items():
        assert hits(desk, words) == [page(row)], words


def test_what_vendors_support_names_leads_to_the_pass_and_to_the_news(desk: AtTheDesk, bank: ACHRelationship) -> None:
    passed = LinkSession.objects.create(user=bank.brokerage_account.user, request_id="token-1", item=bank.login)
    passed.events.create(name="OPEN", link_session_id="link-1", request_id="link-request-1")
    webhook = PlaidWebhook.objects.create(plaid_item_id="an-item-of-nobodys", body_hash="x", signed_hash="y")
    event = StreamEvent.objects.create(stream="accounts/status", event_id="01J-PARKED", account_id="theirs-1")

    for words in ("token-1", "link-1", "link-request-1", str(passed.pk)):
        assert hits(desk, words) == [page(passed)], words
    for words in ("an-item-of-nobodys", str(webhook.pk)):
        assert hits(desk, words) == [page(webhook)], words
    for words in ("01J-PARKED", "theirs-1"):
        assert hits(desk, words) == [page(event)], words


def test_an_id_that_begins_like_another_one_is_chosen_from(desk: AtTheDesk, bank: ACHRelationship) -> None:
    first, second = (
        make.transfer(bank, id=uuid.UUID(f"abcdef0{n}-0000-4000-8000-00000000000{n}"), direction=direction)
        for n, direction in ((1, "INCOMING"), (2, "OUTGOING"))
    )
    Transfer.objects.filter(pk=second.pk).update(id=uuid.UUID("abcdef01-0000-4000-8000-000000000002"))

    assert hits(desk, "abcdef01-0000-4000-8000-000000000001") == [page(first)]
    assert len(hits(desk, "abcdef01")) == 2
    assert hits(desk, "abcdef0") == []


# --- By words, digits and amounts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["ada@example.com", "ADA@example.com ", "ADA@", "Okafor", "okafor ", "Ada  Okafor"])
def test_a_person_is_found_by_how_their_address_begins_or_their_name_with_all_that_is_theirs(
    desk: AtTheDesk, bank: ACHRelationship, words: str
) -> None:
    transfer = make.transfer(bank)
    case = Case.objects.create(
        transfer=transfer, brokerage_account=bank.brokerage_account, kind=Case.Kind.DEBT, because="owes"
    )
    account = bank.brokerage_account

    found = hits(desk, words)

    for row in (account.application, account, bank, bank.login, transfer, case):
        assert page(row) in found, row


def test_someone_who_has_only_signed_up_is_found(desk: AtTheDesk) -> None:
    newcomer = make.user("newcomer@example.org")

    assert hits(desk, "newcomer@") == [page(newcomer)]


def test_the_last_four_digits_find_bank_accounts_and_what_went_through_them(
    desk: AtTheDesk, bank: ACHRelationship
) -> None:
    transfer = make.transfer(bank, "5.00")
    make.transfer(make.relationship(make.account(make.user("grace@example.com"))), "6.00")

    assert sorted(hits(desk, "9876")) == sorted([page(bank), page(transfer)])


@pytest.mark.parametrize("words", ["1234.50", "1,234.50", "$1,234.50", " $1234.50 ", "1234.5"])
def test_an_amount_finds_the_transfers_of_just_that(desk: AtTheDesk, bank: ACHRelationship, words: str) -> None:
    found = make.transfer(bank, "1234.50")
    make.transfer(bank, "1234.51", direction="OUTGOING")

    assert hits(desk, words) == [page(found)]
    assert search(desk, words).status_code == 200


def test_four_digits_may_be_an_amount_as_well(desk: AtTheDesk, bank: ACHRelationship) -> None:
    found = make.transfer(make.relationship(make.account(make.user("grace@example.com"))), "9876.00")

    assert sorted(hits(desk, "9876")) == sorted([page(bank), page(found)])


def test_the_newest_twenty_are_shown_with_the_way_to_all(desk: AtTheDesk, bank: ACHRelationship) -> None:
    for _ in range(AT_MOST + 1):
        make.transfer(bank, "77.00", direction="OUTGOING", status="COMPLETE")

    shown = search(desk, "$77.00").content.decode()

    assert len(hits(desk, "$77.00")) == AT_MOST
    assert 'href="/admin/funding/transfer/?q=%2477.00"' in shown
    assert "21" in desk.read("/admin/funding/transfer/?q=%2477.00")


# --- Odd words --------------------------------------------------------------------------------------------------------

ULID = "01JDQ7Z3W8X4V5T6R7S8P9Q0AB"
ODD = ["", "   ", "x" * 5000, "a\0b", "'", '"><script>', "' OR 1=1 --", "%", "%%%", "___", "\\", "a\r\nb", "٣٤٥", "ab"]


@pytest.mark.parametrize("words", [*ODD, "1e3", "-5", "NaN", "../../etc", "1" * 80, "f" * 33, "nobody@nowhere"])
def test_odd_words_get_a_sentence(desk: AtTheDesk, bank: ACHRelationship, words: str) -> None:
    answer = search(desk, words)

    assert answer.status_code == 200
    assert re.search(f"{NOTHING}|Type what you have|longer than", text_of(answer))
    assert "<script>" not in re.findall(r"<main.*</main>", answer.content.decode(), re.DOTALL)[0]


def test_bytes_that_are_no_text_get_a_sentence(desk: AtTheDesk) -> None:
    assert desk.client.get(f"{SEARCH}?q=%ff%fe%00").status_code == 200
    assert desk.client.get(f"{SEARCH}?q=one&q=two&other=3").status_code == 200


def test_it_is_asked_by_get_alone(desk: AtTheDesk) -> None:
    assert desk.client.post(SEARCH, {"q": "x"}).status_code == 405


# --- Who --------------------------------------------------------------------------------------------------------------


def test_each_finds_only_what_they_may_read(bank: ACHRelationship) -> None:
    make.transfer(bank)
    clerk = AtTheDesk(person("clerk@example.com", "view_transfer", "view_case"))

    assert headings(clerk, "ada@example.com") == ["Transfers"]
    assert hits(clerk, str(bank.pk)) == []
    assert hits(clerk, bank.brokerage_account.account_number) == []


@pytest.mark.parametrize("who", ["nobody", "a customer"])
def test_nobody_else_searches(bank: ACHRelationship, who: str) -> None:
    desk = AtTheDesk(bank.brokerage_account.user)
    if who == "nobody":
        desk.client.logout()

    answer: Any = desk.client.get(SEARCH, {"q": "ada"})

    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/admin/login/")


def test_the_field_stands_on_every_page_for_who_is_signed_in(desk: AtTheDesk, bank: ACHRelationship) -> None:
    pages = ["/admin/", SEARCH, "/admin/funding/transfer/", page(bank), page(bank, "stop")]

    for url in pages:
        assert 'id="desk-q"' in desk.client.get(url).content.decode(), url
    desk.client.logout()
    assert 'id="desk-q"' not in desk.client.get("/admin/login/").content.decode()


# --- What it costs, and what it leaves behind -------------------------------------------------------------------------


def test_what_is_searched_for_is_not_logged(
    desk: AtTheDesk, bank: ACHRelationship, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        hits(desk, "ada@example.com")
        hits(desk, "okafor")

    told = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert f"ops {desk.user.pk} searched by words: 4 found" in told
    assert not [line for line in told if "ada@example.com" in line or "kafor" in line]


@pytest.mark.parametrize("words", ["@example.com", "9876", "50.00", "abcdef01", "no-such-id"])
def test_more_rows_take_no_more_queries(desk: AtTheDesk, bank: ACHRelationship, words: str) -> None:
    def customers(*names: str) -> int:
        for name in names:
            linked = make.relationship(make.account(make.user(f"{name}@example.com")), mask="9876")
            transfer = in_doubt(linked, amount="50.00")
            Case.objects.create(
                transfer=transfer, brokerage_account=linked.brokerage_account, kind=Case.Kind.DEBT, because="owes"
            )
        with CaptureQueriesContext(connection) as queries:
            search(desk, words)
        return len(queries)

    assert customers("one", "two") == customers("three", "four", "five")


BY_INDEX = ["0f0e0d0c-0b0a-4000-8000-000000000001", "0f0e0d0c", "$250.00", "9876", ULID]
BY_INDEX += ["ada@example.com", "ada@", "okafor", "Ada Okafor", "nobody%_"]


@pytest.mark.parametrize("words", BY_INDEX)
def test_no_table_that_grows_is_read_through(desk: AtTheDesk, bank: ACHRelationship, words: str) -> None:
    make.transfer(bank)
    with CaptureQueriesContext(connection) as queries:
        search(desk, words)

    assert read_through(query["sql"] for query in queries) == []


@pytest.mark.parametrize("words", ["customer77@", "customer77@example.com", "Okafor77", "given77 OKAFOR77"])
def test_of_many_people_only_those_are_read_who_are_sought(desk: AtTheDesk, words: str) -> None:
    """With as many rows as let PostgreSQL choose its indexes by itself."""
    people = [User(email=f"customer{number}@example.com") for number in range(3000)]
    User.objects.bulk_create(people)
    Application.objects.bulk_create(
        Application(user=user, given_name=f"Given{number}", family_name=f"Okafor{number}")
        for number, user in enumerate(people)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as queries:
        found = hits(desk, words)
    asked = [query["sql"] for query in queries if re.search("begins|LIKE|LOWER|>=", query["sql"])]

    assert found == [page(people[77].application)]
    assert asked
    assert read_through(asked, of_many=True) == []


SEARCHED = [desk for desk in admin.site._registry.values() if desk.search_fields]
# A run each five minutes for a month, a close a day, a worker a machine.
STAY_SMALL = {ReconciliationRun, DailyClose, Worker}


@pytest.mark.parametrize("where", SEARCHED, ids=lambda desk: desk.opts.model_name)
def test_no_list_reads_a_table_through_to_find_something(desk: AtTheDesk, bank: ACHRelationship, where: Any) -> None:
    make.transfer(bank)
    url = f"/admin/{where.opts.app_label}/{where.opts.model_name}/"
    with CaptureQueriesContext(connection) as queries:
        desk.client.get(url)
    unasked = {query["sql"] for query in queries}

    with CaptureQueriesContext(connection) as queries:
        for words in ("0f0e0d0c-0b0a-4000-8000-000000000001", "ada@", "9876"):
            assert desk.client.get(url, {"q": words}).status_code == 200

    for_it = [query["sql"] for query in queries if query["sql"] not in unasked]
    assert where.model in STAY_SMALL or read_through(for_it) == []


def test_a_wildcard_is_a_letter_like_any_other(desk: AtTheDesk) -> None:
    found = make.user("50%_off@example.org")
    make.user("5000off@example.org")

    assert hits(desk, "50%_off") == [page(found)]
    assert hits(desk, "5%o") == []
