"""How the Broker API says no."""


class Refusal(Exception):
    """An HTTP status, an eight-digit code that begins with it, and one sentence."""

    def __init__(self, status: int, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code or status * 100_000 + 10_000


def bad_parameter(message: str) -> Refusal:
    return Refusal(400, message, code=40010001)


def invalid(message: str) -> Refusal:
    return Refusal(422, message)


def unauthorized() -> Refusal:
    """Also what an account that is unknown, or somebody else's, is answered with."""
    return Refusal(401, "request is not authorized")
