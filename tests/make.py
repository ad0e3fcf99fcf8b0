"""Plain functions that make rows, for tests that begin in the middle of a story."""

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts import agreements
from accounts import states as account_states
from accounts.models import (
    AgreementSignature,
    Application,
    BrokerageAccount,
    BrokerDocument,
    DocumentList,
    Notice,
    Portfolio,
    SignInLetter,
    StreamCursor,
    User,
)
from accounts.operations import sign_in_letters
from accounts.operations.answering import keep_text, tax_id_hash
from brokerage import banking_days
from brokerage.visit import Visit
from funding import states
from funding.models import ACHRelationship, DebitAuthorization, PlaidItem, RiskDecision, Transfer
from tests.brokerage.sandbox.bench import BankLogin

PASSWORD = "correct horse battery staple"
VISIT = Visit(ip_address="203.0.113.7", user_agent="a test")

# What a person answers, page by page; a made-up number that the validators take.
ANSWERS: dict[str, dict[str, Any]] = {
    "name": {"given_name": "Ada", "middle_name": "", "family_name": "Okafor"},
    "contact": {"phone": "(201) 555-0143"},
    "address": {
        "street_address": "84 Willow Terrace",
        "unit": "Apt 3",
        "city": "Hoboken",
        "state": "NJ",
        "postal_code": "07030",
    },
    "birth": {"date_of_birth": "1991-03-09", "country_of_birth": "USA", "residency": "citizen"},
    "tax-id": {"tax_id_type": "USA_SSN", "tax_id": "444-55-4321"},
    "work": {"employment_status": "employed", "employer_name": "Hudson Clinic", "employment_position": "Nurse"},
    "money": {
        "funding_sources": ["employment_income", "savings"],
        "annual_income": "75000-99999",
        "liquid_net_worth": "25000-49999",
        "total_net_worth": "75000-99999",
    },
    "profile": {
        "investment_objective": "growth",
        "investment_time_horizon": "more_than_10_years",
        "risk_tolerance": "moderate",
        "liquidity_needs": "somewhat_important",
        "experience_with_stocks": "1_to_5_years",
        "experience_with_options": "none",
    },
    "disclosures": {
        "is_control_person": "False",
        "is_affiliated_exchange_or_finra": "False",
        "is_politically_exposed": "False",
        "immediate_family_exposed": "False",
    },
    "trusted-contact": {"names_trusted_contact": "False"},
    "agreements": {
        "customer_agreement": "on",
        "customer_agreement_shown": agreements.current("customer_agreement").digest,
    },
}
# What is asked only of those whom it concerns.
MORE_ANSWERS: dict[str, dict[str, Any]] = {
    "citizenship": {"country_of_citizenship": "VNM"},
    "visa": {"visa_type": "B2", "visa_expires_on": "2028-06-30", "leaves_usa_on": "2027-02-14"},
    "company": {
        "company_name": "Hudson Instruments Inc.",
        "company_street_address": "9 Dock Street",
        "company_city": "Newark",
        "company_state": "NJ",
        "company_country": "USA",
        "company_compliance_email": "compliance@hudson.example",
    },
    "firm": {
        "company_name": "Palisade Securities",
        "company_street_address": "1 Exchange Place",
        "company_city": "Jersey City",
        "company_state": "NJ",
        "company_country": "USA",
        "company_compliance_email": "compliance@palisade.example",
    },
    "family": {"given_name": "Grace", "family_name": "Okafor"},
}
TRUSTED_CONTACT: dict[str, Any] = {
    "names_trusted_contact": "True",
    "given_name": "Chidi",
    "family_name": "Okafor",
    "email_address": "chidi@example.com",
    "phone": "(201) 555-0188",
    "street_address": "12 Elm Street",
    "city": "Hoboken",
    "state": "NJ",
    "postal_code": "07030",
    "country": "USA",
}


def user(email: str = "ada@example.com", **more: Any) -> User:
    return User.objects.create_user(email, PASSWORD, **{"email_verified_at": timezone.now()} | more)


def sign_up_letter(email: str = "ada@example.com") -> SignInLetter:
    """Have somebody ask to sign up, and return what was written to them."""
    sign_in_letters.ask_to_sign_up(email=email, visit=VISIT)
    return SignInLetter.objects.latest("created_at")


def password_letter(of: User) -> SignInLetter:
    """Have somebody ask for a new password, and return what was written to them."""
    sign_in_letters.ask_for_password(email=of.email, visit=VISIT)
    return SignInLetter.objects.latest("created_at")


def application(of: User, *, status: str = account_states.DRAFT, tax_id: str = "444554321", **more: Any) -> Application:
    """Make an application with every question answered."""
    answers: dict[str, Any] = {
        "given_name": "Ada",
        "family_name": "Okafor",
        "phone": "+12015550143",
        "street_address": "84 Willow Terrace",
        "unit": "Apt 3",
        "city": "Hoboken",
        "state": "NJ",
        "postal_code": "07030",
        "date_of_birth": "1991-03-09",
        "country_of_birth": "USA",
        "residency": "citizen",
        "tax_id": "" if status == account_states.ACCEPTED else tax_id,
        "tax_id_last4": tax_id[-4:],
        "tax_id_hash": tax_id_hash(tax_id),
        "employment_status": "employed",
        "employer_name": "Hudson Clinic",
        "employment_position": "Nurse",
        "funding_sources": ["employment_income"],
        "annual_income": "75000-99999",
        "liquid_net_worth": "25000-49999",
        "total_net_worth": "75000-99999",
        "investment_objective": "growth",
        "investment_time_horizon": "more_than_10_years",
        "risk_tolerance": "moderate",
        "liquidity_needs": "somewhat_important",
        "experience_with_stocks": "1_to_5_years",
        "experience_with_options": "none",
        "is_control_person": False,
        "is_affiliated_exchange_or_finra": False,
        "is_politically_exposed": False,
        "immediate_family_exposed": False,
        "names_trusted_contact": False,
        "identity_notice": keep_text(agreements.identity_notice()),
        "identity_notice_at": timezone.now(),
    }
    made = Application.objects.create(user=of, status=status, **(answers | more))
    for text in agreements.required():
        AgreementSignature.objects.create(
            application=made,
            agreement=text.name,
            revision=text.revision,
            text=keep_text(text),
            ip_address=VISIT.ip_address,
        )
    return made


def account(of: User, *, status: str = account_states.ACTIVE, cash: str = "1000.00", **more: Any) -> BrokerageAccount:
    """Make a brokerage account that the broker need not know of."""
    digits = str(uuid.uuid4().int)[:9]
    applied = Application.objects.filter(user=of).first() or application(
        of, status=account_states.ACCEPTED, tax_id=digits, sent_at=timezone.now()
    )
    made = BrokerageAccount.objects.create(
        user=of,
        application=applied,
        alpaca_id=more.pop("alpaca_id", str(uuid.uuid4())),
        account_number=more.pop("account_number", "980017731"),
        status=status,
        cash=Decimal(cash),
        cash_withdrawable=Decimal(cash),
        cash_as_of=timezone.now(),
        cash_asked_at=timezone.now(),
        **more,
    )
    made.begin_history(actor="broker", because="made for a test")
    return made


def relationship(
    of: BrokerageAccount, *, status: str = states.APPROVED, login: BankLogin | None = None, **more: Any
) -> ACHRelationship:
    """Make a linked bank account; with a `login` Plaid's sandbox knows it, too."""
    login = login or BankLogin(uuid.uuid4().hex, f"access-sandbox-{uuid.uuid4()}", uuid.uuid4().hex)
    item = PlaidItem.objects.create(
        user=of.user,
        plaid_item_id=login.item_id,
        access_token=login.access_token,
        institution_id="ins_109511",
        institution_name="Tartan Bank",
    )
    values: dict[str, Any] = {
        "brokerage_account": of,
        "item": item,
        "plaid_account_id": login.account_id,
        "name": "Plaid Checking",
        "mask": "0000",
        "subtype": "checking",
        "sending": states.ACCEPTED,
        "alpaca_id": str(uuid.uuid4()),
        "status": status,
    }
    return ACHRelationship.objects.create(**(values | more))


def transfer(
    of: ACHRelationship,
    amount: str = "250.00",
    *,
    direction: str = states.INCOMING,
    sending: str = states.ACCEPTED,
    status: str = "",
    **more: Any,
) -> Transfer:
    """Make a transfer that stands where the test begins."""
    if sending == states.ACCEPTED:
        status = status or states.QUEUED
        more = {"alpaca_id": str(uuid.uuid4()), "accepted_at": timezone.now()} | more
    created_at = more.setdefault("created_at", timezone.now())
    if direction == states.INCOMING and more.get("origin") != Transfer.Origin.EXTERNAL:
        more.setdefault("authorization", authorization(of, amount, created_at=created_at))
    allowed = more.pop("allowed", sending not in {*states.UNSENT, states.DECLINED, states.WITHDRAWN})
    values: dict[str, Any] = {
        "user": of.brokerage_account.user,
        "brokerage_account": of.brokerage_account,
        "relationship": of,
        "direction": direction,
        "amount": Decimal(amount),
        "form_key": uuid.uuid4(),
        "parameters_hash": "made for a test",
        "sending": sending,
        "status": status,
        "leaves_on": banking_days.leaves_on(created_at),
        "expected_on": timezone.localdate() + timedelta(days=4),
    }
    made = Transfer(**(values | more))
    if allowed and made.direction == states.INCOMING and made.origin == Transfer.Origin.CUSTOMER:
        return _cleared(made)
    made.save()
    return made


def _cleared(deposit: Transfer) -> Transfer:
    """Save a deposit that passed the risk gate: it names its decision, which names it, so it goes in unsent first."""
    wanted, deposit.sending = deposit.sending, states.RESERVED
    deposit.save()
    deposit.cleared_by = RiskDecision.objects.create(
        transfer=deposit, outcome="ALLOW", actor="a test", rules_version="a test"
    )
    deposit.sending = wanted
    deposit.save()
    return deposit


def authorization(of: ACHRelationship, amount: str = "250.00", **more: Any) -> DebitAuthorization:
    values = {"text": "I authorize this.", "version": "a test", "ip_address": VISIT.ip_address}
    return DebitAuthorization.objects.create(relationship=of, amount=Decimal(amount), **(values | more))


def notice(to: User, title: str = "Told", body: str = "It is there.", **more: Any) -> Notice:
    values: dict[str, Any] = {"key": str(uuid.uuid4()), "kind": "SETTLED", "path": "/transfers/"}
    return Notice.objects.create(user=to, title=title, body=body, **(values | more))


def stream_read(name: str, until: datetime, *, since: datetime | None = None) -> StreamCursor:
    """Say that one of the broker's streams has been read up to a moment, since another, or since long ago."""
    since = since or until - timedelta(days=30)
    values = {"ulid": "0" * 26, "reading_since": since, "read_until": until}
    cursor, _ = StreamCursor.objects.update_or_create(name=name, defaults=values)
    return cursor


def portfolio(of: BrokerageAccount, *positions: tuple[str, str, str, str], **more: Any) -> Portfolio:
    """Make what the broker told a moment ago; a position is a symbol, a quantity, a value and a gain."""
    rows = [
        {
            "symbol": symbol,
            "quantity": quantity,
            "value": value,
            "cost": str(Decimal(value) - Decimal(gain)),
            "gain": gain,
        }
        for symbol, quantity, value, gain in positions
    ]
    now = timezone.now()
    values = {"positions": rows, "positions_as_of": now, "history_as_of": now, "asked_at": now}
    return Portfolio.objects.create(brokerage_account=of, **(values | more))


def history(*amounts: str, until: date | None = None) -> list[list[str]]:
    """Return one value a day, up to today."""
    last = until or timezone.localdate()
    return [[(last - timedelta(days=len(amounts) - 1 - n)).isoformat(), amount] for n, amount in enumerate(amounts)]


def document(
    of: BrokerageAccount, kind: str = "account_statement", on: date | None = None, **more: Any
) -> BrokerDocument:
    """Make one line of the broker's list, which we read a moment ago."""
    now = timezone.now()
    DocumentList.objects.update_or_create(brokerage_account=of, defaults={"as_of": now, "asked_at": now})
    values: dict[str, Any] = {"alpaca_document_id": str(uuid.uuid4()), "name": f"{kind}.pdf", "on": on}
    return BrokerDocument.objects.create(brokerage_account=of, kind=kind, **(values | more))
