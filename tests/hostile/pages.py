"""Every page that anybody can open, opened: the addresses come from the resolver, the rows from the test's world."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpResponseBase
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from tests.access.addresses import ANYONE, TABLE, addresses
from tests.access.world import World
from tests.hostile.stage import more_pages

_LEADING = "admin:None"  # Django's old addresses of rows, which lead to the new ones
_OF_A_MODEL = re.compile(r"admin:([a-z]+)_([a-z]+)_([a-z-]+)")


@dataclass(frozen=True)
class Page:
    """An answer, by the name of its address and by who asked."""

    name: str
    persona: str
    url: str
    answer: HttpResponseBase

    @property
    def is_html(self) -> bool:
        return self.answer.headers.get("Content-Type", "").startswith("text/html")

    @property
    def has_link(self) -> bool:
        return self.name in ("link", "link-return") and self.answer.status_code == 200

    @property
    def text(self) -> str:
        parts = self.answer if self.answer.streaming else [self.answer.content]  # type: ignore[attr-defined]  # the test client's own answer
        return b"".join(parts).decode()


def everything(world: World) -> Iterator[Page]:
    """Open all pages for people without a name, all of a customer's, and the whole desk as somebody who may do all."""
    for name, url in of_the_site(world.own, anyones=True):
        yield _opened(world.browsers["anonymous"], name, "anonymous", url)
    for name, url in of_the_site(world.own):
        yield _opened(world.browsers["owner"], name, "owner", url)
    for persona, name, url in more_pages(world):
        yield _opened(world.browsers[persona], name, persona, url)
    for name, url in of_the_desk():
        yield _opened(world.browsers["admin"], name, "admin", url)


def _opened(browser: Client, name: str, persona: str, url: str) -> Page:
    return Page(name, persona, url, browser.get(url))


def of_the_site(own: dict[str, Any], *, anyones: bool = False) -> Iterator[tuple[str, str]]:
    """Return the customers' addresses that can be read, or those that anybody may read."""
    for name, row in TABLE.items():
        if "GET" in row.methods and (row.who == ANYONE or not anyones):
            yield name, row.url(name, own[row.own].pk if row.own else None)


def of_the_desk() -> Iterator[tuple[str, str]]:
    """Return the desk's addresses, those about a row with the first that there is."""
    for address in addresses():
        if not address.name.startswith("admin:") or address.name in (_LEADING, "admin:view_on_site"):
            continue
        if re.search(r"[<:](object_id|pk|id)>", address.route):
            if row := _first_row(address.name):
                yield address.name, reverse(address.name, args=[row.pk])
        elif "app_label>" in address.route:
            yield from ((address.name, reverse(address.name, args=[label])) for label in _labels())
        else:
            yield address.name, reverse(address.name)


def _labels() -> set[str]:
    found = set[str]()
    for label in {model._meta.app_label for model in admin.site._registry}:
        try:
            reverse("admin:app_list", args=[label])
        except NoReverseMatch:
            continue
        found.add(label)
    return found


def _first_row(name: str) -> Any:
    if name == "admin:auth_user_password_change":
        return User.objects.first()
    found = _OF_A_MODEL.fullmatch(name)
    model = apps.all_models[found[1]].get(found[2]) if found else None
    return model._default_manager.order_by("pk").first() if model else None
