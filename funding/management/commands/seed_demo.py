"""Puts customers with a story into the demo: through the same operations as the site, against the running sandbox.

Run by run_demo; a second run changes nothing and prints the sign-ins again. Local mode only.
"""

import json
import logging
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import BrokerageAccount, EmploymentStatus, FundingSource, MoneyRange, Notice, Residency, User
from accounts.models.choices import Experience, Horizon, Liquidity, Objective, RiskTolerance
from accounts.operations import account_status, answering, onboarding
from brokerage import banking_days
from brokerage.append_only import lifted
from brokerage.visit import Visit
from funding import states
from funding.management import demo_ops
from funding.models import ACHRelationship, DebitAuthorization, RiskDecision, SendAttempt, Transfer, TransferEvent
from funding.operations import authorization, linking, reconciliation, relationship_reconciliation, transfers

PASSWORD = "follow-one-dollar"  # noqa: S105 - the demo's, printed at its start
VISIT = Visit(ip_address="127.0.0.1", user_agent="demo")
SENDER = "demo"
TARTAN_BANK = "ins_109511"
MORNING = timedelta(hours=8, minutes=31)  # when the broker books what the banks sent


class Command(BaseCommand):
    help = "Make the demo's customers, in local mode only; a second run changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("The demo's customers are for BROKERAGE_ENV=local only.")
        logging.disable(logging.WARNING)  # the story is told on the pages
        for email, (_, story) in STORIES.items():
            if not User.objects.filter(email=email).exists():
                self._tell(story, email)
        demo_ops.employ(PASSWORD)
        if settings.OIDC_ISSUER:
            self.stdout.write(f"Choose one of these where you sign in; the password {PASSWORD} connects each, once:")
        else:
            self.stdout.write(f"Sign in with the password {PASSWORD} as")
        for email, (what, _) in [*STORIES.items(), *demo_ops.PEOPLE.items()]:
            self.stdout.write(f"  {email:24} {what}")

    def _tell(self, story: Callable[[User], None], email: str) -> None:
        try:
            story(User.objects.create_user(email, PASSWORD, email_verified_at=timezone.now()))
        except (OSError, ObjectDoesNotExist, linking.LinkingError, transfers.TransferNotPossible) as stuck:
            raise CommandError(
                f"The story of {email} got stuck ({type(stuck).__name__}): the sandbox was too slow, or is not there. "
                "Run `make demo-reset` and start again."
            ) from None


# --- The stories ------------------------------------------------------------------------------------------------------


def maya(user: User) -> None:
    """A customer of some weeks: deposits, a withdrawal, one deposit that her bank took back, one under way."""
    account = _open(user, "Maya", "Okafor", "444554321")
    relationship = _link(account)
    _moved(account, relationship, states.INCOMING, "1500.00", days_ago=33)
    _moved(account, relationship, states.INCOMING, "400.00", days_ago=19, then=_returned)
    _moved(account, relationship, states.OUTGOING, "120.00", days_ago=12)
    _moved(account, relationship, states.INCOMING, "2000.00", days_ago=10)
    _ask(account, states.INCOMING, "250.00")
    _hold(account, {"VTI": ("6.5", "271.40", "289.10"), "BND": ("9", "73.88", "72.35")}, days_ago=33)
    account_status.refresh_cash(account=account)


def grace(user: User) -> None:
    """Approved this minute, and about to link a bank."""
    _open(user, "Grace", "Lindqvist", "444554322")


def thao(user: User) -> None:
    """Half-way through the application."""
    application = answering.start(user=user)
    answers = _answers("Thảo", "Nguyễn", "444554323")
    early = ("given_name", "family_name", "phone", "street_address", "unit", "city", "state", "postal_code")
    answering.save_answers(application=application, answers={name: answers[name] for name in early}, page="address")
    answering.note_identity_notice(application=application)


def daniel(user: User) -> None:
    """The broker could not confirm his address."""
    account = _apply(user, "Daniel", "Reyes", "444554324")
    results: dict[str, Any] = {"accept": {"IDENTITY_VERIFICATION": {}}, "indeterminate": {"ADDRESS_VERIFICATION": {}}}
    _control(f"/control/accounts/{account.alpaca_id}", status="ACTION_REQUIRED", kyc_results=results)
    list(account_status.reconcile_one(account=account))


STORIES: dict[str, tuple[str, Callable[[User], None]]] = {
    "maya@example.com": ("a customer of some weeks, with money under way", maya),
    "grace@example.com": ("account just opened; link a bank and deposit", grace),
    "thao@example.com": ("half-way through the application", thao),
    "daniel@example.com": ("the broker needs one more thing", daniel),
}


# --- Their steps ------------------------------------------------------------------------------------------------------


def _answers(given_name: str, family_name: str, tax_id: str) -> dict[str, Any]:
    return {
        "given_name": given_name,
        "family_name": family_name,
        "phone": "+12015550143",
        "street_address": "84 Willow Terrace",
        "unit": "Apt 3",
        "city": "Hoboken",
        "state": "NJ",
        "postal_code": "07030",
        "date_of_birth": "1991-03-09",
        "country_of_birth": "USA",
        "residency": Residency.CITIZEN,
        "tax_id": tax_id,
        "employment_status": EmploymentStatus.EMPLOYED,
        "employer_name": "Hudson Regional Clinic",
        "employment_position": "Nurse",
        "funding_sources": [FundingSource.EMPLOYMENT_INCOME, FundingSource.SAVINGS],
        "annual_income": MoneyRange.TO_100,
        "liquid_net_worth": MoneyRange.TO_50,
        "total_net_worth": MoneyRange.TO_100,
        "investment_objective": Objective.GROWTH,
        "investment_time_horizon": Horizon.OVER_10,
        "risk_tolerance": RiskTolerance.MODERATE,
        "liquidity_needs": Liquidity.SOMEWHAT,
        "experience_with_stocks": Experience.SOME,
        "experience_with_options": Experience.NONE,
        "is_control_person": False,
        "is_affiliated_exchange_or_finra": False,
        "is_politically_exposed": False,
        "immediate_family_exposed": False,
        "names_trusted_contact": False,
    }


def _apply(user: User, given_name: str, family_name: str, tax_id: str) -> BrokerageAccount:
    application = answering.start(user=user)
    answering.save_answers(application=application, answers=_answers(given_name, family_name, tax_id))
    answering.note_identity_notice(application=application)
    answering.sign_agreements(application=application, visit=VISIT)
    onboarding.submit(application=application)
    return BrokerageAccount.objects.select_related("application").get(user=user)


def _open(user: User, given_name: str, family_name: str, tax_id: str) -> BrokerageAccount:
    account = _apply(user, given_name, family_name, tax_id)
    for status in ("APPROVED", "ACTIVE"):
        _control(f"/control/accounts/{account.alpaca_id}", status=status)
        list(account_status.reconcile_one(account=account))
    account.refresh_from_db()
    return account


def _link(account: BrokerageAccount) -> ACHRelationship:
    session = linking.start_link(account=account, user=account.user)
    item = linking.finish_link(session=session, public_token=_public_token())
    chosen = linking.usable_accounts(item=item)[0]
    relationship = linking.link_bank(account=account, item=item, bank_account=chosen, sender=SENDER)
    _control(f"/control/relationships/{relationship.alpaca_id}", status="APPROVED")
    list(relationship_reconciliation.reconcile_relationships())
    return relationship


def _ask(account: BrokerageAccount, direction: str, amount: str) -> Transfer:
    account_status.refresh_cash(account=account)
    transfer = transfers.request_transfer(
        user=account.user,
        account=account,
        direction=direction,
        amount=Decimal(amount),
        form_key=transfers.form_key(user=account.user, direction=direction),
        visit=VISIT,
        agreed_to=_agreed_to(account, amount) if direction == states.INCOMING else "",
    )
    transfers.send(transfer=transfer, sender=SENDER)
    return transfer


def _agreed_to(account: BrokerageAccount, amount: str) -> str:
    relationship = ACHRelationship.objects.active().get(brokerage_account=account)
    words = authorization.sentence(relationship=relationship, amount=Decimal(amount), at=timezone.now())
    return authorization.digest(words)


def _hold(account: BrokerageAccount, held: dict[str, tuple[str, str, str]], *, days_ago: int) -> None:
    """Put shares into an account by symbol: how many, what one cost, what it is worth. It was opened before that."""
    now = timezone.now()
    opened = (now - timedelta(days=2 * days_ago)).date().isoformat()
    since = (now - timedelta(days=days_ago)).isoformat()
    names = ("qty", "avg_entry_price", "current_price")
    rows = [{"symbol": each, "held_since": since, **dict(zip(names, told, strict=True))} for each, told in held.items()]
    _control(f"/control/accounts/{account.alpaca_id}", created_at=opened)
    _control(f"/control/accounts/{account.alpaca_id}/positions", positions=rows)


def _returned(transfer: Transfer) -> None:
    _control(f"/control/transfers/{transfer.alpaca_id}", action="return", code="R01")


def _moved(
    account: BrokerageAccount,
    relationship: ACHRelationship,
    direction: str,
    amount: str,
    *,
    days_ago: int,
    then: Callable[[Transfer], None] | None = None,
) -> None:
    """Make a transfer that settled some days ago."""
    transfer = _ask(account, direction, amount)
    _control(f"/control/transfers/{transfer.alpaca_id}", action="settle")
    list(reconciliation.reconcile_account(account=account))
    if then is not None:
        then(transfer)
        list(reconciliation.reconcile_account(account=account))
    _put_back(transfer, timedelta(days=days_ago))


def _put_back(transfer: Transfer, by: timedelta) -> None:
    """Date a transfer and its records earlier, so that the demo's story spans weeks. Nothing else ever does this."""
    asked_at = timezone.now() - by
    settled_on = banking_days.arrives_on(asked_at)
    settled_at = banking_days.day_begins(settled_on) + MORNING
    cut_off = banking_days.cut_off(banking_days.leaves_on(asked_at))
    returned_at = banking_days.day_begins(banking_days.add(settled_on, 2)) + MORNING
    at = {"created_at": str(asked_at), "settled_at": str(settled_at), "returned_at": str(returned_at)}
    _control(f"/control/transfers/{transfer.alpaca_id}/dates", **at)
    transfer.refresh_from_db()
    with lifted(SendAttempt, DebitAuthorization, RiskDecision, TransferEvent):
        Transfer.objects.filter(pk=transfer.pk).update(
            created_at=asked_at,
            leaves_on=banking_days.leaves_on(asked_at),
            accepted_at=asked_at,
            expected_on=banking_days.arrives_on(asked_at),
            sent_to_bank_at=cut_off,
            settled_at=settled_at,
            ended_at=returned_at if transfer.ended_at else None,
        )
        SendAttempt.objects.filter(transfer=transfer).update(sent_at=asked_at, answered_at=asked_at)
        if transfer.is_deposit and transfer.relationship:
            text = authorization.sentence(relationship=transfer.relationship, amount=transfer.amount, at=asked_at)
            DebitAuthorization.objects.filter(transfer=transfer).update(text=text, created_at=asked_at)
            transfer.risk_decisions.update(at=asked_at)
        _date_notices(transfer, {"SETTLED": settled_at, "RETURNED": settled_at + timedelta(days=2)})
        for number, event in enumerate(transfer.events.all()):
            transfer.events.filter(pk=event.pk).update(at=asked_at + timedelta(seconds=number))


def _date_notices(transfer: Transfer, moments: dict[str, datetime]) -> None:
    """Date what was told of a transfer, as read long ago; words that name dates of their own go."""
    told = Notice.objects.filter(path=transfer.url)
    told.exclude(kind__in=moments).delete()
    for kind, at in moments.items():
        told.filter(kind=kind).update(created_at=at, read_at=at)


# --- The sandbox ------------------------------------------------------------------------------------------------------


def _public_token() -> str:
    """Return what Plaid Link hands the browser at the end."""
    answer = _post(
        f"{settings.PLAID_BASE_URL}/sandbox/public_token/create",
        {
            "client_id": settings.PLAID_CLIENT_ID,
            "secret": settings.PLAID_SECRET,
            "institution_id": TARTAN_BANK,
            "initial_products": ["auth"],
            "options": {"override_username": "user_single", "override_password": "pass_good"},
        },
    )
    token: str = answer["public_token"]
    return token


def _control(path: str, **body: Any) -> None:
    parts = urlsplit(settings.BROKER_BASE_URL)
    _post(f"{parts.scheme}://{parts.netloc}{path}", body)


def _post(url: str, body: dict[str, Any]) -> Any:
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - our own sandbox
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        text = answer.read()
    return json.loads(text) if text else None
