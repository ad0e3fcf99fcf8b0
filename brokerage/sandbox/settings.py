"""What control may change about the sandbox, and what it is before anybody does."""

from datetime import time
from typing import Any

SETTINGS: dict[str, Any] = {
    "profile": "fast",
    "ach_per_day": None,  # None: one per direction and day in the realistic profile, no such limit in the others
    "ach_timing": "banking_days",  # in the realistic profile; or trading_minutes, as the live sandbox was seen to do
    "cut_off": "14:00",  # New York; what is handed in later goes with the next banking day's batch
    "ach_settlement_days": 2,  # banking days from the batch to the money
    "ach_settles_at": "08:30",  # New York
    "daily_limit": "50000",
    "heartbeat_seconds": 15,
    "emit_events": True,
    "inclusive_cursor": False,
    "strict_credentials": False,
    "bad_keys": [],
    "rate_limit": 10_000,
    "enforce_rate_limit": False,
    "max_streams": 25,
    "list_canceled_relationships": False,
    "disabled_processors": [],
    "reject_name_mismatch": False,
    "block_transfers_after_return": False,
    "cancel_fails": False,  # a link that is to be canceled stays
    "refuse_delete_with_open_transfers": False,
    "item_owner_name": "",  # of customers without one of their own; empty: whatever name is asked about
    "correspondent": "SIMU",
    "site_url": "http://127.0.0.1:8000",  # where the desk's stories lead
    # Where sources on the broker differ: what its documents say comes first, and every other reading can be had.
    "account_fixtures": False,  # honour /fixtures/status=X/fixtures/ in additional_information
    "account_number_at_once": True,  # or not before an account is approved
    "after_documents": "SUBMITTED",  # what ACTION_REQUIRED becomes; or APPROVAL_PENDING
    "close_refused_status": 422,
    "daily_limit_status": 400,
    "deposit_hold_days": 0,  # how long a booked deposit cannot be withdrawn
    "disclosed_status": "APPROVAL_PENDING",  # what a true disclosure leads to; or ACTION_REQUIRED
    "documents_delay_days": 0,  # from the day of a statement or a form to when it can be had
    "documents_must_fit": False,  # what was asked for, or it is asked for again
    "documents_uploaded_status": 204,  # or 202
    "documents_withheld": [],  # kinds of documents that the broker does not draw up
    "employment_status_case": "as_sent",  # or lower, or upper
    "instant_ach_limit": "1000",
    "invalid_field_status": 422,  # or 400, as some partners have seen
    "integer_event_ids": False,  # as partners of the first days have them
    "legacy_activity_stream": True,  # /v1/events/nta
    "legacy_transfer_stream": False,  # /v1/events/transfers/status, else 410
    "link_before_active": True,
    "list_entities": "all",  # without a wish; or none
    "list_lag_seconds": 0,  # how long a new transfer is missing from the list
    "min_deposit": "0",
    "min_withdrawal": "0",
    "plaid_bank_fields": "absent",  # of a link by processor token; or shown, or empty
    "require_agreements": True,  # all that an account and its assets call for
    "require_disclosure_context": False,  # of a disclosure that is true
    "return_row_form": "negative",  # a returned deposit: a row of its own; or correct, a mark on the old one
    "review_holds_withdrawals": True,  # while an account is ACCOUNT_UPDATED
    "review_withdrawals_above": None,  # dollars; these wait in APPROVAL_PENDING
    "transfer_deleted_status": 200,  # or 204
    "transfer_not_cancelable_status": 422,
    "transfer_page_size": 100,
    "transfers_newest_first": True,
    "withdrawable_exceeded_status": 403,
    "plaid_rate_limits": False,
    "plaid_redirect_uris": None,  # None: any; a list: only these
    "plaid_update_mode_takes_products": False,
    "plaid_update_mode_tokens_exchange": False,
    "plaid_hosted_link_base": "https://secure.plaid.com/link/",
    "plaid_balance_delay": 0,  # seconds
    "plaid_balance_drift": "0",  # dollars that are spent between two readings of a balance
    "plaid_rulesets": ["default"],
    "plaid_item_days": 30,  # 0: a sign-in holds for ever
    "plaid_session_status": {"success": "SUCCESS", "exit": "EXITED"},
    "webhook_hosts": [],  # that may be called besides this machine; "*": any
    "webhook_iat": "real",  # or "sandbox": which clock dates a signature
    "webhook_mischief": [],  # what goes wrong with the next deliveries, one word for each
    "link_consent_pane": True,
    "link_phone_pane": False,
    "link_account_select": "multiple",  # or "one", or "all": no choice at all
    "link_events": "held",  # until the end, all but OPEN; or "live"; or "shuffled": held, and in any order
    "link_token_single_use": False,
    "link_failed_logins": 10,  # that one link token survives; None: any number
    "link_oauth_popup_first": False,  # even where the link token names an address to return to
    "link_oauth_denied_error": "INSUFFICIENT_CREDENTIALS",
}

CHOICES = {
    "ach_timing": ("banking_days", "trading_minutes"),
    "after_documents": ("SUBMITTED", "APPROVAL_PENDING"),
    "disclosed_status": ("APPROVAL_PENDING", "ACTION_REQUIRED"),
    "employment_status_case": ("as_sent", "lower", "upper"),
    "list_entities": ("all", "none"),
    "plaid_bank_fields": ("absent", "shown", "empty"),
    "return_row_form": ("negative", "correct"),
    "webhook_iat": ("real", "sandbox"),
}
HOURS = ("cut_off", "ach_settles_at")
PAPERS = ("account_application", "account_statement", "crypto_account_statement", "options_application",
          "tax_statement", "trade_confirmation_json", "trade_confirmation")  # fmt: skip
MISCHIEF = ("duplicate", "out_of_order", "tampered_body", "reformatted_body", "stale_iat", "future_iat", "wrong_alg",
            "unknown_kid", "forged_signature", "no_signature")  # fmt: skip
LISTS = {"documents_withheld": PAPERS, "webhook_mischief": MISCHIEF}


def check(name: str, value: Any) -> None:
    """Raises ValueError for a value that would break what reads it."""
    default = SETTINGS[name]
    if name in CHOICES and value not in CHOICES[name]:
        raise ValueError(f"{name} must be one of {', '.join(CHOICES[name])}")
    if name in HOURS:
        time.fromisoformat(str(value))
    if isinstance(default, bool | list) and type(value) is not type(default):
        raise ValueError(f"{name} must be {'true or false' if isinstance(default, bool) else 'a list'}")
    if name in LISTS and not all(each in LISTS[name] for each in value):
        raise ValueError(f"{name} must be among {', '.join(LISTS[name])}")
    if type(default) is int and (type(value) not in (int, float) or value < 0):
        raise ValueError(f"{name} must be a number, zero or more")
