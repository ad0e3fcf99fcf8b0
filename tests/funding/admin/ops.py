"""A person of ops at the desk: what they may do, what they read, what they press."""

import re
from html import unescape
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import User
from funding.queue import Queue
from tests import make
from tests.harness.roles_laid_down import lay_roles_down

# Deeds that are done to what their page has shown, and to nothing else.
STAMPED = ("dismiss", "propose", "agree", "match", "ask", "lift", "resume")


def person(email: str = "ops@example.com", *may: str) -> User:
    """Make someone of ops who may do just this, such as "change_transfer"; without a word, everything."""
    made = make.user(email, is_staff=True, is_superuser=not may)
    made.user_permissions.set(Permission.objects.filter(codename__in=may))
    assert made.user_permissions.count() == len(may), f"no such permission among {may}"
    return made


def of_role(role: str, email: str = "") -> "AtTheDesk":
    """Let somebody of ops in who has a role, as migrations leave it."""
    lay_roles_down()
    made = make.user(email or f"{role}@ops.example", is_staff=True)
    made.groups.add(Group.objects.get(name=role))
    return AtTheDesk(made)


class AtTheDesk:
    """Someone of ops with a browser."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.client = Client()
        self.client.force_login(user)

    def read(self, url: str, *, status: int = 200) -> str:
        """Return a page as text, without its tags."""
        answer = self.client.get(url)
        assert answer.status_code == status, (answer.status_code, url)
        return text_of(answer)

    def press(self, url: str, *, status: int = 200, **fields: Any) -> str:
        """Send a form, and return what the page after it says."""
        answer = self.client.post(url, self.stamp_on(url) | fields, follow=True)
        assert answer.status_code == status, (answer.status_code, text_of(answer))
        return text_of(answer)

    def stamp_on(self, url: str) -> dict[str, Any]:
        """Open a page whose button is bound to what it shows; return the stamp that it would send along."""
        if url.rstrip("/").rpartition("/")[2] not in STAMPED:
            return {}
        found = re.search(r'name="seen" value="(\w+)"', self.client.get(url).content.decode())
        return {"seen": found[1]} if found else {}


def text_of(answer: Any) -> str:
    words = re.sub(r"<(style|script).*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
    text = re.sub(r"\s+", " ", unescape(words))
    assert "<time" not in text, "a tag is shown to people"
    return text


def page(row: Any, deed: str = "change", of: str = "") -> str:
    """Return the address of a row's page, or of one of its deeds; `of` names the desk where it is another one."""
    app, model = row._meta.app_label, row._meta.model_name
    return f"/admin/{app}/{of or model}/{row.pk}/{deed}/"


def queue_on(answer: Any, title: str) -> Queue:
    """Return one queue of the start page, whether it is among those that wait or among those that are clear."""
    shown = [queue for subject in answer.context["subjects"] for queue in subject.waiting]
    (found,) = [queue for queue in (*shown, *answer.context["clear"]) if queue.title == title]
    return found
