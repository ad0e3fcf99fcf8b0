"""What the views pass to each page, in samples that show all of it: no database, no view, no vendor."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace as Row
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.test import RequestFactory

from accounts import documents_asked
from accounts.forms.uploads import UploadForm

KEY = UUID("6f1c90ae-2b47-4c11-9d0e-5a1d7c3b8f42")
AT = datetime(2026, 11, 24, 15, 52, tzinfo=UTC)
TUESDAY = date(2026, 11, 24)
MONDAY = date(2026, 11, 30)
HOLIDAYS = [(date(2026, 11, 26), "Thanksgiving")]
BUSY = {"tone": "busy", "icon": "clock", "word": "On its way", "note": "arrives by Mon, Nov 30", "lede": "It left."}
OK = {"tone": "ok", "icon": "check", "word": "Settled", "note": "", "lede": "It is in your account."}
RETURNED = {"tone": "danger", "icon": "return", "word": "Returned", "note": "not enough money", "lede": "It went back."}
UNKNOWN = {"tone": "unknown", "icon": "unknown", "word": "Confirming", "note": "with the broker", "lede": "We ask."}
CANCELED = {"tone": "", "icon": "minus", "word": "Canceled", "note": "by you", "lede": "No money moved."}
ACCOUNT = Row(number_mask="7731", holder="Maya Okafor")
TARTAN = Row(institution_name="Tartan Bank", account_label="Checking", mask="4417", created_at=AT, ended_at=AT)


def _transfer(
    words: dict[str, str], direction: str = "INCOMING", amount: str = "2000.00", *, struck: bool = False
) -> Row:
    return Row(
        pk=KEY,
        url="/transfers/6f1c90ae/",
        direction=direction,
        amount=Decimal(amount),
        created_at=AT,
        words=words,
        relationship=TARTAN,
        is_struck=struck,
        short_reference="6f1c90ae",
        reason="",
        return_code="",
        authorization=Row(text="I authorize one debit of $2,000.00.") if direction == "INCOMING" else None,
    )


TRANSFERS = [
    _transfer(BUSY, "OUTGOING", "500.00"),
    _transfer(UNKNOWN, amount="1200.00"),
    _transfer(OK),
    _transfer(RETURNED, amount="400.00", struck=True),
    _transfer(CANCELED, amount="75.00", struck=True),
]
LEDGER = {
    "lines": [
        {"label": "Cash in your account", "note": "", "on": None, "amount": Decimal("4568.20")},
        {"label": "Deposit on hold", "note": "until", "on": date(2026, 12, 1), "amount": Decimal("-2000.00")},
        {"label": "Withdrawal under way", "note": "arrives by", "on": MONDAY, "amount": Decimal("-500.00")},
    ],
    "total_label": "You can withdraw",
    "total": Decimal("2068.20"),
}
LIMITS = [
    {"label": "Left today", "note": "of $50,000.00", "amount": Decimal("48800.00")},
    {"label": "Left in these 30 days", "note": "of $100,000.00", "amount": Decimal("20050.00")},
]
TIMELINE = [
    {"icon": "check", "tone": "", "title": "You asked for this deposit", "at": AT},
    {"icon": "clock", "tone": "busy", "title": "Sent to Tartan Bank", "at": AT, "text": "It left.", "current": True},
    {"icon": "todo", "tone": "", "title": "In your account", "on": MONDAY, "todo": True},
]
STEPS = [
    Row(
        number=number,
        slug=f"step-{number}",
        title=title,
        question=f"What is your {title}?",
        why="The law asks.",
        previous=None,
    )
    for number, title in enumerate(
        ["your name", "contact details", "home address", "agreements", "check and send"], start=1
    )
]
STEPS[2].previous = STEPS[1]


class Address(forms.Form):
    street = forms.CharField(label="Street address", help_text="Where you live, not a PO box.")
    unit = forms.CharField(label="Apartment or unit", required=False)
    state = forms.ChoiceField(label="State", choices=[("NJ", "New Jersey"), ("NY", "New York")])
    source = forms.MultipleChoiceField(
        label="Where does the money come from?",
        choices=[("pay", "Pay from work"), ("savings", "Savings")],
        widget=forms.CheckboxSelectMultiple,
    )
    agreed = forms.BooleanField(label="I have read the customer agreement and agree to it")


class Credentials(forms.Form):
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


class Amount(forms.Form):
    amount = forms.CharField(
        label="Amount",
        help_text="Up to $10,000.00 today.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    form_key = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget.template_name = "django/forms/widgets/amount.html"


class Choice(forms.Form):
    account = forms.ChoiceField(
        label="Account", choices=[("1", "Checking ••0000"), ("2", "Savings ••1111")], widget=forms.RadioSelect
    )


class Filters(forms.Form):
    direction = forms.ChoiceField(label="Type", choices=[("", "Deposits and withdrawals")], required=False)
    status = forms.ChoiceField(label="Status", choices=[("", "Any")], required=False)
    since = forms.DateField(label="Since", required=False, widget=forms.DateInput(attrs={"type": "date"}))


def _sign_in_refused() -> Credentials:
    form = Credentials({"email": "ada@example.com", "password": "x"})
    form.add_error(None, "This e-mail address and password don’t belong together.")
    return form


STEP: dict[str, Any] = {
    "step": STEPS[2],
    "steps": STEPS,
    "number": 3,
    "previous": STEPS[1],
    "seen": "2026-11-22T10:00:00+00:00",
    "saved_at": AT,
}
AGREEMENT = {"name": "customer_agreement", "title": "Customer agreement", "revision": "21", "is_sample": True}
BLOCKS = [("heading", "Your account"), ("paragraph", "The broker opens one account in your name.")]
CHECKS = [
    {"label": "Identity", "tone": "ok", "icon": "check", "word": "Confirmed"},
    {"label": "Home address", "tone": "busy", "icon": "clock", "word": "Being checked"},
]
SECTIONS = [
    {
        "title": "You",
        "rows": [
            {"label": "Name", "value": "Thảo Nguyễn", "note": "We send “Thao Nguyen”.", "url": "/apply/name/"},
            {"label": "Home address", "value": "84 Willow Terrace\nHoboken, NJ 07030", "note": "", "url": "/apply/a/"},
        ],
    }
]
WAITING: dict[str, Any] = {
    "words": {**BUSY, "word": "Being checked", "headline": "The broker is checking", "sentence": "Minutes, mostly."},
    "live": True,
    "checks": CHECKS,
    "application": Row(sent_at=AT, short_reference="03c877f2"),
}
LEASE, SELFIE = documents_asked.BY_SLUG["address"], documents_asked.BY_SLUG["selfie"]
ATTENTION = [
    {
        "tone": "danger",
        "icon": "return",
        "title": "A deposit came back",
        "text": "R01.",
        "url": "/t/",
        "action": "See it",
    },
    {
        "tone": "warn",
        "icon": "alert",
        "title": "Cash is below $0.00",
        "text": "Deposit $86.40.",
        "url": "",
        "action": "",
    },
]
NEXT = {"title": "Link your bank", "text": "Deposits come from it.", "url": "/bank/", "action": "Link a bank"}
NO_WORTH = Row(value=None, lines=[], points=[], has_history=False, positions=[], positions_as_of=None)
WORTH = Row(
    value=Decimal("10628.04"),
    lines=[{"label": "Investments", "amount": Decimal("6059.84")}, {"label": "Cash", "amount": Decimal("4568.20")}],
    points=[(TUESDAY, Decimal("9000.00")), (MONDAY, Decimal("10628.04"))],
    has_history=True,
    periods=[Row(word="3M", said="3 months", url="?period=3m", is_current=True)],
    said="3 months",
    history_as_of=AT,
    positions=[
        Row(symbol="VTI", quantity="3.5 shares", value=Decimal("1050.00"), gain=Decimal("50.00"), direction="INCOMING",
            word="gain", note="5.0%"),
        Row(symbol="ODD", quantity="1 share", value=None, gain=None),
    ],
    position_count=21,
    more=True,
    positions_as_of=AT,
)  # fmt: skip
DOCUMENT_LIST = Row(as_of=AT)
GROUP = Row(
    title="Statements",
    lines=[
        Row(title="Statement of October 2026", note="", on=TUESDAY, document=Row(pk=KEY), signature=None),
        Row(title="Customer agreement", note="Revision 21", on=AT, document=None, signature=Row(pk=KEY, text="Words")),
    ],
    count=33,
    more=True,
    all_url="?kind=statements",
)
DOCUMENTS: dict[str, Any] = {
    "account": ACCOUNT,
    "listed": DOCUMENT_LIST,
    "stale": False,
    "filters": forms.Form(),
    "filtered": False,
    "groups": [],
}
OVERVIEW: dict[str, Any] = {
    "worth": WORTH,
    "account": ACCOUNT,
    "cash": Decimal("4568.20"),
    "as_of": AT,
    "stale": False,
    "ledger": LEDGER,
    "pending_in": Decimal("250.00"),
    "pending_in_by": MONDAY,
    "attention": ATTENTION,
    "transfers": TRANSFERS,
    "next_step": None,
}
APPROVING = {"tone": "busy", "icon": "clock", "word": "Being approved", "sentence": "The broker approves it."}
STOPPED = {"tone": "danger", "icon": "stop", "word": "Stopped", "sentence": "The account is closed."}
SIGN_IN = {"tone": "warn", "icon": "alert", "word": "Sign-in needed", "sentence": "Your bank wants you to sign in."}
NEXT_BANK = {"tone": "busy", "icon": "clock", "word": "Comes next", "sentence": "It takes over."}


def _bank(words: dict[str, str] | None = None, **can: Any) -> dict[str, Any]:
    """Return what a bank page is given: as a BankPage, a bank that nothing can be done about unless told so."""
    link = TARTAN if words else None
    page = Row(**{"link": link, "words": words, "coming": None, "coming_words": None, "is_open": True} | can)
    return {"account": ACCOUNT, "page": page, "earlier": [TARTAN]}


MANAGED = {"can_replace": True}
REPLACING = _bank(APPROVING, coming=TARTAN, coming_words=NEXT_BANK, can_call_off=True, live=True)


def _pass(purpose: str, **more: Any) -> Row:
    """Return one pass through Plaid Link."""
    return Row(pk=KEY, purpose=purpose, get_purpose_display="Link a bank", link_token="link-1", **more)


LINK: dict[str, Any] = {"sessions": [_pass("LINK")], "script_url": "/static/plaid.js"}
MOVE: dict[str, Any] = {
    "direction": "INCOMING",
    "relationship": TARTAN,
    "limits": LIMITS,
    "limits_after": LIMITS,
    "leaves_on": TUESDAY,
    "arrives_on": MONDAY,
    "cut_off_at": datetime(2026, 11, 24, 19, 0, tzinfo=UTC),
    "closed_days": HOLIDAYS,
    "withdrawable_on": date(2026, 12, 7),
    "hold_days": 5,
    "amount": Decimal("1200.00"),
    "fee": Decimal(0),
    "back_url": "/deposit/",
    "form": Amount(),
}
OBSTACLE = {
    "title": "No more deposits today",
    "text": "You can ask for another one on Mon, Nov 30.",
    "url": "/transfers/",
    "action": "See your transfers",
    "tone": "warn",
    "icon": "clock",
}
AUTHORIZATION = Row(
    amount=Decimal("2000.00"),
    text="I authorize one debit of $2,000.00.",
    created_at=AT,
    ip_address="203.0.113.7",
    user_agent="",
    version="2026-11-1",
)
DEPOSIT_REVIEW = {**MOVE, "authorization": "By choosing “Deposit $1,200.00” I authorize one debit of $1,200.00."}
TRANSFER: dict[str, Any] = {
    "transfer": _transfer(BUSY),
    "words": BUSY,
    "timeline": TIMELINE,
    "can_cancel": True,
    "live": True,
    "details": [{"label": "From", "value": "Tartan Bank ••4417"}, {"label": "Fee", "value": "$0.00"}],
    "dates": [
        {"label": "Leaves by", "at": AT, "note": "Until then you can cancel."},
        {"label": "Settled", "on": MONDAY},
    ],
}
LISTED: dict[str, Any] = {
    "groups": [
        {"label": "November 2026", "total_in": Decimal("3750"), "total_out": Decimal("500"), "transfers": TRANSFERS},
    ],
    "filters": Filters(),
    "any": True,
    "older_url": "/transfers/?before=6f1c",
}
NOTICES = [
    Row(pk=KEY, title="Your deposit of $50.00 has settled", body="It is there.", path="/t/", created_at=AT, read_at=AT),
    Row(pk=KEY, title="Your deposit of $50.00 is on its way", body="It left.", path="/t/", created_at=AT, read_at=None),
]
QUEUES = [
    {"title": "Unknown", "url": "/admin/u/", "count": 2, "oldest": AT, "text": "Ask the broker.", "tone": "danger"},
]

PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "403": ("403.html", {}),
    "403-csrf": ("403_csrf.html", {}),
    "404": ("404.html", {}),
    "429": ("429.html", {"retry_at": AT}),
    "503": ("503.html", {}),
    "styleguide": ("styleguide.html", {}),
    "home": ("accounts/home.html", {}),
    "agreement": (
        "accounts/agreement.html",
        {"text": Row(title="Customer agreement", revision="21", is_sample=True), "blocks": BLOCKS},
    ),
    "sign-up": ("accounts/sign_up.html", {"form": Credentials()}),
    "sign-up-errors": ("accounts/sign_up.html", {"form": Credentials({"email": "ada"})}),
    "sign-up-sent": ("accounts/sign_up_sent.html", {"mail_folder": "/srv/var/mail"}),
    "sign-up-finish": ("accounts/sign_up_finish.html", {"form": Credentials(), "email": "ada@example.com"}),
    "password-forgotten": ("accounts/password_forgotten.html", {"form": Credentials()}),
    "password-sent": ("accounts/password_sent.html", {"mail_folder": ""}),
    "password-new": ("accounts/password_new.html", {"form": Credentials(), "email": "ada@example.com"}),
    "password": ("accounts/settings_password.html", {"form": Credentials(), "email": "a@b.example", "has_one": True}),
    "password-none": ("accounts/settings_password.html", {"form": Credentials(), "has_one": False}),
    "letter-link-over": ("accounts/letter_link_over.html", {"text": "It was used.", "ask_again": "sign-up"}),
    "sign-in": ("accounts/sign_in.html", {"form": Credentials(), "next": "/bank/"}),
    "sign-in-refused": ("accounts/sign_in.html", {"form": _sign_in_refused()}),
    "step": ("accounts/apply_step.html", {**STEP, "form": Address()}),
    "step-notice": (
        "accounts/apply_step.html",
        {**STEP, "form": Address(), "notice": {"title": "Why we ask who you are", "blocks": BLOCKS}},
    ),
    "step-errors": ("accounts/apply_step.html", {**STEP, "form": Address({"state": "TX"})}),
    "step-agreements": (
        "accounts/apply_step.html",
        {**STEP, "form": Address(), "agreements": [AGREEMENT]},
    ),
    "check": ("accounts/apply_check.html", {**STEP, "sections": SECTIONS, "missing": []}),
    "check-missing": (
        "accounts/apply_check.html",
        {**STEP, "sections": SECTIONS, "missing": [{"label": "Home address", "url": "/apply/home/"}]},
    ),
    "waiting": ("accounts/waiting.html", WAITING),
    "waiting-refused": (
        "accounts/waiting.html",
        {
            **WAITING,
            "live": False,
            "words": {
                "tone": "warn",
                "icon": "alert",
                "word": "Action needed",
                "headline": "One answer needs a change",
                "sentence": "The broker did not take it.",
            },
            "next_url": "/apply/contact/",
            "next_action": "Change contact details",
        },
    ),
    "waiting-documents": (
        "accounts/waiting.html",
        {
            **WAITING,
            "live": False,
            "words": {
                "tone": "warn",
                "icon": "alert",
                "word": "Action needed",
                "headline": "The broker needs to see a document",
                "sentence": "Send what it asks for.",
            },
            "write_url": "mailto:help@example.com",
            "needs": [{**ATTENTION[1], "words": {**RETURNED, "tone": "warn"}}, {**ATTENTION[0], "words": BUSY}],
            "sent": [{"label": "Lease", "at": AT, "words": {**BUSY, "sentence": "A person looks at it."}}],
            "brokers_words": "Please send <b>page 2</b>.",
            "restrictions": ATTENTION,
        },
    ),
    "document": ("accounts/document_upload.html", {"asked": LEASE, "form": UploadForm(asked=LEASE)}),
    "document-errors": ("accounts/document_upload.html", {"asked": LEASE, "form": UploadForm({}, asked=LEASE)}),
    "document-only": ("accounts/document_upload.html", {"asked": SELFIE, "form": UploadForm(asked=SELFIE)}),
    "notifications": ("accounts/notifications.html", {"notices": NOTICES, "shown_at": AT, "older_url": "/n/?before=1"}),
    "notifications-none": ("accounts/notifications.html", {"notices": [], "shown_at": AT}),
    "waiting-approved": (
        "accounts/waiting.html",
        {
            **WAITING,
            "live": False,
            "words": {**OK, "word": "Open", "headline": "Your account is open", "sentence": "Link a bank next."},
            "next_url": "/bank/",
            "next_action": "Link a bank",
        },
    ),
    "overview": ("funding/overview.html", OVERVIEW),
    "overview-new": (
        "funding/overview.html",
        {**OVERVIEW, "attention": [], "transfers": [], "next_step": NEXT, "cash": Decimal("0.00"), "pending_in": 0},
    ),
    "overview-no-news-of-worth": ("funding/overview.html", {**OVERVIEW, "worth": NO_WORTH}),
    "documents": ("accounts/documents.html", {**DOCUMENTS, "groups": [GROUP]}),
    "documents-none": ("accounts/documents.html", DOCUMENTS),
    "documents-stale": ("accounts/documents.html", {**DOCUMENTS, "groups": [GROUP], "stale": True}),
    "documents-before-an-account": ("accounts/documents.html", {**DOCUMENTS, "account": None, "listed": None}),
    "documents-no-match": ("accounts/documents.html", {**DOCUMENTS, "filtered": True}),
    "document-away": ("accounts/document_away.html", {"text": "The broker can’t hand it out."}),
    "overview-stale": ("funding/overview.html", {**OVERVIEW, "stale": True, "attention": []}),
    "overview-unheard-of": ("funding/overview.html", {**OVERVIEW, "cash": None, "as_of": None, "ledger": None}),
    "overview-no-account": ("funding/overview.html", {"account": None, "next_step": NEXT}),
    "bank": ("funding/bank.html", _bank(APPROVING, live=True, **MANAGED)),
    "bank-none": ("funding/bank.html", {**_bank(can_link=True), "earlier": []}),
    "bank-too-early": ("funding/bank.html", {**_bank(is_open=False), "earlier": []}),
    "bank-broken": ("funding/bank.html", _bank(STOPPED, **MANAGED)),
    "bank-refused": ("funding/bank.html", _bank(STOPPED, can_link=True, can_type=True)),
    "bank-sign-in": ("funding/bank.html", _bank(SIGN_IN, can_sign_in=True, asks_sign_in=True, **MANAGED)),
    "bank-revoked": ("funding/bank.html", _bank(STOPPED, asks_new_link=True, **MANAGED)),
    "bank-code": ("funding/bank.html", _bank(SIGN_IN, awaits_code=True, can_call_off=True)),
    "bank-replacing": ("funding/bank.html", REPLACING),
    "bank-replace": ("funding/bank_replace.html", {**_bank(APPROVING, can_type=True), "transfers": TRANSFERS}),
    "bank-unlink": ("funding/bank_unlink.html", {**_bank(APPROVING), "transfers": []}),
    "bank-unlink-under-way": ("funding/bank_unlink.html", {**_bank(APPROVING), "transfers": TRANSFERS}),
    "bank-numbers": ("funding/bank_numbers.html", {"form": Address(), "replaced": TARTAN}),
    "link": ("funding/link.html", {**LINK, "session": LINK["sessions"][0]}),
    "link-repair": ("funding/link.html", {**LINK, "session": _pass("REPAIR", updates=TARTAN)}),
    "link-code": ("funding/link.html", {**LINK, "session": _pass("VERIFY", updates=TARTAN)}),
    "link-account": ("funding/link_account.html", {"form": Choice(), "institution_name": "Tartan Bank"}),
    "link-account-replacing": (
        "funding/link_account.html",
        {"form": Choice(), "institution_name": "Tartan Bank", "replaced": TARTAN},
    ),
    "link-account-errors": ("funding/link_account.html", {"form": Choice({}), "institution_name": "Tartan Bank"}),
    "deposit": ("funding/amount.html", MOVE),
    "deposit-errors": ("funding/amount.html", {**MOVE, "stale": True, "form": Amount({"form_key": "k"})}),
    "deposit-not-now": ("funding/amount.html", {**MOVE, "obstacle": OBSTACLE}),
    "authorization": ("funding/authorization.html", {"transfer": TRANSFERS[1], "authorization": AUTHORIZATION}),
    "withdraw": ("funding/amount.html", {**MOVE, "direction": "OUTGOING", "ledger": LEDGER}),
    "review-deposit": ("funding/review.html", DEPOSIT_REVIEW),
    "review-withdrawal": ("funding/review.html", {**MOVE, "direction": "OUTGOING", "withdrawable_on": None}),
    "transfers": ("funding/transfers.html", LISTED),
    "transfers-filtered": ("funding/transfers.html", {**LISTED, "groups": [], "filtered": True}),
    "transfers-none": ("funding/transfers.html", {"any": False, "filters": Filters()}),
    "transfer": ("funding/transfer.html", TRANSFER),
    "transfer-settled": (
        "funding/transfer.html",
        {**TRANSFER, "words": OK, "can_cancel": False, "live": False},
    ),
}


class SliceOf(list[None]):
    """Stands where the unread notices of a customer are counted."""

    def __init__(self, count: int) -> None:
        super().__init__([None] * count)

    def unread(self) -> "SliceOf":
        return self

    def __getitem__(self, part: Any) -> Any:
        return Row(count=lambda: len(self))


def request(*, signed_in: bool = True) -> HttpRequest:
    made = RequestFactory().get("/")
    unread = SliceOf(3)
    made.user = Row(is_authenticated=signed_in, notices=Row(all=lambda: unread))  # type: ignore[assignment]  # a stand-in
    return made
