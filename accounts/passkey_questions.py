"""What a device was asked in this session: kept until its answer, or for five minutes.

Called by views that ask for passkeys, and by fresh_sign_in.
"""

import time

from django.http import HttpRequest, HttpResponse

from accounts.operations import passkeys
from accounts.passkey_answers import Asked

TO_ADD, TO_ENTER, TO_GO_ON = "passkey_to_add", "passkey_to_enter", "passkey_to_go_on"  # for what it is asked


def put(request: HttpRequest, purpose: str, asked: Asked) -> HttpResponse:
    """Tell the script what to ask the device."""
    request.session[purpose] = {"challenge": asked.challenge, "at": time.time()}
    response = HttpResponse(asked.options, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def challenge(request: HttpRequest, purpose: str) -> str:
    """Return what this session was asked, once; nothing where that is too long ago, and nothing answers to that."""
    asked = request.session.pop(purpose, None)
    if asked is None or time.time() - asked["at"] > passkeys.GOOD_FOR.total_seconds():
        return ""
    return str(asked["challenge"])
