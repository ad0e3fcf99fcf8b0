"""How Plaid says no: one type and one code for every reason, for the developer and sometimes for the customer."""

from typing import Any

_TYPES = {
    "INVALID_REQUEST": "MISSING_FIELDS UNKNOWN_FIELDS INVALID_FIELD INVALID_BODY INVALID_HEADERS NOT_FOUND",
    "INVALID_INPUT": """INVALID_API_KEYS INVALID_LINK_TOKEN INVALID_PUBLIC_TOKEN INVALID_ACCESS_TOKEN INVALID_ACCOUNT_ID
        INVALID_PRODUCT INVALID_INSTITUTION INVALID_PROCESSOR_TOKEN ACCESS_NOT_GRANTED USER_PERMISSION_REVOKED
        UNAUTHORIZED_INSTITUTION""",
    "INSTITUTION_ERROR": """INSTITUTION_DOWN INSTITUTION_NOT_RESPONDING INSTITUTION_NOT_AVAILABLE
        INSTITUTION_NO_LONGER_SUPPORTED INSTITUTION_REGISTRATION_REQUIRED UNSUPPORTED_RESPONSE""",
    "API_ERROR": "INTERNAL_SERVER_ERROR PLANNED_MAINTENANCE",
    "RATE_LIMIT_EXCEEDED": "RATE_LIMIT ACCOUNTS_LIMIT BALANCE_LIMIT ITEM_GET_LIMIT CREDITS_EXHAUSTED",
}
TYPE_OF = {code: kind for kind, codes in _TYPES.items() for code in codes.split()}
STATUS_OF_TYPE = {"API_ERROR": 500, "RATE_LIMIT_EXCEEDED": 429}
DISPLAY = {
    "INVALID_CREDENTIALS": "The username or password is not right. Please try again.",
    "INVALID_MFA": "That code is not right. Please try again.",
    "ITEM_LOCKED": "Your bank has locked this sign-in. Unlock it at your bank, then try again.",
    "ITEM_LOGIN_REQUIRED": "Your bank asks you to sign in again.",
    "USER_SETUP_REQUIRED": "Your bank needs something from you first. Sign in at your bank's own site, then try again.",
    "PASSWORD_RESET_REQUIRED": "Your bank asks you to choose a new password first.",
    "NO_ACCOUNTS": "No checking or savings account was found with this sign-in.",
    "MFA_NOT_SUPPORTED": "This bank asks for a kind of verification that is not supported.",
    "ITEM_NOT_SUPPORTED": "This account cannot be connected.",
    "USER_INPUT_TIMEOUT": "That took too long. Please try again.",
    "INSTITUTION_DOWN": "This bank is not available at the moment. Please try again later.",
    "INSTITUTION_NOT_RESPONDING": "This bank is not answering at the moment. Please try again later.",
    "INSTITUTION_NOT_AVAILABLE": "This bank is not available at the moment. Please try again later.",
    "INSTITUTION_NO_LONGER_SUPPORTED": "This bank can no longer be connected.",
    "INTERNAL_SERVER_ERROR": "Something went wrong. Please try again.",
}


class PlaidRefusal(Exception):
    """A refusal by its code; whatever is not listed above is a matter of the Item."""

    def __init__(self, code: str, message: str = "") -> None:
        self.code = code
        self.type = TYPE_OF.get(code, "ITEM_ERROR")
        self.status = 404 if code == "NOT_FOUND" else STATUS_OF_TYPE.get(self.type, 400)
        self.display = DISPLAY.get(code)
        self.message = message or (self.display or f"the request failed with {code}").rstrip(".").lower()
        super().__init__(self.message)

    def shown(self) -> dict[str, Any]:
        return {
            "error_type": self.type,
            "error_code": self.code,
            "error_message": self.message,
            "display_message": self.display,
            "documentation_url": f"https://plaid.com/docs/errors/{self.type.lower().replace('_', '-')}/",
            "suggested_action": None,
        }


def invalid_field(message: str) -> PlaidRefusal:
    return PlaidRefusal("INVALID_FIELD", message)
