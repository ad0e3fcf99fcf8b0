"""Every address of the site from the resolver, and the row that says who may ask what of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

READ, SEND, BOTH = frozenset({"GET"}), frozenset({"POST"}), frozenset({"GET", "POST"})


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver: the name to reverse it by, and how it is written."""

    name: str
    route: str


def addresses() -> Iterator[Address]:
    yield from _walk(get_resolver().url_patterns, "", "")


def _walk(patterns: Any, before: str, space: str) -> Iterator[Address]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, route, inner)
        elif isinstance(pattern, URLPattern):
            yield Address(f"{space}{pattern.name}", route)


@dataclass(frozen=True)
class Row:
    """Who may ask: ANYONE, or a signed-in CUSTOMER; by which methods; and for whose object.

    `own` names a row of the world of the test for the person who asks; addresses without one are about the person who
    asks. `words` are the other parts of the address. `keeps` are tables that a GET may write to, each for a reason.
    """

    who: str
    methods: frozenset[str] = READ
    own: str = ""
    argument: str = ""
    words: dict[str, str] = field(default_factory=dict)
    keeps: frozenset[str] = frozenset()

    def url(self, name: str, key: Any = None) -> str:
        return reverse(name, kwargs=self.words | ({self.argument: key} if self.argument else {}))


ANYONE, CUSTOMER = "anyone", "customer"


def _of(own: str, argument: str, methods: frozenset[str] = READ, **more: Any) -> Row:
    return Row(CUSTOMER, methods, own, argument, **more)


# What the broker tells is read when it is old, and kept; who opened a document is written down before it is sent.
_ASKED, _OPENED = frozenset({"accounts_documentlist"}), frozenset({"accounts_documentaccess"})
_READ = frozenset({"accounts_portfolio", "accounts_brokerageaccount"})
TABLE: dict[str, Row] = {
    "home": Row(ANYONE),
    "security-txt": Row(ANYONE),
    "sign-up": Row(ANYONE, BOTH),
    "sign-up-sent": Row(ANYONE),
    "sign-up-finish": Row(ANYONE, BOTH, words={"key": "no-such-key"}),
    "sign-in": Row(ANYONE, BOTH),
    "password-forgotten": Row(ANYONE, BOTH),
    "password-sent": Row(ANYONE),
    "password-new": Row(ANYONE, BOTH, words={"key": "no-such-key"}),
    "provider-return": Row(ANYONE),
    "provider-connect": Row(ANYONE, BOTH),
    "sign-out": Row(ANYONE, SEND),
    "agreement": Row(ANYONE, words={"name": "customer_agreement"}),
    "email-confirm": Row(ANYONE, BOTH, words={"token": "no-such-token"}),
    "styleguide": Row(ANYONE),
    "plaid-webhook": Row(ANYONE, SEND),
    "apply": Row(CUSTOMER),
    "apply-step": Row(CUSTOMER, BOTH, words={"slug": "contact"}),
    "apply-check": Row(CUSTOMER, BOTH),
    "apply-waiting": Row(CUSTOMER),
    "apply-waiting-status": Row(CUSTOMER),
    "document-upload": Row(CUSTOMER, BOTH, words={"slug": "identity"}),
    "agreement-signed": _of("signature", "signature_id"),
    "settings": Row(CUSTOMER),
    "settings-password": Row(CUSTOMER, BOTH),
    "settings-email": Row(CUSTOMER, BOTH),
    "settings-email-cancel": Row(CUSTOMER, SEND),
    "sign-in-code": Row(ANYONE, BOTH),
    "second-factor": Row(CUSTOMER),
    "second-factor-begin": Row(CUSTOMER, SEND),
    "second-factor-on": Row(CUSTOMER, SEND),
    "second-factor-codes": Row(CUSTOMER, SEND),
    "second-factor-off": Row(CUSTOMER, SEND),
    "sign-in-again": Row(CUSTOMER, BOTH),
    "sign-ins": Row(CUSTOMER),
    "sign-in-end-others": Row(CUSTOMER, SEND),
    "sign-in-end": _of("sign-in", "session_id", SEND),
    "passkey-sign-in": Row(ANYONE, SEND),
    "passkey-sign-in-question": Row(ANYONE, SEND),
    "passkey-again-question": Row(CUSTOMER, SEND),
    "passkeys": Row(CUSTOMER, BOTH),
    "passkey-question": Row(CUSTOMER, SEND),
    "passkey-remove": _of("passkey", "passkey_id", SEND),
    "settings-change": Row(CUSTOMER, BOTH, words={"kind": "contact"}),
    "settings-confirm": Row(CUSTOMER, SEND, words={"kind": "contact"}),
    "settings-call-off": _of("change", "change_id", SEND),
    "documents": Row(CUSTOMER, keeps=_ASKED),
    "document": _of("document", "document_id", keeps=_OPENED),
    "notifications": Row(CUSTOMER),
    "notifications-read": Row(CUSTOMER, SEND),
    "notification-open": _of("notice", "notice_id", SEND),
    "overview": Row(CUSTOMER, keeps=_READ),
    "bank": Row(CUSTOMER),
    "bank-status": Row(CUSTOMER),
    "link-start": Row(CUSTOMER, SEND),
    "link-return": Row(CUSTOMER),
    "link": _of("session", "session_id"),
    "link-finish": _of("session", "session_id", SEND),
    "link-said": _of("session", "session_id", SEND),
    "link-account": _of("session", "session_id", BOTH),
    "bank-repair": Row(CUSTOMER, SEND),
    "bank-code": Row(CUSTOMER, SEND),
    "bank-replace": Row(CUSTOMER),
    "replace-start": Row(CUSTOMER, SEND),
    "bank-unlink": Row(CUSTOMER),
    "bank-unlink-confirm": Row(CUSTOMER, SEND),
    "bank-numbers": Row(CUSTOMER, BOTH),
    "bank-call-off": Row(CUSTOMER, SEND),
    "deposit": Row(CUSTOMER, BOTH),
    "withdraw": Row(CUSTOMER, BOTH),
    "transfer-review": Row(CUSTOMER, words={"direction": "INCOMING"}),
    "transfer-confirm": Row(CUSTOMER, SEND, words={"direction": "INCOMING"}),
    "close": Row(CUSTOMER, keeps=_READ),
    "close-confirm": Row(CUSTOMER, SEND),
    "close-call-off": Row(CUSTOMER, SEND),
    "transfers": Row(CUSTOMER),
    "transfer": _of("transfer", "transfer_id"),
    "transfer-status": _of("transfer", "transfer_id"),
    "transfer-authorization": _of("transfer", "transfer_id"),
    "transfer-cancel": _of("transfer", "transfer_id", SEND),
}
