"""The vendors' own SDKs, unpatched, against the sandbox."""

import warnings
from typing import Any

import plaid
import pytest
from plaid.api import plaid_api

from tests.brokerage.sandbox.bench import BANK, KEYS, Bench

# alpaca-py still imports a part of websockets that warns of its end.
with warnings.catch_warnings(action="ignore"):
    from alpaca.broker.client import BrokerClient
    from alpaca.broker.enums import TransferDirection, TransferTiming
    from alpaca.broker.requests import (
        CreateACHRelationshipRequest,
        CreateACHTransferRequest,
        GetAccountActivitiesRequest,
        ListAccountsRequest,
    )

LINK_TOKEN = {
    "client_name": "Harbor",
    "language": "en",
    "country_codes": ["US"],
    "user": {"client_user_id": "1"},
    "products": ["auth"],
    "account_filters": {"depository": {"account_subtypes": ["checking", "savings"]}},
}


@pytest.fixture
def api(bench: Bench) -> Any:
    keys = {"clientId": "local-plaid-id", "secret": "local-plaid-secret", "plaidVersion": "2020-09-14"}
    configuration = plaid.Configuration(host=f"{bench.url}/plaid", api_key=keys)
    return plaid_api.PlaidApi(plaid.ApiClient(configuration))


@pytest.fixture
def client(bench: Bench) -> BrokerClient:
    return BrokerClient(*KEYS, url_override=f"{bench.url}/broker")


def test_alpaca_py_follows_a_dollar(bench: Bench, client: BrokerClient) -> None:
    account_id = bench.open_account()
    bank = CreateACHRelationshipRequest.model_validate(BANK)
    relationship: Any = client.create_ach_relationship_for_account(account_id, bank)
    bench.pass_time(2)
    request = CreateACHTransferRequest(
        amount="25.00",
        direction=TransferDirection.INCOMING,
        timing=TransferTiming.IMMEDIATE,
        relationship_id=relationship.id,
    )
    client.create_transfer_for_account(account_id, request)
    bench.pass_time(10)

    found: Any = client.list_accounts(ListAccountsRequest(query="byron"))
    transfers: Any = client.get_transfers_for_account(account_id)
    trading: Any = client.get_trade_account_by_id(account_id)
    activities: Any = client.get_account_activities(GetAccountActivitiesRequest(account_id=account_id))

    assert str(found[0].id) == account_id
    assert [transfer.status.value for transfer in transfers] == ["COMPLETE"]
    assert trading.cash_withdrawable == "25"
    assert [activity.net_amount for activity in activities] == [25.0]
    assert client.get_account_by_id(account_id).status.value == "ACTIVE"  # type: ignore[union-attr]
    assert client.get_ach_relationships_for_account(account_id)
    assert client.get_clock()
    assert client.get_all_positions_for_account(account_id) == []
    client.delete_ach_relationship_for_account(account_id, relationship.id)
    bench.control("balances", account_id=account_id, amount="0")
    client.close_account(account_id)


def test_plaid_python_parses_every_answer(api: Any) -> None:
    link_token = api.link_token_create(LINK_TOKEN)["link_token"]
    api.link_token_get({"link_token": link_token})
    made = api.sandbox_public_token_create({"institution_id": "ins_109508", "initial_products": ["auth"]})
    exchanged = api.item_public_token_exchange({"public_token": made["public_token"]})
    access = {"access_token": exchanged["access_token"]}
    accounts = api.accounts_get(access)["accounts"]
    api.accounts_balance_get({**access, "options": {"account_ids": [accounts[0]["account_id"]]}})
    api.institutions_get_by_id({"institution_id": "ins_109511", "country_codes": ["US"]})
    api.institutions_search({"query": "First Platypus Bank", "country_codes": ["US"], "products": ["auth"]})
    processor = {**access, "account_id": accounts[0]["account_id"], "processor": "alpaca"}

    assert api.processor_token_create(processor)["processor_token"].startswith("processor-sandbox-")
    assert api.item_get(access)["item"]["error"] is None
    assert api.sandbox_item_reset_login(access)["reset_login"]
    assert str(api.item_get(access)["item"]["error"]["error_code"]) == "ITEM_LOGIN_REQUIRED"
    api.item_remove(access)
    with pytest.raises(plaid.ApiException, match="ITEM_NOT_FOUND"):
        api.item_get(access)


def test_plaid_python_raises_its_own_exception(api: Any) -> None:
    with pytest.raises(plaid.ApiException) as raised:
        api.item_public_token_exchange({"public_token": "public-sandbox-nothing"})

    assert raised.value.status == 400
    assert "INVALID_PUBLIC_TOKEN" in raised.value.body
