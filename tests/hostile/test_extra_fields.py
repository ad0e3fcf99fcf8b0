"""Fields that nobody asked for, in every form of the site and the desk: what comes of it is what came without them."""

from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import models, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from tests import make
from tests.access.addresses import TABLE
from tests.access.world import World
from tests.hostile.markup import Attributes
from tests.hostile.pages import everything

pytestmark = pytest.mark.django_db

LABELS = ("accounts", "funding", "auth")
Rows = dict[tuple[str, Any], dict[str, str]]
# What differs between two tries of the same: keys, moments, and what is sealed with chance.
_CHANCE = (models.UUIDField, models.DateTimeField, models.GenericIPAddressField)
_SEALED = {"before_json", "after_json", "secret", "session_data"}
_CHANCY = {"password", "digest", "signed_hash", "key", "because", "alpaca_id", "key_hash", "hash", "previous", "facts"}


def names() -> dict[str, str]:
    """Return every column of ours, and the bolder words, with a value that somebody would like to see there."""
    wanted = {"is_staff": "1", "is_superuser": "1", "is_active": "1", "status": "ACTIVE", "sending": "ACCEPTED"}
    fields = [field for label in LABELS for model in apps.get_app_config(label).get_models() for field in _of(model)]
    found = {name: "9999" for field in fields for name in (field.name, getattr(field, "attname", field.name))}
    return found | wanted | {"__proto__": "1", "groups": "1", "user_permissions": "1", "csrf_exempt": "1", "pk": "1"}


def _of(model: type[models.Model]) -> Any:
    return (*model._meta.concrete_fields, *model._meta.many_to_many)


def now() -> Rows:
    """Return all rows, but for what chance writes."""
    found: Rows = {}
    for label in LABELS:
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            columns = [field for field in model._meta.concrete_fields if not _is_chance(field)]
            for row in model._base_manager.all():
                values = {field.attname: str(getattr(row, field.attname)) for field in columns}
                found[model._meta.label, row.pk] = values
    return found


def _is_chance(field: Any) -> bool:
    return isinstance(field, _CHANCE) or field.name in _CHANCY | _SEALED or field.is_relation or field.primary_key


def changes(before: Rows, after: Rows) -> list[tuple[str, ...]]:
    """Return what was added, changed and removed, in an order of its own."""
    found = []
    for key in before.keys() | after.keys():
        old, new = before.get(key, {}), after.get(key, {})
        found += [
            (key[0], name, old.get(name, ""), new.get(name, "")) for name in old | new if old.get(name) != new.get(name)
        ]
    return sorted(found)


@contextmanager
def undone() -> Iterator[None]:
    """Undo what the block writes."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # operations insist on being outermost
    with block:
        yield
        transaction.set_rollback(True)


class _Filled(HTMLParser):
    """Reads the forms of a page, each with what it would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((said.get("action", ""), {}) if said.get("method") == "post" else ("-", {}))
        if not self.forms:
            return
        fields = self.forms[-1][1]
        name = said.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in said or self._select not in fields) and self._select:
            fields[self._select] = said.get("value", "")
        elif tag in ("input", "textarea") and name and (_stands(said) or name not in fields):
            fields[name] = said.get("value", "x" if tag == "textarea" else "")


def _stands(said: dict[str, str]) -> bool:
    return said.get("type") not in ("checkbox", "radio") or "checked" in said


TYPED = {
    "/deposit/": {"amount": "10.00"},
    "/withdraw/": {"amount": "10.00"},
    "/sign-up/": {"email": "new@example.com", "password": make.PASSWORD},
    "/settings/second-factor/on/": {"code": "000000"},
    "/settings/email/": {"email": "new@example.com", "password": make.PASSWORD},
    **{f"/apply/{slug}/": answers for slug, answers in make.ANSWERS.items()},
}


def sent(world: World) -> Iterator[tuple[Client, str, dict[str, Any]]]:
    """Yield each form of each page as a customer or somebody of ops sends it, and each address that takes one."""
    seen = set()
    for page in everything(world):
        if not page.is_html or page.answer.status_code != 200:
            continue
        for action, fields in _Filled(page.text).forms:
            url = (action or page.url).partition("?")[0]
            if action != "-" and (page.persona, url) not in seen and "sign-out" not in url and "logout" not in url:
                seen.add((page.persona, url))
                fields.pop("csrfmiddlewaretoken", None)
                because = {"because": "x"} if "because" in fields else {}
                yield world.browsers[page.persona], url, fields | because | TYPED.get(url, {})
    for name, row in TABLE.items():
        url = row.url(name, world.own[row.own].pk if row.own else None)
        if "POST" in row.methods and ("owner", url) not in seen and name not in ("sign-out", "plaid-webhook"):
            yield world.browsers["owner"], url, dict(TYPED.get(url, {}))


@pytest.mark.slow
def test_what_nobody_asked_for_changes_nothing(world: World, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = None
    forms, extra, wrong, did = list(sent(world)), names(), [], set()
    with time_machine.travel(timezone.now(), tick=False):  # or two tries differ by a moment
        before = now()
        for browser, url, fields in forms:
            outcomes = []
            for more in ({}, {name: value for name, value in extra.items() if name not in fields}):
                with undone():
                    status = browser.post(url, more | fields).status_code
                    outcomes.append((status, changes(before, now())))
            did |= {url} if outcomes[0][1] else set()
            wrong += [(url, outcomes)] if outcomes[0] != outcomes[1] else []

    assert not wrong, wrong[:3]
    assert len(extra) > 300
    assert len(did) > 12, did  # else nothing was tried


def test_the_desks_page_of_a_person_gives_no_power(world: World) -> None:
    """Not even to somebody who may give roles."""
    user = User.objects.get(email="viewer@ops.example")
    url = f"/admin/accounts/user/{user.pk}/change/"

    world.browsers["admin"].post(url, {"email": "x@example.com", "is_superuser": "on", "groups": "4", "is_staff": "on"})

    after = User.objects.get(pk=user.pk)
    assert (after.email, after.is_superuser) == (user.email, False)
    assert [group.name for group in after.groups.all()] == ["viewer"]
