"""The page of a bank account tells all that is kept of it, and no secret; the list answers what ops ask."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern
from django.utils import timezone

from brokerage.status import note
from funding import states
from funding.models import ACHRelationship, LinkSession, Lost, PlaidItem
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.funding.standing import OUT, read_anew
from tests.harness.unguarded import remove

LIST = "/admin/funding/achrelationship/"
CANARY = "canary-never-to-be-seen"
# Which model keeps what under seal, or as a hash of it.
SEALED: dict[type[Any], tuple[str, ...]] = {
    ACHRelationship: ("processor_token", "owner_name", "account_number", "routing_number"),
    PlaidItem: ("access_token",),
    LinkSession: ("link_token", "public_token_hash"),
}


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person())


@pytest.fixture
def bank(db: None) -> ACHRelationship:
    return make.relationship(make.account(make.user()))


def passed(item: PlaidItem, number: int = 1, **more: Any) -> LinkSession:
    """Make a pass through Link of which a login came, with what Link said on the way."""
    session = LinkSession.objects.create(
        user=item.user, item=item, outcome="linked", request_id=f"token-request-{number}", **more
    )
    session.events.create(
        name="ERROR",
        link_session_id=f"link-session-{number}",
        request_id=f"link-request-{number}",
        details={"view_name": "CREDENTIAL", "error_type": "ITEM_ERROR", "error_code": "INVALID_CREDENTIALS"},
    )
    return session


# --- The page ---------------------------------------------------------------------------------------------------------


def test_the_page_of_a_bank_account_tells_it_all(desk: AtTheDesk, bank: ACHRelationship) -> None:
    login = bank.login
    login.move_health(states.SIGN_IN, actor="plaid ITEM_LOGIN_REQUIRED", because="ITEM_LOGIN_REQUIRED")
    PlaidItem.objects.update(error_code="ITEM_LOGIN_REQUIRED", read_at=timezone.now())
    note(bank, field="status", after="APPROVED", actor="broker", evidence={"request_id": "brokers-request-9"})
    bank.owner_checks.create(actor="owner check", method="MATCH", score=92, outcome="PASS", reasons=["same words"])
    passed(login)
    transfer = make.transfer(bank, "75.00", direction=OUT)

    shown = desk.read(page(bank))

    told = ["ada@example.com", "Ada Okafor", "Tartan Bank", "Plaid Checking 0000", str(bank.alpaca_id), "APPROVED"]
    told += ["Sign-in needed.", "The bank wants a new sign-in (SIGN_IN)", "ITEM_LOGIN_REQUIRED", login.plaid_item_id]
    told += ["Nothing is stopped", "It follows none", "Nobody has asked for it"]
    told += ["Plaid compared the names 92 of 100 same words", "brokers-request-9", "plaid ITEM_LOGIN_REQUIRED"]
    told += [transfer.short_reference, "withdrawal $75.00", "Link a bank linked token-request-1"]
    told += ["ERROR CREDENTIAL ITEM_ERROR INVALID_CREDENTIALS link-session-1 link-request-1"]
    for words in told:
        assert words in shown, words


def test_the_history_of_the_bank_account_and_of_its_login_stand_in_one(desk: AtTheDesk, bank: ACHRelationship) -> None:
    bank.suspend(because="first", actor="broker")
    bank.login.move_health(states.REVOKED, actor="worker", because="second")
    bank.resume(because="third", actor="ops 1")

    shown = desk.read(page(bank))

    places = [shown.index(words) for words in ("third", "worker second", "suspended broker first")]
    assert places == sorted(places)
    assert "login health GOOD REVOKED" in shown


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"suspended_at": timezone.now(), "suspended_because": "R16"}, "Stopped deposits and withdrawals"),
        ({"suspended_at": timezone.now(), "suspended_deposits_only": True}, "Stopped deposits only"),
        ({"lost_at": timezone.now(), "lost_because": Lost.NOT_SHARED}, "It is not shared with us any more"),
        ({"ending_at": timezone.now(), "ending_because": "UNLINKED", "ending_tries": 4}, "Tries at the broker 4"),
        ({"ending_at": timezone.now(), "ending_error": "DELETE: 502"}, "Last error DELETE: 502"),
        ({"verification": "pending_manual_verification"}, "Verified pending_manual_verification"),
        ({"item": None, "plaid_account_id": ""}, "Login at the bank None: the customer typed the numbers."),
    ],
)
def test_the_page_says_what_stands_in_the_way(
    desk: AtTheDesk, bank: ACHRelationship, fields: dict[str, Any], words: str
) -> None:
    ACHRelationship.objects.update(**fields)

    assert words in desk.read(page(bank))


def test_one_that_is_replaced_and_the_one_that_follows_name_each_other(desk: AtTheDesk, bank: ACHRelationship) -> None:
    coming = make.relationship(bank.brokerage_account, sending=states.WAITING, status="", alpaca_id=None, mask="1111")
    bank.begin_to_end(ACHRelationship.Ending.REPLACED, actor="owner check")

    assert "Is to be replaced by Tartan Bank 1111 , WAITING" in desk.read(page(bank))
    assert "Is to replace Tartan Bank 0000 , ACCEPTED APPROVED" in desk.read(page(coming))

    bank.move_status(states.CANCELED, actor="broker")
    coming.move_sending(states.RESERVED, actor="worker")

    assert "Replaced by Tartan Bank 1111 , RESERVED" in desk.read(page(bank))
    assert "Replaces Tartan Bank 0000 , ACCEPTED CANCELED" in desk.read(page(coming))


def test_a_bank_account_that_is_not_there_is_not_found(desk: AtTheDesk) -> None:
    missing = f"{LIST}2fd96f20-3892-4a7b-9bbe-3a1e6dc04634"

    assert desk.client.get(f"{missing}/change/").status_code == 302  # as Django's admin has it: back to the start
    for deed in ("stop", "accept", "names"):
        desk.read(f"{missing}/{deed}/", status=404)


def test_someone_without_a_word_reads_nothing(bank: ACHRelationship) -> None:
    nobody = AtTheDesk(person("new@example.com", "view_case"))

    nobody.read(page(bank), status=403)


# --- Secrets ----------------------------------------------------------------------------------------------------------


def with_canaries(bank: ACHRelationship) -> dict[type[Any], Any]:
    """Put something into every place that is never shown; return a row of each model."""
    session = passed(bank.login, public_token_hash=CANARY, link_token=CANARY)
    remove(session.events.all())
    bank.sending = states.HELD
    rows: dict[type[Any], Any] = {ACHRelationship: bank, PlaidItem: bank.login, LinkSession: session}
    for model, row in rows.items():
        for name in SEALED[model]:
            setattr(row, name, f"{CANARY}-{name}")
        row.save()
    bank.owner_checks.create(
        actor="owner check", method="NAMES", score=60, outcome="REVIEW", owner_names=f"{CANARY}-owner_names"
    )
    for row in (bank, bank.login):
        note(row, field="sending", actor="worker", evidence={"answer": {"processor_token": CANARY, "token": CANARY}})
    make.transfer(bank)
    return rows


def addresses(model: type[Any], row: Any) -> list[str]:
    """Return every page that the admin has for a row, its deeds and Django's own included, and the list."""
    desk = admin.site._registry[model]
    patterns = [each for each in desk.get_urls() if isinstance(each, URLPattern) and each.name]
    names = [str(each.name).removeprefix(f"funding_{model._meta.model_name}_") for each in patterns]
    base = f"/admin/funding/{model._meta.model_name}/"
    return [base, f"{base}?q={CANARY}", *[f"{base}{row.pk}/{name}/" for name in names if name != "changelist"]]


def test_no_page_of_the_admin_shows_a_token_a_number_or_a_name(desk: AtTheDesk, bank: ACHRelationship) -> None:
    rows = with_canaries(bank)
    walked = 0

    for model, row in rows.items():
        for url in addresses(model, row):
            sent = (
                [] if url.endswith("/names/") else [desk.client.post(url, {"because": ""})]
            )  # that one is to show them
            for answer in (desk.client.get(url), *sent):
                shown = answer.content.decode().replace(f"q={CANARY}", "").replace(f'value="{CANARY}"', "")
                assert CANARY not in shown, url
                walked += answer.status_code == 200

    assert walked > 25
    assert CANARY in str(ACHRelationship.objects.get().processor_token)  # they were there to be shown


def test_no_form_of_the_admin_has_a_field_for_one(desk: AtTheDesk, bank: ACHRelationship) -> None:
    request: Any = type("Request", (), {"user": desk.user, "GET": {}, "method": "GET"})()

    for model, row in with_canaries(bank).items():
        form = admin.site._registry[model].get_form(request, row, change=True)
        fields = admin.site._registry[model].get_fields(request, row)
        assert not set(SEALED[model]) & {*form.base_fields, *str(fields).replace("'", " ").split()}
        assert set(SEALED[model]) <= set(admin.site._registry[model].exclude or ())


# --- The list ---------------------------------------------------------------------------------------------------------

ASKED: dict[str, Callable[[ACHRelationship], Any]] = {
    "held": lambda bank: ACHRelationship.objects.filter(pk=bank.pk).update(sending=states.HELD),
    "stopped": lambda bank: bank.suspend(because="closed", actor="broker"),
    "review": lambda bank: bank.move_sending(states.REVIEW, actor="worker"),
    "not-removed": lambda bank: ACHRelationship.objects.filter(pk=bank.pk).update(
        ending_at=timezone.now(), ending_tries=3
    ),
    "sign-in": lambda bank: bank.login.move_health(states.SIGN_IN, actor="worker"),
    "expiring": lambda bank: bank.login.move_health(states.EXPIRING, actor="worker"),
    "access-lost": lambda bank: bank.lose(Lost.NOT_SHARED, actor="worker"),
}


@pytest.mark.parametrize("asked", ASKED)
def test_the_list_answers_what_ops_ask(desk: AtTheDesk, bank: ACHRelationship, asked: str) -> None:
    make.relationship(make.account(make.user("grace@example.com")), mask="7777")
    assert "ada@example.com" not in desk.read(f"{LIST}?queue={asked}")

    ASKED[asked](bank)

    shown = desk.read(f"{LIST}?queue={asked}")
    assert "ada@example.com" in shown
    assert "grace@example.com" not in shown


def test_one_whose_login_is_lost_and_one_that_ended_are_told_apart(desk: AtTheDesk, bank: ACHRelationship) -> None:
    bank.login.move_health(states.REVOKED, actor="worker")
    assert "ada@example.com" in desk.read(f"{LIST}?queue=access-lost")

    bank.move_status(states.CANCELED, actor="broker")

    assert "ada@example.com" not in desk.read(f"{LIST}?queue=access-lost")


def test_the_list_is_narrowed_to_one_bank(desk: AtTheDesk, bank: ACHRelationship) -> None:
    other = make.relationship(make.account(make.user("grace@example.com")))
    PlaidItem.objects.filter(pk=other.login.pk).update(institution_id="ins_3", institution_name="Houndstooth Bank")
    assert "Houndstooth Bank" in desk.read(LIST)

    shown = desk.read(f"{LIST}?bank=ins_3")

    assert "grace@example.com" in shown
    assert "ada@example.com" not in shown


def test_a_queue_begins_with_what_has_waited_longest(desk: AtTheDesk, bank: ACHRelationship) -> None:
    later = make.relationship(make.account(make.user("grace@example.com")))
    for link, hours in ((bank, 1), (later, 9)):
        at = timezone.now() - timedelta(hours=hours)
        ACHRelationship.objects.filter(pk=link.pk).update(sending=states.HELD, sending_at=at)

    shown = desk.read(f"{LIST}?queue=held")

    assert shown.index("grace@example.com") < shown.index("ada@example.com")


def test_a_bank_account_is_found_by_any_id_a_mask_a_bank_or_an_address(desk: AtTheDesk, bank: ACHRelationship) -> None:
    other = make.relationship(make.account(make.user("grace@example.com")), mask="4321")
    PlaidItem.objects.filter(pk=bank.login.pk).update(institution_name="Houndstooth Bank")
    ACHRelationship.objects.filter(pk=bank.pk).update(mask="9876")
    passed(bank.login, 77)
    repairing = LinkSession.objects.create(
        user=bank.login.user, updates=bank.login, purpose=LinkSession.Purpose.REPAIR, request_id="repair-request"
    )
    repairing.events.create(name="HANDOFF", link_session_id="repair-session")
    passed(other.login, 78)
    account, login = bank.brokerage_account, bank.login
    words = [str(bank.pk), str(bank.alpaca_id), str(login.pk), login.plaid_item_id, account.alpaca_id, str(account.pk)]
    words += ["9876", "houndstooth bank", "ada@example", "token-request-77", "link-session-77", "link-request-77"]
    words += ["repair-request", "repair-session"]

    for word in words:
        shown = desk.client.get(LIST, {"q": word}).content.decode()
        assert "ada@example.com" in shown, word
        assert "grace@example.com" not in shown, word
        assert shown.count(f"/{bank.pk}/change/") == 1, word


@pytest.mark.parametrize("query", ["x" * 5000, "2fd96f20-3892-4a7b-9bbe-3a1e6dc04634", "' OR 1=1 --", "no such"])
def test_odd_words_find_nothing(desk: AtTheDesk, bank: ACHRelationship, query: str) -> None:
    assert "ada@example.com" not in desk.read(f"{LIST}?q={query}")


def test_a_word_that_no_database_takes_is_refused(desk: AtTheDesk, bank: ACHRelationship) -> None:
    assert "Null characters are not allowed" in desk.read(f"{LIST}?q=%00")


def test_an_unknown_queue_shows_them_all(desk: AtTheDesk, bank: ACHRelationship) -> None:
    assert "ada@example.com" in desk.read(f"{LIST}?queue=no-such-queue")


def test_more_history_takes_no_more_queries(desk: AtTheDesk, bank: ACHRelationship) -> None:
    def happened(times: int) -> int:
        for number in range(times):
            bank.suspend(because=f"{number}", actor="broker")
            bank.resume(because=f"{number}", actor="broker")
            bank.login.events.create(field="health", actor="worker")
            bank.owner_checks.create(actor="owner check", method="NONE", outcome="PASS")
            make.transfer(bank, status=states.COMPLETE)
            session = LinkSession.objects.create(
                user=bank.login.user, updates=bank.login, purpose=LinkSession.Purpose.REPAIR
            )
            session.events.create(name="OPEN")
        with CaptureQueriesContext(connection) as queries:
            desk.read(page(bank))
        return len(queries)

    desk.read(page(bank))  # the first one looks up content types

    assert happened(1) == happened(8)
    assert read_anew(bank).usable
