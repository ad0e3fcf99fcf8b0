"""Where Plaid tells of items. Called by Plaid; calls operations.webhooks.

It has neither session nor form of ours: the signature says that it is Plaid.
"""

import math
from datetime import datetime

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from funding.operations import webhooks


class NotReadable(Exception):
    """The request breaks off, or says nonsense of its own length."""


@csrf_exempt
@require_POST
def plaid_webhook(request: HttpRequest) -> HttpResponse:
    """Take in one message; 200 only once it is written down. Whatever else is answered, Plaid comes again for a day."""
    try:
        webhooks.receive(header=request.headers.get("Plaid-Verification", ""), body=_body(request))
    except NotReadable:
        return _say(400, "not readable")
    except webhooks.TooLarge:
        return _say(413, "too large")
    except webhooks.Forged:
        return _say(401, "not verified")
    except webhooks.KeysAway as away:
        return _later(away.retry_at)
    return _say(200, "ok")


def _body(request: HttpRequest) -> bytes:
    """Return the body as it came; a long one is not even read. Raises NotReadable, TooLarge."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > webhooks.LARGEST:
            raise webhooks.TooLarge
        return request.body
    except RequestDataTooBig:
        raise webhooks.TooLarge from None
    except (UnreadablePostError, ValueError):
        raise NotReadable from None


def _later(at: datetime) -> HttpResponse:
    answer = _say(503, "try again later")
    answer["Retry-After"] = str(max(1, math.ceil((at - timezone.now()).total_seconds())))
    return answer


def _say(status: int, words: str) -> HttpResponse:
    return HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
