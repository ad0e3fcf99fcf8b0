"""Links to bank accounts: by hand and by processor token, one at a time."""

import pytest

from tests.brokerage.sandbox.bench import BANK, Bench


def processor_token(bench: Bench, **options: str) -> tuple[str, str]:
    """A processor token for the first account of a new Item, and the Item's access token."""
    public = bench.plaid(
        "sandbox/public_token/create", institution_id="ins_109508", initial_products=["auth"], options=options
    )
    access = bench.plaid("item/public_token/exchange", public_token=public.json()["public_token"]).json()[
        "access_token"
    ]
    bank_account = bench.plaid("accounts/get", access_token=access).json()["accounts"][0]["account_id"]
    made = bench.plaid("processor/token/create", access_token=access, account_id=bank_account, processor="alpaca")
    return made.json()["processor_token"], access


def test_a_link_is_queued_then_approved(bench: Bench, account: str) -> None:
    relationship_id = bench.link(account, approved=False)

    bench.pass_time(2)

    listed = bench.broker("GET", f"v1/accounts/{account}/ach_relationships").json()
    assert [(row["id"], row["status"]) for row in listed] == [(relationship_id, "APPROVED")]


def test_a_link_by_processor_token_says_nothing_of_the_bank(bench: Bench, account: str) -> None:
    token, _ = processor_token(bench)

    made = bench.broker("POST", f"v1/accounts/{account}/ach_relationships", json={"processor_token": token}).json()

    assert made["account_owner_name"] == "Alberta Bobbeth Charleson"
    assert not [name for name in made if name.startswith("bank_")]


def test_a_processor_token_dies_with_its_item(bench: Bench, account: str) -> None:
    token, access = processor_token(bench)
    bench.plaid("item/remove", access_token=access)

    answer = bench.broker("POST", f"v1/accounts/{account}/ach_relationships", json={"processor_token": token})

    assert (answer.status_code, answer.json()["message"]) == (400, "processor_token is invalid")


def test_there_is_one_active_link_at_a_time(bench: Bench, account: str) -> None:
    bench.link(account)

    answer = bench.broker("POST", f"v1/accounts/{account}/ach_relationships", json=BANK)

    assert answer.status_code == 409
    assert answer.json() == {"code": 40910000, "message": "only one active ach relationship allowed"}


def test_a_link_makes_room_only_when_it_is_gone(bench: Bench, account: str, relationship: str) -> None:
    path = f"v1/accounts/{account}/ach_relationships"
    assert bench.broker("DELETE", f"{path}/{relationship}").status_code == 204

    while_leaving = bench.broker("POST", path, json=BANK).status_code
    bench.pass_time(1)
    afterwards = bench.broker("POST", path, json=BANK).status_code

    assert (while_leaving, afterwards) == (409, 200)
    assert bench.broker("DELETE", f"{path}/{relationship}").status_code == 404


def test_a_strangers_name_is_rejected_when_that_is_switched_on(bench: Bench, account: str) -> None:
    bench.control("settings", reject_name_mismatch=True)
    token, _ = processor_token(bench)
    bench.broker("POST", f"v1/accounts/{account}/ach_relationships", json={"processor_token": token})

    bench.pass_time(2)

    rows = bench.broker("GET", f"v1/accounts/{account}/ach_relationships").json()
    assert rows[0]["status"] == "REJECTED"


@pytest.mark.parametrize(
    ("name", "status"), [("Ada Byron", "APPROVED"), ("Byron, Ada M", "APPROVED"), ("Grace Hopper", "REJECTED")]
)
def test_a_name_given_by_hand_is_compared_as_well(bench: Bench, account: str, name: str, status: str) -> None:
    bench.control("settings", reject_name_mismatch=True)
    form = {**BANK, "account_owner_name": name}
    bench.broker("POST", f"v1/accounts/{account}/ach_relationships", json=form)

    bench.pass_time(2)

    (row,) = bench.state()["relationships"]
    assert row["status"] == status
    assert (row["reason"] or "").startswith("the name of the bank account's owner") is (status == "REJECTED")


@pytest.mark.parametrize("number", ["500000005", "900000003", "000000000"])
def test_which_reserve_bank_a_routing_number_names_is_not_the_brokers_to_check(
    bench: Bench, account: str, number: str
) -> None:
    form = {**BANK, "bank_routing_number": number}

    assert bench.broker("POST", f"v1/accounts/{account}/ach_relationships", json=form).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [("bank_routing_number", "121000357"), ("bank_account_type", "BROKERAGE"), ("bank_account_number", "12a")],
)
def test_a_bank_that_cannot_be_is_refused(bench: Bench, account: str, field: str, value: str) -> None:
    answer = bench.broker("POST", f"v1/accounts/{account}/ach_relationships", json={**BANK, field: value})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith(field)


@pytest.mark.parametrize(("reading", "number"), [("shown", "1111222233330000"), ("empty", "")])
def test_a_plaid_link_may_say_more(bench: Bench, account: str, reading: str, number: str) -> None:
    bench.control("settings", plaid_bank_fields=reading)
    token, _ = processor_token(bench)

    made = bench.broker("POST", f"v1/accounts/{account}/ach_relationships", json={"processor_token": token}).json()

    assert made["bank_account_number"] == number


def test_canceled_links_are_listed_when_asked_for_or_switched_on(bench: Bench, account: str, relationship: str) -> None:
    path = f"v1/accounts/{account}/ach_relationships"
    bench.broker("DELETE", f"{path}/{relationship}")
    bench.pass_time(1)

    hidden = bench.broker("GET", path).json()
    asked = bench.broker("GET", path, params={"statuses": "CANCELED,APPROVED"}).json()
    bench.control("settings", list_canceled_relationships=True)

    assert (hidden, [row["id"] for row in asked]) == ([], [relationship])
    assert len(bench.broker("GET", path).json()) == 1


def test_a_link_may_have_to_wait_for_the_account(bench: Bench) -> None:
    bench.control("settings", link_before_active=False)
    account_id = bench.open_account(active=False)

    early = bench.broker("POST", f"v1/accounts/{account_id}/ach_relationships", json=BANK)
    bench.pass_time(60)

    assert early.status_code == 400
    assert bench.link(account_id)
