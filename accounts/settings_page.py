"""The page of a customer's settings: what we and the broker have, section by section, with the way to change it.

Called by views. What is sensitive stands there by its last digits; columns follow the broker's yes, so both hold it.
"""

from dataclasses import dataclass, field

from django.conf import settings

from accounts import change_page, kept_details, states
from accounts.change_page import Standing
from accounts.models import Application, BrokerageAccount, DetailsChange, EmailChange, User
from accounts.operations import change_hindrances, email_change, second_factor

Kind = DetailsChange.Kind
# A refusal is told for as long as its page may still be open in front of somebody, and by a notice for ever.
_SHOWN = [*sorted(states.OPEN_CHANGE), states.REFUSED]


@dataclass(frozen=True)
class Section:
    """One kind of details."""

    kind: str
    slug: str
    title: str
    rows: list[dict[str, str]]
    standing: Standing | None
    action: str
    change: DetailsChange | None  # the one that `standing` is about

    @property
    def is_under_way(self) -> bool:
        return self.change is not None and self.change.is_open


@dataclass(frozen=True)
class Page:
    """All of a person's settings. `hinders` says why nothing can be changed at the broker now."""

    email: str
    has_password: bool
    email_change: EmailChange | None
    account: BrokerageAccount | None
    application: Application | None
    has_second_factor: bool
    hinders: str = ""
    sections: list[Section] = field(default_factory=list)
    person: list[dict[str, str]] = field(default_factory=list)

    @property
    def can_change(self) -> bool:
        return not self.hinders

    @property
    def can_close(self) -> bool:
        return self.account is not None and self.account.status in states.OPENED


def of(user: User) -> Page:
    account = BrokerageAccount.objects.select_related("application__user").filter(user=user).first()
    standing, has_second_factor = email_change.standing(user), second_factor.is_on(user)
    has_password = user.has_usable_password() and not settings.OIDC_ISSUER  # where a provider asks, ours opens nothing
    if account is None:
        application = Application.objects.filter(user=user).first()
        return Page(user.email, has_password, standing, None, application, has_second_factor)
    latest = _latest(account)
    return Page(
        user.email,
        has_password,
        standing,
        account,
        account.application,
        has_second_factor,
        _hinders(account),
        [_section(account.application, str(kind), latest.get(str(kind))) for kind in change_page.WORDS],
        _person(account.application),
    )


def _hinders(account: BrokerageAccount) -> str:
    try:
        change_hindrances.require_possible(account=account)
    except change_hindrances.ChangeNotPossible as why:
        return why.customer_message
    return ""


def _latest(account: BrokerageAccount) -> dict[str, DetailsChange]:
    """Return the newest change of each kind."""
    newest_last = DetailsChange.objects.filter(brokerage_account=account).order_by("created_at", "pk")
    return {change.kind: change for change in newest_last.defer("before_json", "after_json")}


def _section(application: Application, kind: str, change: DetailsChange | None) -> Section:
    words = change_page.WORDS[kind]
    values = kept_details.read(application, kind)
    rows = [_row(label, text) for label, text in change_page.lines(kind, values).items() if text or not values]
    action = "Change" if values else "Add"
    standing = change_page.standing(change) if change and change.status in _SHOWN else None
    return Section(kind, words.slug, words.title, rows, standing, action, change)


def _row(label: str, text: str) -> dict[str, str]:
    return {"label": label, "value": text or "Nobody named yet"}


def _person(application: Application) -> list[dict[str, str]]:
    rows = [("Name", application.full_name), ("Tax number", application.tax_id_mask)]
    return [_row(label, text) for label, text in rows if text]
