"""How documents stand on their page: grouped by kind, newest first, with the words a customer knows them by.

Called by views. Reads a bounded number of rows, however many years there are; changes nothing.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import AgreementSignature, BrokerageAccount, BrokerDocument, User
from accounts.models.documents import APPLICATION, CONFIRMATION, OTHER, STATEMENT, TAX

AGREEMENTS = "agreements"
TITLES = {
    STATEMENT: "Statements",
    CONFIRMATION: "Trade confirmations",
    TAX: "Tax forms",
    APPLICATION: "Application",
    AGREEMENTS: "Agreements you signed",
    OTHER: "Other documents",
}
# By the broker's word; a word that is not here is known by the name that the broker gave the document.
WORDS = {
    "account_statement": "Statement",
    "crypto_account_statement": "Crypto statement",
    "trade_confirmation": "Trade confirmation",
    "trade_confirmation_json": "Trade confirmation as data (JSON)",
    "account_application": "Your application",
    "options_application": "Options application",
    "tax_statement": "Tax form",
}
PER_GROUP = 12  # on the page of everything
PER_KIND = 100  # on the page of one kind; a year narrows it further
PER_YEAR = 800  # a confirmation of each trading day, and as many as data


@dataclass(frozen=True)
class Line:
    """One document: what it is, of which day, and its row (a BrokerDocument, or an AgreementSignature)."""

    title: str
    note: str
    on: date | None
    document: BrokerDocument | None = None
    signature: AgreementSignature | None = None


@dataclass(frozen=True)
class Group:
    """One kind: some of its documents, newest first, how many there are, and where all of them stand."""

    title: str
    lines: list[Line]
    count: int
    all_url: str

    @property
    def more(self) -> bool:
        return self.count > len(self.lines)


def years(user: User, account: BrokerageAccount | None) -> list[int]:
    """Return the years of which there are documents, the latest first."""
    of_documents = _documents(account, 0).exclude(on=None).dates("on", "year")
    of_signatures = _signatures(user, 0).dates("signed_at", "year")
    return sorted({day.year for day in [*of_documents, *of_signatures]}, reverse=True)


def groups(user: User, account: BrokerageAccount | None, *, kind: str, year: int) -> list[Group]:
    """Return the kinds of which there are documents; only `kind` and `year` where they are given."""
    wanted = [kind] if kind else list(TITLES)
    found = [_group(_rows(each, user, account, year), each, year, narrow=bool(kind)) for each in wanted]
    return [group for group in found if group.lines]


def _rows(kind: str, user: User, account: BrokerageAccount | None, year: int) -> QuerySet[Any]:
    return _signatures(user, year) if kind == AGREEMENTS else _documents(account, year).of_group(kind).newest_first()


def _documents(account: BrokerageAccount | None, year: int) -> Any:
    mine = BrokerDocument.objects.filter(brokerage_account=account) if account else BrokerDocument.objects.none()
    return mine.filter(on__year=year) if year else mine


def _signatures(user: User, year: int) -> QuerySet[AgreementSignature]:
    mine = AgreementSignature.objects.filter(application__user=user).select_related("text").order_by("-signed_at", "pk")
    return mine.filter(signed_at__year=year) if year else mine


def _group(rows: QuerySet[Any], kind: str, year: int, *, narrow: bool) -> Group:
    most = (PER_YEAR if year else PER_KIND) if narrow else PER_GROUP
    shown = list(rows[: most + 1])
    count = rows.count() if len(shown) > most else len(shown)
    asked = {"kind": kind} | ({"year": str(year)} if year else {})
    return Group(
        TITLES[kind], [_line(row) for row in shown[:most]], count, f"{reverse('documents')}?{urlencode(asked)}"
    )


def _line(row: BrokerDocument | AgreementSignature) -> Line:
    if isinstance(row, AgreementSignature):
        title = row.text.title if row.text else row.agreement.replace("_", " ").capitalize()
        return Line(title, f"Revision {row.revision}", row.signed_at, signature=row)
    title = WORDS.get(row.kind) or row.name or "Document"
    if row.group == STATEMENT and row.on:
        title = f"{title} of {row.on:%B %Y}"
    return Line(title, _name_of_its_own(row), row.on, document=row)


def _name_of_its_own(row: BrokerDocument) -> str:
    """Return what the broker calls a tax form, of which there are several kinds; not what only repeats its kind."""
    return row.name if row.group == TAX and not row.name.startswith(row.kind) else ""
