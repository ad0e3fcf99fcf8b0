"""What decides whether a deposit may be sent: rules over the facts known beforehand. Change one, change VERSION.

Called by operations.risk, which gathers the facts and keeps the decision with them. Amounts are US dollars.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from funding import return_codes
from funding.models import RiskDecision

VERSION = "2026-11-2"
ALLOW, HOLD, DECLINE = RiskDecision.Outcome.ALLOW, RiskDecision.Outcome.HOLD, RiskDecision.Outcome.DECLINE


@dataclass(frozen=True)
class Bounds:
    """What the settings say: see the section on the risk gate there."""

    when_away: str
    deposits_per_day: int
    deposits_per_week: Decimal
    new_bank_days: int
    new_bank_limit: Decimal
    manual_bank: str = "hold"


@dataclass(frozen=True)
class Facts:
    """What is known of a deposit before it is sent.

    `balance` is what the bank says can be debited now; None where it could not be had, for the reason in `away`.
    """

    amount: Decimal
    balance: Decimal | None
    away: str = ""  # "", "away", "sign in again", "no balance", "by number"
    signal: str = ""  # Signal's result; "AWAY" where it was to be asked and could not be
    scores: dict[str, int] = field(default_factory=dict)
    deposits_in_a_day: int = 0  # this one not counted
    deposited_in_a_week: Decimal = Decimal("0.00")
    bank_age_days: int = 0
    returns: tuple[str, ...] = ()  # the codes of this customer's returned deposits of the last 60 days
    unauthorized_ever: bool = False
    brake: bool = False


@dataclass(frozen=True)
class Verdict:
    """The outcome, and the names of the rules that it comes from; none where nothing spoke against it."""

    outcome: str
    rules: tuple[str, ...]


def judge(facts: Facts, bounds: Bounds) -> Verdict:
    """Return the strictest outcome that any rule asks for."""
    found = [(name, asks) for name, applies, asks in rules(facts, bounds) if applies]
    for outcome in (DECLINE, HOLD):
        if named := tuple(name for name, asks in found if asks == outcome):
            return Verdict(outcome, named)
    return Verdict(ALLOW, ())


def rules(facts: Facts, bounds: Bounds) -> list[tuple[str, bool, str]]:
    """Return each rule: its name, whether it applies to these facts, and what it asks for then."""
    away = DECLINE if bounds.when_away == "decline" else HOLD
    new, by_number = facts.bank_age_days < bounds.new_bank_days, facts.away == "by number"
    return [
        ("an unauthorized return before", facts.unauthorized_ever, DECLINE),
        ("the bank wants a new sign-in", facts.away == "sign in again", DECLINE),
        ("the balance could not be had", facts.balance is None and facts.away not in _NOT_AWAY, away),
        ("a bank account linked by its numbers", by_number and bounds.manual_bank == "hold", HOLD),
        ("less in the bank account than that", facts.balance is not None and facts.balance < facts.amount, DECLINE),
        ("Signal: reroute", facts.signal == "REROUTE", DECLINE),
        ("Signal: review", facts.signal not in ("", "ACCEPT", "REROUTE", "AWAY"), HOLD),
        ("Signal could not be asked", facts.signal == "AWAY", away),
        ("deposits are paused", facts.brake, HOLD),
        ("too many deposits in a day", facts.deposits_in_a_day >= bounds.deposits_per_day, HOLD),
        ("too much in a week", facts.deposited_in_a_week + facts.amount > bounds.deposits_per_week, HOLD),
        ("a large deposit from a new bank account", new and facts.amount > bounds.new_bank_limit, HOLD),
        ("a return in the last 60 days", any(map(_concerns_customer, facts.returns)), HOLD),
    ]


# Where there is no balance for a reason that has a rule of its own.
_NOT_AWAY = ("sign in again", "by number")


def _concerns_customer(code: str) -> bool:
    """Say whether a return speaks against the next deposit; for lack of money, the balance speaks for itself."""
    return return_codes.of(code).group not in (return_codes.BETWEEN_BANKS, return_codes.FUNDS)


# What the customer reads where a deposit was declined: what is wrong, and the way on.
DECLINED_BECAUSE = {
    "less in the bank account than that": "Your bank says that there is less in the account than that. "
    "Ask for a smaller amount, or again when there is more.",
    "the bank wants a new sign-in": "Your bank wants you to sign in again before it tells us whether the money is "
    "there. Do that on the page of your bank account, and ask for the deposit again.",
    "the balance could not be had": "Your bank could not tell us whether the money is there. Please ask again later.",
    "Signal could not be asked": "We could not check this deposit. Please ask again later.",
}
DECLINED_OTHERWISE = "We can’t make this deposit. Write to us if you want to know more."


def told_to_customer(rules: list[str]) -> str:
    """Return the sentence for the first rule that a customer may know of."""
    return next((DECLINED_BECAUSE[rule] for rule in rules if rule in DECLINED_BECAUSE), DECLINED_OTHERWISE)
