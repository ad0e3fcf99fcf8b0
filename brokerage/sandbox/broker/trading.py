"""The trading account as it follows from the ledger, with nothing traded; and the market's clock."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, ledger
from brokerage.sandbox.clock import NEW_YORK, banking_day
from brokerage.sandbox.wire import Answer, Request, as_json

ZERO_FIELDS = (
    "accrued_fees", "initial_margin", "intraday_adjustments", "last_buying_power", "last_cash", "last_equity",
    "last_initial_margin", "last_long_market_value", "last_maintenance_margin", "last_regt_buying_power",
    "last_short_market_value", "long_market_value", "maintenance_margin", "memoposts", "pending_reg_taf_fees",
    "position_market_value", "previous_close", "short_market_value", "sma",
)  # fmt: skip
CASH_FIELDS = ("cash", "equity", "portfolio_value")
POWER_FIELDS = ("buying_power", "effective_buying_power", "non_marginable_buying_power", "options_buying_power",
                "regt_buying_power")  # fmt: skip
OPENS, CLOSES = timedelta(hours=9, minutes=30), timedelta(hours=16)


def account(books: Books, request: Request) -> Answer:
    row = accounts.fetch(books, request.params["account_id"])
    cash = ledger.cash(books, row["id"])
    free = ledger.dollars(ledger.withdrawable(books, row["id"]))
    blocked = row["status"] not in ("ACTIVE", "ACCOUNT_UPDATED")
    return as_json(
        {
            **dict.fromkeys(ZERO_FIELDS, "0"),
            **dict.fromkeys(CASH_FIELDS, ledger.dollars(cash)),
            **dict.fromkeys(POWER_FIELDS, ledger.dollars(max(0, cash))),
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
            "trade_suspended_by_user": False,
            "account_blocked": False,
            "trading_blocked": blocked,
            "transfers_blocked": blocked,
            "clearing_broker": "VELOX",
            "balance_asof": banking_day(books.now() - ledger.DAY),
            "created_at": row["created_at"],
            "user_configurations": None,
            "admin_configurations": _admin_configurations(books, bool(row["ach_return"])),
        }
    )


def _admin_configurations(books: Books, ach_return: bool) -> dict[str, Any]:
    blocked = ach_return and bool(books.setting("block_transfers_after_return"))
    return {
        "acct_daily_transfer_limit": str(Decimal(str(books.setting("daily_limit")))),
        "allow_instant_ach": False,
        "incoming_transfers_blocked": blocked,
        "outgoing_transfers_blocked": blocked,
        "restrict_to_liquidation_reasons": {
            "ach_return": ach_return,
            "position_to_equity_ratio": False,
            "unspecified": False,
        },
    }


def positions(books: Books, request: Request) -> Answer:
    accounts.fetch(books, request.params["account_id"])
    return as_json([])


def clock(books: Books, request: Request) -> Answer:
    now = datetime.fromtimestamp(books.now(), NEW_YORK)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [day + timedelta(days=ahead) for ahead in range(5) if (day + timedelta(days=ahead)).weekday() < 5]
    is_open = now.weekday() < 5 and day + OPENS <= now < day + CLOSES
    return as_json(
        {
            "timestamp": now.isoformat(),
            "is_open": is_open,
            "next_open": next(d + OPENS for d in days if d + OPENS > now).isoformat(),
            "next_close": next(d + CLOSES for d in days if d + CLOSES > now).isoformat(),
        }
    )
