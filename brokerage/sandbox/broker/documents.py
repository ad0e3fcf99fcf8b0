"""Documents that a customer sends in, to prove who they are. Only what kind they were is kept, never what they say."""

import base64
import binascii
import uuid
from typing import Any

from brokerage.sandbox.broker import bodies, fields
from brokerage.sandbox.broker.fields import words
from brokerage.sandbox.broker.refusal import bad_parameter
from brokerage.sandbox.clock import iso

MOST = 10
MOST_BYTES = 10 * 1024 * 1024
# The specification's kinds, and two more that the vendor's SDK knows.
KINDS = words(
    """identity_verification address_verification date_of_birth_verification tax_id_verification
    account_approval_letter limited_trading_authorization w8ben w9 cip_result pep_declaration_form
    hio_declaration_form company_formation entity_registration entity_operating_document
    social_security_number_verification other"""
)
IMAGES = words("application/pdf image/png image/jpeg")
W8BEN_TYPES = IMAGES | {"application/json"}


def check_all(name: str, documents: Any) -> None:
    """Raises Refusal (400)."""
    if not isinstance(documents, list):
        raise bodies.malformed()
    if not 1 <= len(documents) <= MOST:
        raise bad_parameter(f"{name} must be between 1 and {MOST}")
    for document in documents:
        _check(document)


def _check(document: Any) -> None:
    if not isinstance(document, dict):
        raise bodies.malformed()
    kind = document.get("document_type")
    if not isinstance(kind, str) or kind not in KINDS:
        raise bad_parameter("document_type is invalid")
    fields.allow(document, "document_sub_type", fields.at_most(60))
    by_fields = kind == "w8ben" and document.get("content_data")
    if by_fields:
        fields.an_object("content_data", document["content_data"])
    else:
        _check_content(document.get("content"))
    _check_mime_type(document.get("mime_type"), W8BEN_TYPES if kind == "w8ben" else IMAGES)


def _check_mime_type(mime_type: Any, allowed: frozenset[str]) -> None:
    if mime_type is not None and (not isinstance(mime_type, str) or mime_type not in allowed):
        raise bad_parameter("mime_type is invalid")


def _check_content(content: Any) -> None:
    if not isinstance(content, str) or not content:
        raise bad_parameter("content is required")
    try:
        size = len(base64.b64decode(content, validate=True))
    except (binascii.Error, ValueError):
        raise bad_parameter("content must be encoded in base64") from None
    if size > MOST_BYTES:
        raise bad_parameter("content must be at most 10 MB")


def noted(documents: list[dict[str, Any]], *, at: float) -> list[dict[str, Any]]:
    """What is kept of documents, and shown in an account."""
    return [
        {
            "id": str(uuid.uuid4()),
            "document_type": document["document_type"],
            "document_sub_type": document.get("document_sub_type") or "",
            "mime_type": document.get("mime_type") or "application/pdf",
            "created_at": iso(at),
        }
        for document in documents
    ]
