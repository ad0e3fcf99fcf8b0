"""Who can sign in at the provider, and what it says of them, in the shape of Cognito or plainly."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator

from tests.harness.openid.lies import LIES
from tests.harness.openid.settings import SHAPE

# What stands in somebody's record: their subject, address and groups. Tests put others in by /control.
PEOPLE: dict[str, dict[str, Any]] = {}


def claims_of(name: str) -> dict[str, Any]:
    person = PEOPLE[name]
    said = {"sub": person["sub"], "email": person["email"], "email_verified": person.get("email_verified", True)}
    if SHAPE == "cognito":
        said |= {"cognito:username": person["sub"], "token_use": "id"}
    if person.get("groups"):
        said["cognito:groups" if SHAPE == "cognito" else "groups"] = person["groups"]
    return said


class Validator(OAuth2Validator):
    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        return claims_of(request.user.username)

    def get_userinfo_claims(self, request: Any) -> dict[str, Any]:
        said = claims_of(request.user.username)
        if SHAPE == "cognito":  # which has no groups there, and says true in a text
            said = {"sub": said["sub"], "email": said["email"], "email_verified": str(said["email_verified"]).lower()}
        return said | LIES.get("person", {})
