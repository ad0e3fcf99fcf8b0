"""Plaid: link token, public-token exchange, how a login and its accounts are, owners, balances, tokens, webhook keys.

Called by operations; calls plaid-python through plaid_client. Plain values and small frozen dataclasses in and out.
Tokens are returned to the caller, who seals them; they are in no log and in no error.
Balances are Decimal US dollars. Everything here raises NotSent, Refused or OutcomeUnknown, and nothing else.
"""

import logging
import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings

from brokerage.gateways import plaid_answers as read
from brokerage.gateways.errors import VendorError
from brokerage.gateways.plaid_answers import Accounts, Balance, Exchange, ItemReading, LinkToken, SignalAnswer
from brokerage.gateways.plaid_answers import BankAccount as BankAccount

if TYPE_CHECKING:
    from brokerage.gateways.plaid_client import TamedPlaid

# Our name for the broker among Plaid's partners. https://plaid.com/docs/auth/partnerships/alpaca/
PROCESSOR = "alpaca"
NO_SUCH_WEBHOOK_KEY = "INVALID_WEBHOOK_VERIFICATION_KEY_ID"

# What no customer can mend. https://plaid.com/docs/errors/
_OUR_FAULTS = frozenset(
    [
        *("INVALID_API_KEYS", "UNAUTHORIZED_ENVIRONMENT", "UNAUTHORIZED_ROUTE_ACCESS", "INVALID_ACCESS_TOKEN"),
        *("INVALID_PRODUCT", "INVALID_LINK_CUSTOMIZATION", "INVALID_CONFIGURATION"),
        *("MISSING_FIELDS", "UNKNOWN_FIELDS", "INVALID_FIELD", "INVALID_BODY", "INVALID_HEADERS", "SANDBOX_ONLY"),
    ]
)

log = logging.getLogger(__name__)

_lock = threading.Lock()
_made: dict[tuple[str, str, str], "TamedPlaid"] = {}


def client() -> "TamedPlaid":
    """Return this process's client for the present credentials."""
    from brokerage.gateways.plaid_client import TamedPlaid

    key = (settings.PLAID_BASE_URL, settings.PLAID_CLIENT_ID, settings.PLAID_SECRET)
    with _lock:
        if key not in _made:
            _made[key] = TamedPlaid()
        return _made[key]


def _ask(method: str, body: dict[str, Any], *, once: bool = False) -> dict[str, Any]:
    """Call Plaid; raise an alarm where the answer speaks of our keys or our code, and report one without sense."""
    try:
        return client().ask_once(method, body) if once else client().ask(method, body)
    except VendorError as fault:
        if is_our_fault(fault):
            log.error("Plaid: %s; check our keys and what is switched on there, then our code", fault)
        elif fault.http_status == 200:
            log.warning("Plaid: %s", fault)
        raise


def is_our_fault(fault: VendorError) -> bool:
    """Say whether Plaid finds fault with us, so that no customer can do anything about it."""
    return fault.code in _OUR_FAULTS or fault.http_status in (401, 403)


def create_link_token(*, user_id: str, client_name: str, access_token: str = "", accounts: bool = False) -> LinkToken:
    """Return a token that starts Link for one person; `user_id` is ours and says nothing about them.

    With an `access_token` Link works on that item (update mode): signing in again, entering a code and, with
    `accounts`, choosing anew which accounts are shared. https://plaid.com/docs/api/link/#linktokencreate
    """
    body: dict[str, Any] = {
        "client_name": client_name[:30],  # Link shows "This Application" for a longer one
        "language": "en",
        "country_codes": ["US"],
        "user": {"client_user_id": user_id},
        "account_filters": {"depository": {"account_subtypes": ["checking", "savings"]}},
    }
    body |= _existing_item(access_token, accounts=accounts) if access_token else _new_item()
    if settings.PLAID_REDIRECT_URI:
        body["redirect_uri"] = settings.PLAID_REDIRECT_URI
    return read.link_token(_ask("link_token_create", body))


def _new_item() -> dict[str, Any]:
    """Return what is asked of a new login. In `products`, anything but auth switches the small deposits off."""
    body: dict[str, Any] = {"products": ["auth", "signal"] if settings.RISK_SIGNAL else ["auth"]}
    if settings.OWNER_CHECK != "off":
        body["required_if_supported_products"] = ["identity"]
    if settings.PLAID_MICRODEPOSITS:
        ways = ("automated_microdeposits_enabled", "instant_match_enabled", "same_day_microdeposits_enabled")
        body["auth"] = dict.fromkeys(ways, True)
    if settings.PLAID_WEBHOOK_URL:
        body["webhook"] = settings.PLAID_WEBHOOK_URL
    return body


def _existing_item(access_token: str, *, accounts: bool) -> dict[str, Any]:
    """Return what puts Link into update mode. https://plaid.com/docs/link/update-mode/"""
    return {"access_token": access_token} | ({"update": {"account_selection_enabled": True}} if accounts else {})


def exchange_public_token(public_token: str) -> Exchange:
    """Trade the single-use token that Link gave the browser. An answer that is lost takes the item with it."""
    answer = _ask("item_public_token_exchange", {"public_token": public_token}, once=True)
    return Exchange(access_token=read.required(answer, "access_token"), plaid_item_id=read.required(answer, "item_id"))


def get_item(access_token: str, *, plaid_item_id: str) -> ItemReading:
    """Return how a login is; one in trouble answers too, and says which. Gone for good is Refused, ITEM_NOT_FOUND.

    https://plaid.com/docs/api/items/#itemget
    """
    return read.item_reading(read.about(plaid_item_id, _ask("item_get", {"access_token": access_token})))


def get_accounts(access_token: str, *, plaid_item_id: str) -> Accounts:
    """Return the accounts that the customer shares now."""
    answer = _ask("accounts_get", {"access_token": access_token})
    return read.accounts(answer, read.about(plaid_item_id, answer))


def match_owner(*, access_token: str, plaid_account_id: str, legal_name: str) -> int | None:
    """Return how much the account's owner is the person named, from 0 to 100; None where the bank does not say.

    https://plaid.com/docs/api/products/identity/#identitymatch
    """
    body = {
        "access_token": access_token,
        "user": {"legal_name": legal_name},
        "options": {"account_ids": [plaid_account_id]},
    }
    return read.owner_score(read.account_of(_ask("identity_match", body), plaid_account_id))


def get_owner_names(*, access_token: str, plaid_account_id: str) -> list[str]:
    """Return the names of an account's owners as its bank has them; the bank may put several into one.

    https://plaid.com/docs/api/products/identity/#identityget
    """
    body = {"access_token": access_token, "options": {"account_ids": [plaid_account_id]}}
    return read.owner_names(read.account_of(_ask("identity_get", body), plaid_account_id))


def set_webhook(*, access_token: str, url: str) -> None:
    """Have an item's news sent to an address; update mode does not take one along."""
    _ask("item_webhook_update", {"access_token": access_token, "webhook": url})


def get_balance(*, access_token: str, plaid_account_id: str) -> Balance:
    """Ask the bank itself, through Plaid, what an account holds now; may take long.

    https://plaid.com/docs/api/products/balance/#accountsbalanceget
    """
    body = {"access_token": access_token, "options": {"account_ids": [plaid_account_id]}}
    return read.balance(read.account_of(_ask("accounts_balance_get", body), plaid_account_id))


def evaluate_signal(
    *, access_token: str, plaid_account_id: str, transaction_id: str, amount: Decimal, user_id: str
) -> SignalAnswer:
    """Ask Signal how likely a debit of `amount` comes back. Each `transaction_id` can be asked about once.

    https://plaid.com/docs/api/products/signal/#signalevaluate
    """
    body: dict[str, Any] = {
        "access_token": access_token,
        "account_id": plaid_account_id,
        "client_transaction_id": transaction_id,
        "amount": amount,
        "client_user_id": user_id,
        "user_present": True,
    }
    if settings.RISK_SIGNAL_RULESET:
        body["ruleset_key"] = settings.RISK_SIGNAL_RULESET
    return read.signal(_ask("signal_evaluate", body))


def create_processor_token(*, access_token: str, plaid_account_id: str) -> str:
    """Return the token by which the broker may read one account's numbers; asking twice is harmless."""
    body = {"access_token": access_token, "account_id": plaid_account_id, "processor": PROCESSOR}
    return read.required(_ask("processor_token_create", body), "processor_token")


def remove_item(access_token: str) -> None:
    """End our access to an item at Plaid; its processor tokens die with it. Gone already is Refused with a code."""
    _ask("item_remove", {"access_token": access_token})


def get_webhook_key(key_id: str) -> dict[str, Any]:
    """Return the public key, a JWK, by which webhooks that name it are verified; `expired_at` says whether it still is.

    One that Plaid doesn't know is Refused with NO_SUCH_WEBHOOK_KEY.
    https://plaid.com/docs/api/webhooks/webhook-verification/#get-webhook-verification-key
    """
    return read.webhook_key(_ask("webhook_verification_key_get", {"key_id": key_id}))
