"""The kinds of rows that the desk finds: by which ids, by which words, and what is shown of each.

Read by desk. Each way is a column with an index, or the key of rows that were found by one.
"""

from collections.abc import Callable

from django.db.models import Model, Q

from accounts.models import (
    Application,
    BrokerageAccount,
    BrokerDocument,
    DetailsChange,
    DocumentUpload,
    EmailChange,
    LegalHold,
    Notice,
    StreamEvent,
    User,
)
from brokerage import money
from brokerage.sheets import copyable
from brokerage.template_tags import moment
from funding.desk_search import Kind, Sought
from funding.models import (
    ACHRelationship,
    Brake,
    Break,
    Case,
    Closing,
    Freeze,
    LimitOverride,
    LinkSession,
    PlaidItem,
    PlaidWebhook,
    Transfer,
)

Ways = Callable[[Sought], list[Q]]


def _of_ours(sought: Sought, path: str = "pk") -> list[Q]:
    return [Q(**{f"{path}__range": sought.ours})] if sought.ours else []


def _of_theirs(sought: Sought, *paths: str) -> list[Q]:
    return [Q(**{f"{path}__in": sought.theirs}) for path in paths] if sought.theirs else []


def _of_people(sought: Sought, path: str) -> list[Q]:
    return [Q(**{f"{path}__in": sought.people})] if sought.people else []


def _ids(*vendors: str, also_ours: tuple[str, ...] = ()) -> Ways:
    """Return the ways by an id of ours, or by what a vendor calls it."""
    ours = ("pk", *also_ours)
    return lambda sought: [*(way for path in ours for way in _of_ours(sought, path)), *_of_theirs(sought, *vendors)]


def _of_user(path: str) -> Ways:
    return lambda sought: _of_people(sought, path)


def _without_application(sought: Sought) -> list[Q]:
    return [way & Q(application=None) for way in _of_ours(sought)]


def _people_without_application(sought: Sought) -> list[Q]:
    return [way & Q(application=None) for way in _of_people(sought, "pk")]


def _by_digits_or_person(sought: Sought) -> list[Q]:
    by_mask = [Q(mask=sought.mask)] if sought.mask else []
    return [*by_mask, *_of_people(sought, "brokerage_account__user")]


def _by_amount_digits_or_person(sought: Sought) -> list[Q]:
    by_amount = [Q(amount=sought.amount)] if sought.amount is not None else []
    by_mask = [Q(relationship__mask=sought.mask)] if sought.mask else []
    return [*by_amount, *by_mask, *_of_people(sought, "user")]


def _of_unknown_items(sought: Sought) -> list[Q]:
    """Return, besides a webhook's own id, that of an item which we do not hold: its webhooks are all there is."""
    return [*_of_ours(sought), *(way & Q(item=None) for way in _of_theirs(sought, "plaid_item_id"))]


# --- What is shown ----------------------------------------------------------------------------------------------------


def _person(row: Application) -> tuple[object, ...]:
    return row.user.email, row.full_name, row.status, moment(row.created_at), copyable(row.pk)


def _sign_in(row: User) -> tuple[object, ...]:
    return row.email, "operations" if row.is_staff else "customer", moment(row.created_at), copyable(row.pk)


def _account(row: BrokerageAccount) -> tuple[object, ...]:
    return row, row.user.email, row.status, moment(row.status_at), copyable(row.alpaca_id)


def _bank(row: ACHRelationship) -> tuple[object, ...]:
    whose = row.brokerage_account.user.email
    return row, whose, f"{row.sending} {row.status}".strip(), moment(row.created_at), copyable(row.alpaca_id)


def _login(row: PlaidItem) -> tuple[object, ...]:
    return row, row.user.email, row.health, moment(row.health_at), copyable(row.plaid_item_id)


def _pass(row: LinkSession) -> tuple[object, ...]:
    return row, row.user.email, row.outcome or "under way", moment(row.created_at), copyable(row.request_id)


def _transfer(row: Transfer) -> tuple[object, ...]:
    stands = f"{row.sending} {row.status} {row.return_code}".strip()
    return (
        row,
        row.user.email,
        money.show(row.amount),
        stands,
        moment(row.created_at),
        row.relationship or "",
        copyable(row.pk),
    )


def _case(row: Case) -> tuple[object, ...]:
    closed = moment(row.closed_at) if row.closed_at else "open"
    return row, row.brokerage_account.user.email, row.because, moment(row.opened_at), closed


def _freeze(row: Freeze) -> tuple[object, ...]:
    lifted = moment(row.lifted_at) if row.lifted_at else "stands"
    return row, row.brokerage_account.user.email, row.because, moment(row.frozen_at), lifted


def _webhook(row: PlaidWebhook) -> tuple[object, ...]:
    return row, row.status, moment(row.received_at), copyable(row.plaid_item_id)


def _event(row: StreamEvent) -> tuple[object, ...]:
    return row, row.state, row.why, moment(row.received_at), copyable(row.account_id)


def _plain(row: Model) -> tuple[object, ...]:
    return row, copyable(row.pk)


def _other(model: type[Model], newest: str, *vendors: str) -> Kind:
    """Return a kind that is found by its ids alone."""
    name, title = model._meta.model_name or "", str(model._meta.verbose_name_plural).capitalize()
    return Kind(name, title, model, _ids(*vendors), ("What", "Our id"), _plain, newest=newest)


_ACCOUNT = "brokerage_account__user"
KINDS: tuple[Kind, ...] = (
    Kind(
        "people",
        "People",
        Application,
        _ids(also_ours=("user__id",)),
        ("E-mail", "Name", "Application", "Begun", "Our id"),
        _person,
        _of_user("user"),
        ("user",),
    ),
    Kind(
        "sign-ins",
        "Sign-ins without an application",
        User,
        _without_application,
        ("E-mail", "Who", "Signed up", "Our id"),
        _sign_in,
        _people_without_application,
    ),
    Kind(
        "accounts",
        "Brokerage accounts",
        BrokerageAccount,
        _ids("alpaca_id", "account_number", "events__vendor_event_id"),
        ("Account", "Customer", "Status", "Since", "The broker’s id"),
        _account,
        _of_user("user"),
        ("user",),
    ),
    Kind(
        "banks",
        "Bank accounts",
        ACHRelationship,
        _ids("alpaca_id", "events__vendor_event_id"),
        ("Bank account", "Customer", "Status", "Chosen", "The broker’s id"),
        _bank,
        _by_digits_or_person,
        ("item", _ACCOUNT),
    ),
    Kind(
        "logins",
        "Logins at banks",
        PlaidItem,
        _ids("plaid_item_id"),
        ("Login", "Customer", "How it is", "Since", "Plaid’s id"),
        _login,
        _of_user("user"),
        ("user",),
    ),
    Kind(
        "passes",
        "Passes through Link",
        LinkSession,
        _ids("request_id", "events__link_session_id", "events__request_id"),
        ("Pass", "Customer", "Outcome", "Begun", "Plaid’s request id"),
        _pass,
        related=("user",),
    ),
    Kind(
        "transfers",
        "Transfers",
        Transfer,
        _ids(
            "alpaca_id", "attempt__request_id", "events__vendor_event_id", also_ours=("authorization__id", "form_key")
        ),
        ("Transfer", "Customer", "Amount", "Status", "Asked for", "Bank", "Our id"),
        _transfer,
        _by_amount_digits_or_person,
        ("user", "relationship__item"),
    ),
    Kind(
        "cases",
        "Cases",
        Case,
        _ids(),
        ("Case", "Customer", "Because", "Opened", "Closed"),
        _case,
        _of_user(_ACCOUNT),
        ("transfer", _ACCOUNT),
        "-opened_at",
    ),
    Kind(
        "freezes",
        "Freezes",
        Freeze,
        _ids(),
        ("Freeze", "Customer", "Because", "Frozen", "Lifted"),
        _freeze,
        _of_user(_ACCOUNT),
        (_ACCOUNT,),
        "-frozen_at",
    ),
    Kind(
        "webhooks",
        "Plaid’s webhooks",
        PlaidWebhook,
        _of_unknown_items,
        ("Webhook", "Status", "Received", "Plaid’s item id"),
        _webhook,
        newest="-received_at",
    ),
    Kind(
        "events",
        "The broker’s news",
        StreamEvent,
        _ids("event_id", "account_id"),
        ("Event", "State", "Why", "First heard", "The broker’s account id"),
        _event,
        newest="-received_at",
    ),
    _other(Break, "-first_seen_at"),
    _other(Brake, "-engaged_at"),
    _other(LimitOverride, "-created_at"),
    _other(Closing, "-created_at"),
    _other(DetailsChange, "-created_at"),
    _other(EmailChange, "-created_at"),
    _other(BrokerDocument, "-first_seen_at", "alpaca_document_id"),
    _other(DocumentUpload, "-created_at"),
    _other(Notice, "-created_at"),
    _other(LegalHold, "-placed_at"),
)
