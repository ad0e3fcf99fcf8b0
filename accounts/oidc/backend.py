"""mozilla-django-oidc's backend, with every check that it leaves out.

Named in AUTHENTICATION_BACKENDS and called by views. As it comes, it checks neither issuer nor audience, finds people
by e-mail, lets the token endpoint's errors through, and keeps signed in whom we have stopped.
"""

import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from accounts.models import User
from accounts.oidc import claims, provider
from accounts.oidc.refusals import BadToken, EmailUnproven, NotFresh, ProviderAway, Stopped
from accounts.operations import identities, roles
from brokerage.gateways import identity
from brokerage.gateways.errors import Refused, VendorError

BACKEND = "accounts.oidc.backend.ProviderBackend"


def is_by_provider(request: HttpRequest) -> bool:
    """Say whether it was the provider who let them in."""
    return bool(request.session.get(BACKEND_SESSION_KEY) == BACKEND)


@dataclass(frozen=True)
class Answered:
    """What the provider has said of a sign-in, as far as we go on with it; `at` is 0 where it has not said when."""

    sub: str
    groups: list[str]
    at: int


class ProviderBackend(OIDCAuthenticationBackend):
    """What is written here replaces every step that asks the provider or believes it; the order is the parent's."""

    def __init__(self, *, signed_in: Any = None) -> None:
        """Take what the settings say: the parent wants all addresses now, and one of these is made at each request.

        Where somebody is `signed_in` already, nobody else's sign-in is taken.
        """
        self.signed_in = signed_in
        self.UserModel = User
        self.OIDC_RP_CLIENT_ID = settings.OIDC_RP_CLIENT_ID
        self.OIDC_RP_CLIENT_SECRET = settings.OIDC_RP_CLIENT_SECRET
        self.answered: Answered | None = None

    # Names of its own: with any keyword, a form with a password would be tried here, too.
    def authenticate(self, request: HttpRequest, *, nonce: str, code_verifier: str) -> User | None:
        """Return whose sign-in the provider's answer is. Raises NotSignedIn, identities.HereBefore."""
        found: User | None = super().authenticate(request, nonce=nonce, code_verifier=code_verifier)
        return found

    def get_user(self, user_id: Any) -> Any:
        """Return the user of a session; nobody where they were stopped meanwhile."""
        return ModelBackend.get_user(self, user_id)

    def get_token(self, payload: dict[str, str]) -> dict[str, Any]:
        """Trade the code. Raises ProviderAway, BadToken."""
        form = {name: value for name, value in payload.items() if name != "client_secret"}
        client = {"client_id": self.OIDC_RP_CLIENT_ID, "secret": self.OIDC_RP_CLIENT_SECRET}
        try:
            return identity.trade_code(provider.endpoints().token, **client, form=form)
        except Refused as refusal:
            if refusal.code == "invalid_grant":  # the code is used, too old, or not for this browser
                raise BadToken("the code was refused") from None
            raise ProviderAway(str(refusal)) from None
        except VendorError as fault:
            raise ProviderAway(str(fault)) from None

    def verify_token(self, token: Any, **kwargs: Any) -> dict[str, Any]:
        """Return what an ID token says, once it is believed. Raises BadToken, ProviderAway."""
        return claims.read(
            token,
            provider.key(claims.key_id_of(token)),
            issuer=settings.OIDC_ISSUER,
            client_id=self.OIDC_RP_CLIENT_ID,
            nonce=kwargs["nonce"],
            cognito=settings.OIDC_COGNITO,
        )

    def get_userinfo(self, access_token: Any, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return what the provider says of the person. Raises BadToken, ProviderAway."""
        if not isinstance(access_token, str) or not access_token:
            raise BadToken("no access token")
        try:
            person = identity.read_person(provider.endpoints().userinfo, access_token=access_token)
        except VendorError as fault:
            raise ProviderAway(str(fault)) from None
        if not claims.same(person.get("sub"), payload["sub"]):
            raise BadToken("userinfo is about somebody else")
        return person

    def get_or_create_user(self, access_token: Any, id_token: str, payload: dict[str, Any]) -> User:
        """Return whose sign-in it is, in the role that the provider's groups mean.

        Raises NotSignedIn, identities.HereBefore.
        """
        person = self.get_userinfo(access_token, id_token, payload)
        groups = claims.groups(settings.OIDC_GROUPS_CLAIM, payload, person)
        self.answered = Answered(payload["sub"], groups, claims.signed_in_at(payload, now=int(time.time())))
        if self.signed_in and not identities.is_of(self.signed_in, issuer=settings.OIDC_ISSUER, sub=payload["sub"]):
            raise NotFresh("somebody else")
        user = whose(sub=payload["sub"], email=claims.proven_email(person))
        roles.follow_provider(person=user, groups=groups)
        return user


def whose(*, sub: str, email: str) -> User:
    """Return the user of a subject of our provider. Raises Stopped, EmailUnproven, identities.HereBefore."""
    try:
        return identities.person_of(issuer=settings.OIDC_ISSUER, sub=sub, email=email)
    except identities.Stopped:
        raise Stopped("stopped") from None
    except identities.EmailUnproven:
        raise EmailUnproven("no confirmed e-mail address") from None
