"""What is asked of the provider, checked as Cognito checks it: the client, where to go back to, the challenge."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

CLIENT_ID, CLIENT_SECRET = "local-client", "local-client-secret"
_HOSTS = ("127.0.0.1", "localhost", "::1")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class BadRequest(Exception):
    """Something that Cognito refuses; `sentence` is for a page."""

    def __init__(self, code: str, sentence: str = "", status: int = 400) -> None:
        super().__init__(code)
        self.code, self.sentence, self.status = code, sentence, status


@dataclass(frozen=True)
class Wish:
    """A sign-in that a site asks for."""

    redirect_uri: str
    state: str
    nonce: str
    challenge: str

    @property
    def origin(self) -> str:
        return origin_of(self.redirect_uri)


def read(fields: dict[str, str]) -> Wish:
    """Raises BadRequest, whose page is shown here: nobody is sent to an address that was not looked at."""
    require_client(fields.get("client_id", ""))
    require_local(fields.get("redirect_uri", ""))
    if fields.get("response_type") != "code" or "openid" not in fields.get("scope", "").split():
        raise BadRequest("invalid_request", "The site has to ask for a code, and for openid.")
    if fields.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(fields.get("code_challenge", "")):
        raise BadRequest("invalid_request", "The site has to send a challenge (PKCE, S256).")
    return Wish(fields["redirect_uri"], fields.get("state", ""), fields.get("nonce", ""), fields["code_challenge"])


def require_client(client_id: str) -> None:
    if client_id != CLIENT_ID:
        raise BadRequest("invalid_client", "No site is registered here by this client id.")


def require_local(address: str) -> None:
    """Let people be sent to a site on this machine, and nowhere else. Raises BadRequest."""
    parts = urlsplit(address)
    if parts.scheme != "http" or parts.hostname not in _HOSTS or "@" in parts.netloc or not parts.path:
        raise BadRequest("redirect_mismatch", "This is no address of a site on this machine.")


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
