"""What browsers are told of every answer besides the Content-Security-Policy. Named in MIDDLEWARE.

Django's SecurityMiddleware and clickjacking middleware say the rest: nosniff, Referrer-Policy, HSTS, no frames.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]
# What no page of ours asks a device for. Passkeys and the clipboard are not here: our own pages may use them.
_NEVER = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)
RULES = {
    "Permissions-Policy": ", ".join(f"{what}=()" for what in _NEVER),
    # No other site's page may load anything of ours, into an <img> or a <script>.
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}


def browser_rules(answer: Answer) -> Answer:
    """Return what puts these rules on every answer, files and errors included."""

    def answer_with_rules(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        for name, value in RULES.items():
            response.setdefault(name, value)
        return response

    return answer_with_rules
