"""Every page of the desk that shows a customer leaves in the audit who saw it; a list that shows none leaves nothing.

Each customer has a name and an address that stand nowhere else, and somebody else of ops opens each page, so that no
look is left out as the second one within an hour.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.urls import reverse

from accounts.models import Application, AuditEntry, User
from brokerage.deeds import Acting
from funding.models import Break, Worker
from tests.access.world import World
from tests.funding.admin.ops import AtTheDesk, person
from tests.harness.roles_laid_down import lay_roles_down
from tests.hostile.pages import of_the_desk
from tests.hostile.rows import one_of_everything, ours
from tests.hostile.stage import built

pytestmark = pytest.mark.django_db

CANARY = "canary-merle"
# By which of its columns a row leads to a customer; by the others, to whoever of ops saw to it.
CUSTOMERS = {"user", "person", "about"}
Deed = AuditEntry.Deed
_number = itertools.count()


@pytest.fixture
def world(db: None) -> World:
    lay_roles_down()
    world = built()
    one_of_everything()
    Break.objects.update(ended_at=None)  # their list begins with those that are open
    _lead_everything_to_customers(person("clerk@ops.example"))
    for user in User.objects.filter(is_staff=False):
        User.objects.filter(pk=user.pk).update(email=f"{CANARY}-{user.pk}@example.com")
    Application.objects.update(given_name=CANARY, family_name=CANARY)
    return world


def _lead_everything_to_customers(clerk: User) -> None:
    customer = User.objects.get(email="ada@example.com")
    for model in ours():
        ways = [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]
        for row in model._default_manager.all() if ways else []:
            led = {way.name: _led(row, way, customer, clerk) for way in ways}
            model._default_manager.filter(pk=row.pk).update(**led)


def _led(row: Any, way: Any, customer: User, clerk: User) -> Any:
    leads_to = getattr(row, way.name)
    if way.related_model is not User:
        return leads_to or way.related_model._default_manager.order_by("pk").first()
    if way.name not in CUSTOMERS:
        return clerk
    return leads_to if hasattr(leads_to, "application") else customer


def look(url: str) -> tuple[bool, list[AuditEntry], int]:
    """Open a page as somebody new; return whether it shows a customer, what it left in the audit, and its status."""
    desk = AtTheDesk(person(f"reader-{next(_number)}@ops.example"))
    answer = desk.client.get(url)
    entries = AuditEntry.objects.filter(actor=f"ops {desk.user.pk}")
    return CANARY in _text(answer), list(entries), answer.status_code


def _text(answer: Any) -> str:
    return b"".join(answer if answer.streaming else [answer.content]).decode()


def lists() -> Iterator[tuple[Any, str]]:
    for model, desk in admin.site._registry.items():
        yield desk, reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def wrong_lists() -> list[str]:
    """Return each list of which it is not as it was declared, or not kept, whom it shows."""
    found = []
    for desk, url in lists():
        shows, entries, status = look(url)
        kept = [(entry.deed, entry.facts["of"]) for entry in entries]
        right = [(Deed.DESK_LISTED, desk.opts.model_name)] if shows else []
        if status != 200 or kept != right or getattr(desk, "lists_people", None) != shows:
            found.append(f"{desk.opts.label}: status {status}, shows {shows}, kept {kept}")
    return found


def other_pages() -> Iterator[str]:
    """Return every other address of the desk; pages of rows, and each deed, with more than one row."""
    yield from (url for name, url in of_the_desk() if not name.endswith("_changelist"))
    for model, desk in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages = [(f"{name}_{kind}", model._default_manager.all()) for kind in ("change", "history")]
        if isinstance(desk, Acting):
            pages += [(f"admin:{desk.page_name(deed)}", deed.rows()) for deed in desk.deeds]
        for page, rows in pages:
            yield from (reverse(page, args=[row.pk]) for row in _some(rows))
    yield reverse("admin:search", query={"q": CANARY})


def _some(rows: QuerySet[Any]) -> list[Any]:
    """Return two rows, those of customers first where people of ops are among them."""
    return list(rows.order_by("is_staff" if rows.model is User else "pk")[:2])


def test_each_list_is_kept_if_it_shows_customers(world: World) -> None:
    wrong = wrong_lists()
    assert not wrong, "\n".join(wrong)


def test_a_list_that_is_declared_wrongly_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    transfers, workers = (admin.site._registry[model] for model in (world.own["transfer"].__class__, Worker))
    monkeypatch.setattr(transfers, "lists_people", False)
    monkeypatch.setattr(workers, "lists_people", True)

    assert [wrong.partition(":")[0] for wrong in wrong_lists()] == ["funding.Transfer", "funding.Worker"]


def test_every_other_page_that_shows_a_customer_is_kept(world: World) -> None:
    shown, silent = [], []
    for url in dict.fromkeys(other_pages()):
        shows, entries, status = look(url)
        if shows:
            shown.append(url)
            if not entries:
                silent.append((url, status))

    assert not silent, silent
    assert len(shown) > 100, len(shown)
