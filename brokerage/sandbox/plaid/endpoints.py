"""Plaid's API, path by path: what answers, and which fields it needs and knows. All are POST, below /plaid."""

from brokerage.sandbox.plaid import (
    accounts,
    identity,
    institutions,
    item_calls,
    link_tokens,
    processor_calls,
    processors,
    risk,
    sandbox_calls,
    signing,
    verification,
    webhook_events,
)
from brokerage.sandbox.plaid.gate import Endpoint

_LINK_TOKEN = (
    "user", "user_id", "products", "required_if_supported_products", "optional_products",
    "additional_consented_products", "webhook", "access_token", "access_tokens", "link_customization_name",
    "redirect_uri", "android_package_name", "institution_data", "institution_id", "account_filters", "eu_config",
    "auth", "update", "hosted_link", "transactions", "investments", "investments_auth", "identity",
    "enable_multi_item_link", "appearance_mode",
)  # fmt: skip
_ACCESS, _PROCESSOR, _OPTIONS = ("access_token",), ("processor_token",), ("options",)
_EVALUATE = ("client_transaction_id", "amount")
_ABOUT_EVALUATE = (
    "user_present", "client_user_id", "is_recurring", "default_payment_method", "user", "device", "ruleset_key",
    "risk_profile_key",
)  # fmt: skip
_DECISION = ("client_transaction_id", "initiated")
_ABOUT_DECISION = (
    "days_funds_on_hold", "decision_outcome", "payment_method", "amount_instantly_available", "submitted_at",
)  # fmt: skip
_RETURN = ("client_transaction_id", "return_code")

_LINK = [
    ("link/token/create", Endpoint(link_tokens.create, ("client_name", "language", "country_codes"), _LINK_TOKEN)),
    ("link/token/get", Endpoint(link_tokens.read, ("link_token",))),
]
_ITEMS = [
    ("item/public_token/exchange", Endpoint(item_calls.exchange, ("public_token",))),
    ("item/get", Endpoint(item_calls.read, _ACCESS)),
    ("item/remove", Endpoint(item_calls.remove, _ACCESS, ("reason_code", "reason_note"))),
    ("item/webhook/update", Endpoint(item_calls.update_webhook, _ACCESS, ("webhook",))),
    ("item/access_token/invalidate", Endpoint(item_calls.invalidate_access_token, _ACCESS)),
    ("item/import", Endpoint(item_calls.import_item, ("products", "user_auth"), ("options", "institution_id"))),
]
_ACCOUNTS = [
    ("accounts/get", Endpoint(accounts.read, _ACCESS, _OPTIONS)),
    ("accounts/balance/get", Endpoint(accounts.read_balances, _ACCESS, _OPTIONS, pause="plaid_balance_delay")),
    ("auth/get", Endpoint(accounts.read_numbers, _ACCESS, _OPTIONS)),
    ("identity/get", Endpoint(identity.read, _ACCESS, _OPTIONS)),
    ("identity/match", Endpoint(identity.match, _ACCESS, ("user", "options"))),
]
_SIGNAL = [
    ("signal/evaluate", Endpoint(risk.evaluate, ("access_token", "account_id", *_EVALUATE), _ABOUT_EVALUATE)),
    ("signal/decision/report", Endpoint(risk.report_decision, _DECISION, _ABOUT_DECISION)),
    ("signal/return/report", Endpoint(risk.report_return, _RETURN, ("returned_at",))),
    ("signal/prepare", Endpoint(risk.prepare, _ACCESS)),
]
_PROCESSOR_TOKENS = [
    ("processor/token/create", Endpoint(processors.create, ("access_token", "account_id", "processor"))),
    ("processor/stripe/bank_account_token/create",
     Endpoint(processors.create_for_stripe, ("access_token", "account_id"))),
    ("processor/token/permissions/set", Endpoint(processors.set_permissions, ("processor_token", "products"))),
    ("processor/token/permissions/get", Endpoint(processors.read_permissions, _PROCESSOR)),
    ("processor/token/webhook/update", Endpoint(processors.update_webhook, ("processor_token", "webhook"))),
]  # fmt: skip
_PARTNERS = [
    ("processor/account/get", Endpoint(processor_calls.read_account, _PROCESSOR)),
    ("processor/auth/get", Endpoint(processor_calls.read_numbers, _PROCESSOR)),
    ("processor/balance/get", Endpoint(processor_calls.read_balance, _PROCESSOR, _OPTIONS, "plaid_balance_delay")),
    ("processor/identity/get", Endpoint(processor_calls.read_identity, _PROCESSOR)),
    ("processor/identity/match", Endpoint(processor_calls.match_identity, _PROCESSOR, ("user",))),
    ("processor/signal/evaluate",
     Endpoint(processor_calls.evaluate, ("processor_token", *_EVALUATE), _ABOUT_EVALUATE)),
    ("processor/signal/decision/report",
     Endpoint(processor_calls.report_decision, ("processor_token", *_DECISION), _ABOUT_DECISION)),
    ("processor/signal/return/report",
     Endpoint(processor_calls.report_return, ("processor_token", *_RETURN), ("returned_at",))),
    ("processor/signal/prepare", Endpoint(processor_calls.prepare, _PROCESSOR)),
]  # fmt: skip
_INSTITUTIONS = [
    ("institutions/get", Endpoint(institutions.index, ("count", "offset", "country_codes"), _OPTIONS)),
    ("institutions/get_by_id", Endpoint(institutions.read, ("institution_id", "country_codes"), _OPTIONS)),
    ("institutions/search", Endpoint(institutions.search, ("query", "country_codes"), ("products", "options"))),
]
_WEBHOOKS = [
    ("webhook_verification_key/get", Endpoint(signing.read_key, ("key_id",))),
    ("beta/webhook_events/list",
     Endpoint(webhook_events.index, (), ("cursor", "start_time", "count", "webhook_types", "webhook_codes",
                                         "item_ids", "delivery_statuses"))),
]  # fmt: skip
_SANDBOX = [
    ("sandbox/public_token/create",
     Endpoint(sandbox_calls.create_public_token, ("institution_id", "initial_products"),
              ("options", "user_token", "user_id"))),
    ("sandbox/processor_token/create",
     Endpoint(sandbox_calls.create_processor_token, ("institution_id",), _OPTIONS)),
    ("sandbox/item/fire_webhook",
     Endpoint(sandbox_calls.fire_webhook, ("access_token", "webhook_code"), ("webhook_type", "options"))),
    ("sandbox/item/reset_login", Endpoint(sandbox_calls.reset_login, _ACCESS)),
    ("sandbox/item/set_verification_status",
     Endpoint(verification.set_status, ("access_token", "account_id", "verification_status"))),
]  # fmt: skip

API = [
    *_LINK,
    *_ITEMS,
    *_ACCOUNTS,
    *_SIGNAL,
    *_PROCESSOR_TOKENS,
    *_PARTNERS,
    *_INSTITUTIONS,
    *_WEBHOOKS,
    *_SANDBOX,
]
