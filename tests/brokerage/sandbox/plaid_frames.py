"""Link as its frame speaks with the sandbox, without a browser: for tests that want what it ends with."""

from typing import Any

from tests.brokerage.sandbox.bench import Bench

ASKED = {"client_name": "Harbor", "language": "en", "country_codes": ["US"], "user": {"client_user_id": "1"}}
AS_THE_SITE_ASKS = {
    "products": ["auth"],
    "required_if_supported_products": ["identity"],
    "optional_products": ["signal"],
    "account_filters": {"depository": {"account_subtypes": ["checking", "savings"]}},
}
SAME_DAY = {"same_day_microdeposits_enabled": True}
NUMBERS = {"routing": "110000000", "account": "1111222233330000", "name": "Ada Byron", "subtype": "checking"}


class Frame:
    """One session of Link; `said` is the last answer."""

    def __init__(self, bench: Bench, **asked: Any) -> None:
        self.bench = bench
        made = bench.plaid("link/token/create", **{**ASKED, **asked})
        assert made.status_code == 200, made.text
        self.session: dict[str, str] = {}
        self.said: Any = {}
        self.ask("start", link_token=made.json()["link_token"])
        self.session = {"session_id": self.said.get("session_id", "")}

    def ask(self, path: str, **fields: Any) -> Any:
        self.said = self.bench.frame(path, **self.session, **fields)
        return self.said

    def sign_in(self, bank: str, username: str = "user_good", password: str = "pass_good") -> Any:  # noqa: S107  everybody knows it
        return self.ask("sign-in", institution_id=bank, username=username, password=password)

    def error(self) -> str:
        code: str = self.said["error"]["error_code"]
        return code

    def finish(self, *accounts: str) -> Any:
        """What onSuccess would be told about the session."""
        self.ask("finish", accounts=list(accounts))
        return self.said["metadata"]

    def exchange(self) -> dict[str, str]:
        """The access token for the public token that the session has ended with, as a request takes it."""
        answer = self.bench.plaid("item/public_token/exchange", public_token=self.said["public_token"])
        return {"access_token": answer.json()["access_token"]}


def new_link(bench: Bench, **more: Any) -> Frame:
    return Frame(bench, **{**AS_THE_SITE_ASKS, **more})


def by_number(bench: Bench) -> dict[str, str]:
    """The access token of an account that waits for the code from its statement."""
    frame = new_link(bench, auth=SAME_DAY)
    frame.ask("numbers", **NUMBERS)
    frame.finish()
    return frame.exchange()
