"""What an ID token has to say before we believe it, and what is read out of it.

Called by backend; asks nobody. https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation and, for
Cognito, https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

import hmac
import re
from typing import Any

import jwt
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.oidc.refusals import BadToken, NotFresh

ALGORITHM = "RS256"
LEEWAY = 60  # seconds by which the two clocks may differ
FRESH = 300  # seconds since somebody showed the provider who they are
LONGEST_EMAIL = 254  # characters, as the column
LONGEST = 16 * 1024  # characters
_KEY_ID = re.compile(r"[!-~]{1,200}")


def key_id_of(token: Any) -> str:
    """Return which key a token says it is signed with. Raises BadToken, also where it names another algorithm."""
    if not isinstance(token, str) or len(token) > LONGEST:
        raise BadToken("no ID token")
    try:
        head = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise BadToken("not a JWT") from None
    if head.get("alg") != ALGORITHM:
        raise BadToken("algorithm")
    key_id = head.get("kid")
    if not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
        raise BadToken("key id")
    return key_id


def read(token: str, jwk: dict[str, Any], *, issuer: str, client_id: str, nonce: str, cognito: bool) -> dict[str, Any]:
    """Return the claims of an ID token that this key has signed for us, for this sign-in. Raises BadToken."""
    claims = _signed(token, jwk, issuer=issuer, client_id=client_id)
    _require_for_us(claims, client_id)
    if claims.get("token_use", "" if cognito else "id") != "id":  # Cognito always says; others where they do at all
        raise BadToken("another kind of token")
    if not same(claims.get("nonce"), nonce):
        raise BadToken("nonce")
    subject = claims["sub"]
    is_plain = isinstance(subject, str) and subject.isascii() and subject.isprintable()
    if not is_plain or not 0 < len(subject) <= 255:
        raise BadToken("subject")
    return claims


def _signed(token: str, jwk: dict[str, Any], *, issuer: str, client_id: str) -> dict[str, Any]:
    if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig" or jwk.get("alg", ALGORITHM) != ALGORITHM:
        raise BadToken("another kind of key")
    try:
        found: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(jwk, algorithm=ALGORITHM),
            algorithms=[ALGORITHM],
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat"], "enforce_minimum_key_length": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as fault:
        raise BadToken(type(fault).__name__) from None
    return found


def _require_for_us(claims: dict[str, Any], client_id: str) -> None:
    """Among several it is meant for, the one it was issued to has to be us."""
    audience, party = claims["aud"], claims.get("azp")
    if party is not None and not same(party, client_id):
        raise BadToken("authorized party")
    if isinstance(audience, list) and len(audience) > 1 and party is None:
        raise BadToken("audience")


def same(said: Any, wanted: str) -> bool:
    """Compare without telling by the time it takes; what is no text is not the same."""
    return isinstance(said, str) and hmac.compare_digest(said.encode(errors="replace"), wanted.encode())


def proven_email(person: dict[str, Any]) -> str:
    """Return the address that the provider has confirmed; nothing where it has none. Cognito's true is a text."""
    email, is_proven = person.get("email"), str(person.get("email_verified", "")).lower() == "true"
    try:
        if not is_proven or not isinstance(email, str) or len(email) > LONGEST_EMAIL:
            return ""
        validate_email(email)
    except ValidationError:
        return ""
    return email


def groups(claim: str, *said: dict[str, Any]) -> list[str]:
    """Return somebody's groups, from the first of these that has the claim; what is no list of names is none."""
    found: Any = next((each[claim] for each in said if claim in each), [])
    named = [found] if isinstance(found, str) else found
    return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []


def signed_in_at(claims: dict[str, Any], *, now: int) -> int:
    """Return when the person last showed the provider who they are, in seconds of the epoch.

    It is 0 where that is not told, or is still to come: it would be fresh for ever.
    """
    at = claims.get("auth_time")
    return at if type(at) is int and 0 < at <= now + LEEWAY else 0


def require_fresh(at: int, *, now: int) -> None:
    """Raise NotFresh unless the provider has asked somebody who they are a moment ago, and says so."""
    if at < now - FRESH:
        raise NotFresh("not asked anew, or not told when")
