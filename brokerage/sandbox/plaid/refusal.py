"""How Plaid says no: one type and one code for every reason, for the developer and sometimes for the customer."""

from typing import Any

_TYPES = {
    "INVALID_REQUEST": """MISSING_FIELDS UNKNOWN_FIELDS INVALID_FIELD INVALID_BODY INVALID_HEADERS NOT_FOUND
        INVALID_CONFIGURATION INVALID_ACCOUNT_NUMBER SANDBOX_ONLY NO_LONGER_AVAILABLE""",
    "INVALID_RESULT": "LAST_UPDATED_DATETIME_OUT_OF_RANGE",
    "INVALID_INPUT": """INVALID_API_KEYS INVALID_LINK_TOKEN INVALID_PUBLIC_TOKEN INVALID_ACCESS_TOKEN INVALID_ACCOUNT_ID
        INVALID_PRODUCT INVALID_INSTITUTION INVALID_PROCESSOR_TOKEN ACCESS_NOT_GRANTED ADDITIONAL_CONSENT_REQUIRED
        USER_PERMISSION_REVOKED UNAUTHORIZED_ENVIRONMENT UNAUTHORIZED_ROUTE_ACCESS
        INVALID_WEBHOOK_VERIFICATION_KEY_ID INVALID_LINK_CUSTOMIZATION INVALID_USER_ID INVALID_USER_TOKEN
        INCORRECT_DEPOSIT_VERIFICATION TOO_MANY_VERIFICATION_ATTEMPTS""",
    "INSTITUTION_ERROR": """INSTITUTION_DOWN INSTITUTION_NOT_RESPONDING INSTITUTION_NOT_AVAILABLE
        INSTITUTION_NO_LONGER_SUPPORTED INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT INSTITUTION_REGISTRATION_REQUIRED
        UNAUTHORIZED_INSTITUTION UNSUPPORTED_RESPONSE""",
    "API_ERROR": "INTERNAL_SERVER_ERROR PLANNED_MAINTENANCE PLAID_ERROR",
    "RATE_LIMIT_EXCEEDED": """RATE_LIMIT ACCOUNTS_LIMIT ACCOUNTS_BALANCE_GET_LIMIT BALANCE_LIMIT AUTH_LIMIT
        IDENTITY_LIMIT ITEM_GET_LIMIT INSTITUTIONS_GET_LIMIT INSTITUTIONS_GET_BY_ID_LIMIT CREDITS_EXHAUSTED""",
    "OAUTH_ERROR": """INCORRECT_OAUTH_NONCE INCORRECT_LINK_TOKEN OAUTH_STATE_ID_NOT_FOUND
        OAUTH_STATE_ID_ALREADY_PROCESSED""",
    "RECAPTCHA_ERROR": "RECAPTCHA_BAD RECAPTCHA_REQUIRED",
    "SANDBOX_ERROR": "SANDBOX_PRODUCT_NOT_ENABLED SANDBOX_WEBHOOK_INVALID",
    "SIGNAL_ERROR": """CLIENT_TRANSACTION_ID_ALREADY_IN_USE RULESET_NOT_FOUND INVALID_CONFIGURATION_STATE
        SIGNAL_TRANSACTION_NOT_INITIATED ADDENDUM_NOT_SIGNED NOT_ENABLED_FOR_SIGNAL_TRANSACTION_SCORE_RULESETS""",
}
TYPE_OF = {code: kind for kind, codes in _TYPES.items() for code in codes.split()}
STATUS_OF_TYPE = {"API_ERROR": 500, "RATE_LIMIT_EXCEEDED": 429}
STATUS_OF = {
    "NOT_FOUND": 404,
    "NO_LONGER_AVAILABLE": 404,
    "OAUTH_STATE_ID_NOT_FOUND": 404,
    "OAUTH_STATE_ID_ALREADY_PROCESSED": 208,
    "PLANNED_MAINTENANCE": 503,
    "ADDENDUM_NOT_SIGNED": 403,
    "NOT_ENABLED_FOR_SIGNAL_TRANSACTION_SCORE_RULESETS": 403,
}
DISPLAY = {
    "INVALID_CREDENTIALS": "The username or password is not right. Please try again.",
    "INVALID_MFA": "That code is not right. Please try again.",
    "INVALID_OTP": "That code is not right. Please try again.",
    "ITEM_LOCKED": "Your bank has locked this sign-in. Unlock it at your bank, then try again.",
    "ITEM_LOGIN_REQUIRED": "Your bank asks you to sign in again.",
    "USER_PERMISSION_REVOKED": "You have ended the access to this bank. Connect it anew to go on.",
    "USER_SETUP_REQUIRED": "Your bank needs something from you first. Sign in at your bank's own site, then try again.",
    "PASSWORD_RESET_REQUIRED": "Your bank asks you to choose a new password first.",
    "NO_ACCOUNTS": "No checking or savings account was found with this sign-in.",
    "MFA_NOT_SUPPORTED": "This bank asks for a kind of verification that is not supported.",
    "ITEM_NOT_SUPPORTED": "This account cannot be connected.",
    "USER_INPUT_TIMEOUT": "That took too long. Please try again.",
    "INSTANT_MATCH_FAILED": "These numbers could not be confirmed. Try another account, or another bank.",
    "INSTITUTION_DOWN": "This bank is not available at the moment. Please try again later.",
    "INSTITUTION_NOT_RESPONDING": "This bank is not answering at the moment. Please try again later.",
    "INSTITUTION_NOT_AVAILABLE": "This bank is not available at the moment. Please try again later.",
    "INSTITUTION_NO_LONGER_SUPPORTED": "This bank can no longer be connected.",
    "INTERNAL_SERVER_ERROR": "Something went wrong. Please try again.",
    "INCORRECT_DEPOSIT_VERIFICATION": "That code is not the one in your statement. Please try again.",
    "TOO_MANY_VERIFICATION_ATTEMPTS": "That was wrong too often. Please connect your bank anew.",
}


class PlaidRefusal(Exception):
    """A refusal by its code; whatever is not listed above is a matter of the Item."""

    def __init__(self, code: str, message: str = "") -> None:
        self.code = code
        self.type = TYPE_OF.get(code, "ITEM_ERROR")
        self.status = STATUS_OF.get(code) or STATUS_OF_TYPE.get(self.type, 400)
        self.display = DISPLAY.get(code)
        self.message = message or (self.display or f"the request failed with {code}").rstrip(".").lower()
        super().__init__(self.message)

    def shown(self) -> dict[str, Any]:
        return {
            "error_type": self.type,
            "error_code": self.code,
            "error_code_reason": None,
            "error_message": self.message,
            "display_message": self.display,
            "documentation_url": f"https://plaid.com/docs/errors/{self.type.lower().replace('_', '-')}/",
            "suggested_action": None,
        }


class CountedRefusal(PlaidRefusal):
    """A refusal that leaves its mark: what was written on the way to it stays written."""


def invalid_field(message: str) -> PlaidRefusal:
    return PlaidRefusal("INVALID_FIELD", message)


def missing_fields(names: list[str]) -> PlaidRefusal:
    return PlaidRefusal("MISSING_FIELDS", f"the following required fields are missing: {', '.join(names)}")
