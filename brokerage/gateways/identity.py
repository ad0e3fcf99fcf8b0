"""What we ask of the sign-in provider: its document and its keys, a code for tokens, and a token for its person.

Called by accounts.oidc. Each asks once, and waits OIDC_TIMEOUT seconds at most. Tokens are handed back; none is kept.
"""

from typing import Any

from django.conf import settings

from brokerage.gateways.errors import patience

# What our questions are called where they are counted.
DOCUMENT, KEYS, TOKENS, PERSON = "provider_document", "provider_keys", "provider_tokens", "provider_person"


def read(address: str, *, what: str) -> dict[str, Any]:
    """Return a document that anybody may read. Raises NotSent, Refused, OutcomeUnknown."""
    from brokerage.gateways import identity_client

    with patience(settings.OIDC_TIMEOUT):
        return identity_client.ask("GET", address, what=what)


def trade_code(address: str, *, client_id: str, secret: str, form: dict[str, str]) -> dict[str, Any]:
    """Return the tokens that a code stands for; it is good once. Raises NotSent, Refused, OutcomeUnknown."""
    from brokerage.gateways import identity_client

    with patience(settings.OIDC_TIMEOUT):
        return identity_client.ask("POST", address, what=TOKENS, form=form, client=(client_id, secret))


def read_person(address: str, *, access_token: str) -> dict[str, Any]:
    """Return what the provider says of whom the token is for. Raises NotSent, Refused, OutcomeUnknown."""
    from brokerage.gateways import identity_client

    with patience(settings.OIDC_TIMEOUT):
        return identity_client.ask("GET", address, what=PERSON, token=access_token)
