"""A document as the answer to a browser: a file to keep, shown nowhere and run nowhere.

Called by the customer's view and the desk.
"""

import uuid

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from accounts.models import BrokerDocument
from accounts.operations.documents import Sending

# What a browser may be told that a document is, and the ending that fits it.
ENDINGS = {"application/pdf": "pdf", "application/json": "json"}
UNKNOWN_TYPE = "application/octet-stream"


def file_of(found: BrokerDocument, sending: Sending) -> StreamingHttpResponse:
    """Return a document as a file to keep: shown nowhere, run nowhere, stored by nobody on the way.

    Where it breaks off, so does the connection: the browser then says so, and keeps no half of a document as a whole.
    """
    kind = sending.content_type.lower()
    response = StreamingHttpResponse(sending, content_type=kind if kind in ENDINGS else UNKNOWN_TYPE)
    name = f"{_file_name(found)}.{ENDINGS.get(kind, 'bin')}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    # Without a name for exactly these bytes, Chromium takes a download that broke off for a whole one.
    response["ETag"] = f'"{uuid.uuid4()}"'
    if sending.size is not None:
        response["Content-Length"] = str(sending.size)
    return response


def _file_name(found: BrokerDocument) -> str:
    """Return a name of letters, digits and hyphens, whatever the broker called it."""
    return slugify(f"{found.kind.replace('_', ' ')} {found.on or ''}")[:80] or "document"
