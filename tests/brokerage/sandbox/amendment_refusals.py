"""Everything that the Broker API refuses about a change to an account: bodies of `PATCH /v1/accounts/{id}`.

A partial body is held to the rules of a whole application, so most rows are those of `application_refusals`, with
null for what is taken away. `row.changed({})` is the body.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.brokerage.sandbox import application_refusals as application
from tests.brokerage.sandbox.refused import REMOVED, Refused, broken, malformed

AGREED = (("agreements", [{"agreement": "margin_agreement", "signed_at": "2026-09-08T15:04:05Z",
                           "ip_address": "127.0.0.1"}]),)  # fmt: skip
NEVER_CHANGED = {
    "account_type": "ira",
    "account_sub_type": "roth",
    "additional_information": "none",
    "currency": "USD",
    "documents": [application.PASSPORT],
    "enabled_assets": ["crypto"],
    "id": application.NOBODY,
    "account_number": "123456789",
    "kyc_results": {"accept": {}},
    "risk_tolerance": "moderate",
    "status": "ACTIVE",
    "trading_configurations": {},
}


def _nulled(value: Any) -> Any:
    return None if value is REMOVED else value


def _partial(rows: list[Refused], *, also: tuple[tuple[str, Any], ...] = ()) -> Iterator[Refused]:
    for row in rows:
        changes = tuple((path, _nulled(value)) for path, value in row.also)
        yield replace(row, value=_nulled(row.value), also=(*also, *changes))


WHOLE = [
    *(broken(name, value, "is not permitted to be updated") for name, value in NEVER_CHANGED.items()),
    *(malformed(name, "here", "must be an object") for name in ("contact", "identity", "disclosures")),
    malformed("agreements", "signed", "must be an array"),
    malformed("primary_account_holder_id", application.NOBODY, "cannot be changed"),
    broken("identity.tax_id_type", "USA_ITIN", "is required", field="identity.tax_id"),
    broken("identity.date_of_birth", None, "is required"),
]

SECTIONS: dict[str, list[Refused]] = {
    "the body": WHOLE,
    "contact": list(_partial(application.CONTACT)),
    "identity": list(_partial(application.IDENTITY)),
    "fortunes": list(_partial(application.FORTUNES)),
    "tax ids": list(_partial(application.TAX_IDS)),
    "disclosures": list(_partial(application.DISCLOSURES)),
    "agreements": list(
        _partial([row for row in application.AGREEMENTS if row.path.startswith("agreements.0") and
                  row.field != "agreements"], also=AGREED)
    ),
    "trusted contact": list(_partial(application.TRUSTED_CONTACT)),
    "beneficiaries": list(_partial([row for row in application.ACCOUNT if row.path.startswith("beneficiaries")])),
}  # fmt: skip
REFUSALS = [row for section in SECTIONS.values() for row in section]
