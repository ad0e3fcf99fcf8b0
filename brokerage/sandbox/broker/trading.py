"""The trading account as it follows from the ledger and from what is held, with nothing traded."""

import json
import sqlite3
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from brokerage.sandbox import market
from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, bodies, fields, holdings, ledger, restrictions, transfer_extras
from brokerage.sandbox.broker.fields import words
from brokerage.sandbox.broker.refusal import invalid
from brokerage.sandbox.clock import NEW_YORK, banking_day_start
from brokerage.sandbox.wire import Answer, Request, as_json

ZERO_FIELDS = (
    "accrued_fees", "initial_margin", "intraday_adjustments", "last_initial_margin", "last_maintenance_margin",
    "last_short_market_value", "maintenance_margin", "memoposts", "pending_reg_taf_fees", "short_market_value", "sma",
)  # fmt: skip
LAST_FIELDS = ("last_buying_power", "last_cash", "last_options_buying_power", "last_regt_buying_power")
POWER_FIELDS = ("buying_power", "effective_buying_power", "non_marginable_buying_power", "options_buying_power",
                "regt_buying_power")  # fmt: skip
CONFIGURATION = {
    "fractional_trading": True,
    "max_margin_multiplier": "1",
    "no_shorting": False,
    "suspend_trade": False,
    "trade_confirm_email": "all",
    "ptp_no_exception_entry": False,
    "max_options_trading_level": None,
    "disable_overnight_trading": False,
}
SWITCHES = [name for name, default in CONFIGURATION.items() if isinstance(default, bool)]


def account(books: Books, request: Request) -> Answer:
    row = accounts.fetch(books, request.params["account_id"])
    cash = ledger.cash(books, row["id"])
    free = ledger.dollars(ledger.withdrawable(books, row["id"]))
    last_close = _last_close(books.now())
    morning = banking_day_start(books.now())
    last_cash = ledger.cash(books, row["id"], before=morning)
    power = max(0, cash) + transfer_extras.instant_credit(books, row["id"])
    configuration = _configuration(row)
    return as_json(
        {
            **dict.fromkeys(ZERO_FIELDS, "0"),
            **_values(cash, holdings.value(books, row["id"])),
            **dict.fromkeys(LAST_FIELDS, ledger.dollars(last_cash)),
            **dict.fromkeys(POWER_FIELDS, ledger.dollars(power)),
            **_last_values(last_cash, holdings.lastday_value(books, row["id"], before=morning)),
            **_flags(row),
            "id": row["id"],
            "account_number": row["account_number"],
            "status": row["status"],
            "crypto_status": "INACTIVE",
            "currency": "USD",
            "cash_withdrawable": free,
            "cash_transferable": free,
            "pending_transfer_out": ledger.dollars(ledger.pending_out(books, row["id"])),
            "multiplier": "1",
            "shorting_enabled": False,
            "trade_suspended_by_user": configuration["suspend_trade"],
            "options_approved_level": 0,
            "options_trading_level": 0,
            "clearing_broker": "VELOX",
            "previous_close": last_close.isoformat(),
            "balance_asof": last_close.date().isoformat(),
            "created_at": row["created_at"],
            "user_configurations": None,
            "admin_configurations": _admin_configurations(books, row),
        }
    )


def _values(cash: int, held: Decimal) -> dict[str, str]:
    """Cents of cash, and dollars that positions are worth."""
    return {
        "cash": ledger.dollars(cash),
        **dict.fromkeys(("long_market_value", "position_market_value"), holdings.plain(held)),
        **dict.fromkeys(("equity", "portfolio_value"), holdings.plain(Decimal(cash) / 100 + held)),
    }


def _last_values(cash: int, held: Decimal) -> dict[str, str]:
    """The same at the last close."""
    return {
        "last_equity": holdings.plain(Decimal(cash) / 100 + held),
        "last_long_market_value": holdings.plain(held),
    }


def _flags(row: sqlite3.Row) -> dict[str, bool]:
    closed = row["status"] not in accounts.OPENED
    return {
        "account_blocked": restrictions.is_blocked(row, "account_blocked"),
        "trading_blocked": closed or restrictions.is_blocked(row, "trading_blocked"),
        "transfers_blocked": closed or restrictions.is_blocked(row, "transfers_blocked"),
    }


def _admin_configurations(books: Books, row: sqlite3.Row) -> dict[str, Any]:
    after_return = bool(row["ach_return"]) and bool(books.setting("block_transfers_after_return"))
    return {
        "acct_daily_transfer_limit": str(Decimal(str(books.setting("daily_limit")))),
        "allow_instant_ach": bool(accounts.document_of(row).get("allow_instant_ach")),
        **{name: after_return or restrictions.is_blocked(row, name) for name in restrictions.ADMIN_FLAGS},
        "restrict_to_liquidation_reasons": restrictions.restricted_by(row),
    }


def _last_close(moment: float) -> datetime:
    today = datetime.fromtimestamp(moment, NEW_YORK)
    sessions = market.sessions(today.date() - timedelta(days=10), today.date())
    return [each.closes_at for each in sessions if each.closes_at < today][-1]


def configurations(books: Books, request: Request) -> Answer:
    return as_json(_configuration(accounts.fetch(books, request.params["account_id"])))


def configure(books: Books, request: Request) -> Answer:
    """Change what is given. Unknown names pass unheeded, as the vendor's SDK sends back some that are gone."""
    row = accounts.fetch(books, request.params["account_id"])
    form = bodies.read_object(request)
    for name in SWITCHES:
        fields.allow(form, name, fields.yes_or_no)
    fields.allow(form, "trade_confirm_email", fields.one_of(words("all none")))
    fields.allow(form, "max_margin_multiplier", fields.one_of(words("1 2 4")))
    if form.get("max_options_trading_level") not in (None, 0, 1, 2, 3):
        raise invalid("max_options_trading_level is invalid")
    changed = {name: form[name] for name in CONFIGURATION if form.get(name) is not None}
    configuration = {**_configuration(row), **changed}
    document = {**accounts.document_of(row), "configuration": configuration}
    accounts.keep_document(books, row["id"], document, at=books.now())
    return as_json(configuration)


def _configuration(row: sqlite3.Row) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(row["document"]).get("configuration", {})
    return {**CONFIGURATION, **kept}
