"""What a browser is asked about a passkey, and whether its answer holds: WebAuthn, by the library `webauthn`.

Called by operations.passkeys; knows no row. Challenges and keys are base64url here, without padding.
"""

from dataclasses import dataclass
from uuid import UUID

import webauthn
from django.conf import settings
from webauthn.helpers import structs


class AnswerRefused(Exception):
    """The browser's answer is not one to what was asked, or not by this key."""


@dataclass(frozen=True)
class Asked:
    """What the browser is to be told (JSON), and the challenge in it that the answer has to repeat."""

    options: str
    challenge: str


@dataclass(frozen=True)
class NewKey:
    """What a device has made: all of it may be public."""

    credential_id: str
    public_key: str
    sign_count: int


def ask_for_new(*, user_id: UUID, email: str, known: list[str]) -> Asked:
    """Ask for a new key that knows by itself whose it is; a device that holds one of `known` makes no second one.

    The device has to look who is there (finger, face or PIN), so that a key alone is two factors: having and being.
    """
    options = webauthn.generate_registration_options(
        rp_id=settings.PASSKEY_HOST,
        rp_name=settings.BRAND_NAME,
        user_id=user_id.bytes,
        user_name=email,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_named(known),
    )
    return Asked(webauthn.options_to_json(options), webauthn.helpers.bytes_to_base64url(options.challenge))


def _named(known: list[str]) -> list[structs.PublicKeyCredentialDescriptor]:
    return [structs.PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(each)) for each in known]


def ask_who() -> Asked:
    """Ask for any key of this site; the answer says whose."""
    return ask_for(known=[])


def ask_for(*, known: list[str]) -> Asked:
    """Ask for one of `known`, or for any key of this site where none is named."""
    options = webauthn.generate_authentication_options(
        rp_id=settings.PASSKEY_HOST,
        user_verification=structs.UserVerificationRequirement.REQUIRED,
        allow_credentials=_named(known),
    )
    return Asked(webauthn.options_to_json(options), webauthn.helpers.bytes_to_base64url(options.challenge))


def check_new(*, answer: str, challenge: str) -> NewKey:
    """Return the key that was made. Raises AnswerRefused."""
    _require_question(challenge)
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=webauthn.base64url_to_bytes(challenge),
            expected_rp_id=settings.PASSKEY_HOST,
            expected_origin=settings.PASSKEY_ORIGIN,
            require_user_verification=True,
        )
    except Exception as why:  # the library lets what its parsers trip over pass, too
        raise AnswerRefused from why
    to_text = webauthn.helpers.bytes_to_base64url
    return NewKey(to_text(made.credential_id), to_text(made.credential_public_key), made.sign_count)


def credential_of(answer: str) -> tuple[str, UUID | None]:
    """Return by which key an answer says it was given, and by whom. Raises AnswerRefused.

    A device that was asked for keys by name need not say whose they are.
    """
    try:
        given = webauthn.helpers.parse_authentication_credential_json(answer)
        handle = given.response.user_handle
        # Read from its bytes: the text beside them may be anything, also what no database takes.
        return webauthn.helpers.bytes_to_base64url(given.raw_id), UUID(bytes=handle) if handle else None
    except Exception as why:  # as above
        raise AnswerRefused from why


def check_answer(*, answer: str, challenge: str, public_key: str, sign_count: int) -> int:
    """Return how often the key says it was used, where its answer holds. Raises AnswerRefused."""
    _require_question(challenge)
    try:
        shown = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=webauthn.base64url_to_bytes(challenge),
            expected_rp_id=settings.PASSKEY_HOST,
            expected_origin=settings.PASSKEY_ORIGIN,
            credential_public_key=webauthn.base64url_to_bytes(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except Exception as why:  # as above
        raise AnswerRefused from why
    return shown.new_sign_count


def _require_question(challenge: str) -> None:
    """Take no answer where nothing was asked: an empty challenge must not be met by an empty one."""
    if not challenge:
        raise AnswerRefused
