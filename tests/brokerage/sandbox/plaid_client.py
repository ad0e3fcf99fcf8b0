"""plaid-python as it comes, pointed at a sandbox, and the few calls that most tests begin with."""

import json
from types import SimpleNamespace
from typing import Any

import plaid
import pytest
from plaid.api import plaid_api
from plaid.model.plaid_error import PlaidError

KEYS = {"clientId": "local-plaid-id", "secret": "local-plaid-secret", "plaidVersion": "2020-09-14"}
PLATYPUS = "ins_109508"


def link_token_of(**more: Any) -> dict[str, Any]:
    """A request for a link token; made anew each time, because the SDK converts its lists where they stand."""
    return {
        "client_name": "Harbor",
        "language": "en",
        "country_codes": ["US"],
        "user": {"client_user_id": "1"},
        "products": ["auth"],
        **more,
    }


def update_mode_of(access: dict[str, str], **more: Any) -> dict[str, Any]:
    asked = link_token_of(**access, **more)
    del asked["products"]
    return asked


def client(url: str) -> Any:
    return plaid_api.PlaidApi(plaid.ApiClient(plaid.Configuration(host=f"{url}/plaid", api_key=KEYS)))


def public_token(api: Any, *, products: tuple[str, ...] = ("auth",), bank: str = PLATYPUS, **options: Any) -> str:
    asked = {"institution_id": bank, "initial_products": list(products), "options": options}
    token: str = api.sandbox_public_token_create(asked)["public_token"]
    return token


def item(api: Any, **how: Any) -> dict[str, str]:
    """The access token of a new Item, as a request takes it."""
    return {"access_token": api.item_public_token_exchange({"public_token": public_token(api, **how)})["access_token"]}


def item_of_story(api: Any, story: dict[str, Any], **how: Any) -> dict[str, str]:
    """The Item of a customer whom the test has written itself."""
    return item(api, override_username="user_custom", override_password=json.dumps(story), **how)


def account_of(api: Any, access: dict[str, str], mask: str = "0000") -> dict[str, str]:
    """The same request, with the id of one account."""
    ids = {account["mask"]: account["account_id"] for account in api.accounts_get(access)["accounts"]}
    return {**access, "account_id": ids[mask]}


def processor_token(api: Any, access: dict[str, str], mask: str = "0000") -> dict[str, str]:
    answer = api.processor_token_create({**account_of(api, access, mask), "processor": "alpaca"})
    return {"processor_token": answer["processor_token"]}


def refusal(call: Any, fields: dict[str, Any]) -> tuple[int, str]:
    """The status and the code of a refusal, whose body is Plaid's envelope and nothing less."""
    with pytest.raises(plaid.ApiException) as raised:
        call(fields)
    body = json.loads(raised.value.body)
    plaid.ApiClient().deserialize(SimpleNamespace(data=raised.value.body), (PlaidError,), True)
    assert {"documentation_url", "suggested_action", "request_id"} <= set(body)
    return raised.value.status, body["error_code"]
