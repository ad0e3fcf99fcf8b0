"""The life of a brokerage account, page by page: documents that are asked for and sent, and what is blocked."""

import uuid

from accounts import states
from accounts.models import DocumentUpload
from tests.browser.scenes import Scene, an_account, submit

FINDINGS = {
    "accept": ["DATE_OF_BIRTH"],
    "indeterminate": ["ADDRESS_VERIFICATION", "IDENTITY_VERIFICATION", "OTHER"],
    "additional_information": "Please tell us what your employer does.",
}


def of_an_account() -> list[Scene]:
    return [*_documents(), *_restricted()]


def _documents() -> list[Scene]:
    account = an_account("documents", status=states.ACTION_REQUIRED, kyc_results=FINDINGS)
    for status in (states.ACCEPTED, states.UNKNOWN, states.REFUSED):
        DocumentUpload.objects.create(
            account=account, form_key=uuid.uuid4(), asked_for="ADDRESS_VERIFICATION", kind="address_verification",
            sub_kind="lease", sha256="0" * 64, size=1, content_type="image/jpeg", actor="Ada", status=status,
        )  # fmt: skip
    return [
        Scene("documents", "Documents you sent", "/apply/waiting/", account.user),
        Scene("document", "Send to the broker", "/apply/documents/address/", account.user),
        Scene("document, errors", "to continue", "/apply/documents/address/", account.user, submit),
        Scene("document, something else", "Another document", "/apply/documents/something-else/", account.user),
    ]


def _restricted() -> list[Scene]:
    blocked = an_account("blocked", blocks=["account_blocked"])
    sells_only = an_account("sells-only", blocks=["outgoing_transfers_blocked"], liquidation_only=["ach_return"])
    reviewed = an_account("reviewed", status=states.UPDATED)
    scenes = [
        Scene("overview, blocked", "The broker has blocked your account", "/overview/", blocked.user),
        Scene("overview, sells only", "You can sell, but not buy", "/overview/", sells_only.user),
        Scene("overview, under review", "reviewing a change", "/overview/", reviewed.user),
        Scene("waiting, blocked", "The broker has blocked your account", "/apply/waiting/", blocked.user),
    ]
    for status in ("SUBMISSION_FAILED", "DISABLED", "LEVITATING"):
        user = an_account(status.lower(), status=status).user
        scenes.append(Scene(f"waiting, {status}", "Write to us", "/apply/waiting/", user))
    return scenes
