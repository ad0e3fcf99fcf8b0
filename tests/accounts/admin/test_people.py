"""The desk of who may sign in: superusers alone change it, and nobody takes over a customer's sign-in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import AuditEntry, AuditHead, User
from accounts.operations import audit
from accounts.sign_in_stamp import STAMP
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person

pytestmark = pytest.mark.django_db

ROOT: dict[str, Any] = {"email": "clerk@example.com", "is_active": "on", "is_staff": "on", "is_superuser": "on"}
OTHER = "correct-horse-9-staple"
PASSWORD: dict[str, Any] = {"usable_password": "true", "password1": OTHER, "password2": OTHER, "set-password": "1"}
NEW = {"email": "new@example.com", **PASSWORD}
ADD = "/admin/accounts/user/add/"
LOCK = 'WHERE "accounts_user"."is_superuser"'  # what looks for all superusers, and locks them where that can be done


@pytest.fixture
def clerk() -> AtTheDesk:
    """Let someone in who may do all that Django's own permissions say of users, and stop sign-ins."""
    return AtTheDesk(person("clerk@example.com", "view_user", "add_user", "change_user", "stop_sign_in"))


@pytest.fixture
def root() -> AtTheDesk:
    return AtTheDesk(person("root@example.com"))


@pytest.fixture
def customer() -> User:
    return make.application(make.user()).user


class Watched(MD5PasswordHasher):
    """Notes what is open, and who is locked, while a password is hashed."""

    blocks = 0
    found: ClassVar[list[tuple[int, bool]]] = []

    def encode(self, password: str, salt: str) -> str:
        is_locked = any(LOCK in query["sql"] for query in connection.queries_log)
        self.found.append((len(connection.atomic_blocks) - self.blocks, is_locked))
        return super().encode(password, salt)


@pytest.fixture
def hashing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bool]]:
    """Give, for each password that is hashed, how many transactions are open, and whether the lock is held."""
    settings.PASSWORD_HASHERS = [f"{__name__}.Watched"]
    monkeypatch.setattr(Watched, "blocks", len(connection.atomic_blocks))
    monkeypatch.setattr(Watched, "found", [])
    return Watched.found


@contextmanager
def at_the_lock(do: Callable[[], Any]) -> Iterator[None]:
    """Do something just before the superusers are locked, as if whoever asks had waited for it; fail if none are."""
    seen: list[str] = []

    def see(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if LOCK in sql and not seen:
            seen.append(sql)
            do()
        return execute(sql, *rest)

    with connection.execute_wrapper(see):
        yield
    assert seen, "nobody was locked"


def test_a_clerk_makes_nobody_a_superuser(clerk: AtTheDesk) -> None:
    clerk.press(page(clerk.user), status=403, **ROOT)

    clerk.user.refresh_from_db()
    assert not clerk.user.is_superuser


def test_a_clerk_sets_nobodys_password(clerk: AtTheDesk, root: AtTheDesk, customer: User) -> None:
    for whose in (clerk.user, root.user, customer):
        clerk.press(page(whose, "password"), status=403, **PASSWORD)

        whose.refresh_from_db()
        assert not whose.check_password(OTHER)


def test_a_clerk_changes_no_address_and_adds_nobody(clerk: AtTheDesk, customer: User) -> None:
    clerk.press(page(customer), status=403, email="taken@example.com", is_active="on")
    clerk.press("/admin/accounts/user/add/", status=403, email="new@example.com", usable_password="false")

    customer.refresh_from_db()
    assert customer.email == "ada@example.com"
    assert not User.objects.filter(email="new@example.com").exists()


def test_a_clerk_reads_who_may_sign_in_and_no_hash(clerk: AtTheDesk, root: AtTheDesk, customer: User) -> None:
    for whose in (clerk.user, root.user, customer):
        shown = clerk.client.get(page(whose)).content.decode()

        assert whose.email in shown
        assert whose.password.split("$")[-1] not in shown


def test_a_superuser_leaves_a_customers_address_and_password_alone(root: AtTheDesk, customer: User) -> None:
    root.press(page(customer, "password"), status=403, **PASSWORD)
    root.press(page(customer), email="taken@example.com", is_active="on", is_staff="on")

    customer.refresh_from_db()
    assert (customer.email, customer.is_staff) == ("ada@example.com", True)
    assert customer.check_password(make.PASSWORD)
    shown = root.client.get(page(customer)).content.decode()
    assert customer.password.split("$")[-1] not in shown
    assert "password/" not in shown


@pytest.mark.parametrize("spelled", ["urn_3Auuid_3A{0}", "{{{0}}}", "{1}"])
def test_another_spelling_of_a_customers_key_sets_no_password_either(
    root: AtTheDesk, customer: User, spelled: str
) -> None:
    key = spelled.format(customer.pk, customer.pk.hex)

    answer = root.client.post(f"/admin/accounts/user/{key}/password/", PASSWORD)

    customer.refresh_from_db()
    assert answer.status_code == 403
    assert customer.check_password(make.PASSWORD)


def test_who_applies_while_a_superuser_waits_keeps_their_password(root: AtTheDesk) -> None:
    clerk = make.user("clerk@example.com")

    with at_the_lock(lambda: make.application(clerk)):
        assert root.client.post(page(clerk, "password"), PASSWORD).status_code == 403

    clerk.refresh_from_db()
    assert clerk.check_password(make.PASSWORD)


def test_a_superuser_makes_and_changes_people_of_ops(root: AtTheDesk) -> None:
    root.press("/admin/accounts/user/add/", email="new@example.com", **PASSWORD)
    made = User.objects.get(email="new@example.com")
    root.press(page(made), email="newer@example.com", is_active="on", is_staff="on")
    root.press(page(made, "password"), **(PASSWORD | {"password1": f"{OTHER}-2", "password2": f"{OTHER}-2"}))

    made.refresh_from_db()
    assert (made.email, made.is_staff) == ("newer@example.com", True)
    assert made.check_password(f"{OTHER}-2")


def test_an_open_screen_is_not_enough_to_change_or_add_anybody(root: AtTheDesk, clerk: AtTheDesk) -> None:
    session = root.client.session
    session[STAMP] = 0
    session.save()
    change = ROOT | {"email": "thief@example.com"}

    assert "Sign in again" in root.press(page(clerk.user), **change)
    assert "Sign in again" in root.press("/admin/accounts/user/add/", email="new@example.com", **PASSWORD)
    assert "clerk@example.com" in root.read(page(clerk.user))
    clerk.user.refresh_from_db()
    assert (clerk.user.email, clerk.user.is_superuser) == ("clerk@example.com", False)
    assert not User.objects.filter(email="new@example.com").exists()

    root.press(page(clerk.user), **(change | {"again-password": make.PASSWORD}))
    clerk.user.refresh_from_db()
    assert clerk.user.is_superuser


def test_nobody_is_deleted_and_a_customer_is_not_let_in(client: Client, root: AtTheDesk, customer: User) -> None:
    client.force_login(customer)

    root.press(page(customer, "delete"), status=403, post="yes")
    assert client.get(page(customer)).status_code == 302


def test_a_password_that_cannot_be_told_to_the_audit_is_not_set(root: AtTheDesk) -> None:
    clerk = make.user("clerk@example.com")
    AuditHead.objects.update_or_create(pk=1, defaults={"number": audit.command("before").number - 1})

    with pytest.raises(IntegrityError):
        root.press(page(clerk, "password"), **PASSWORD)

    clerk.refresh_from_db()
    assert not clerk.check_password(OTHER)
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("lost", ["is_superuser", "is_active", "is_staff"])
def test_who_is_demoted_while_they_wait_changes_nobody(root: AtTheDesk, lost: str) -> None:
    clerk = make.user("clerk@example.com", is_staff=True)
    demoted = User.objects.filter(pk=root.user.pk)

    for url, fields in ((page(clerk), ROOT), (page(clerk, "password"), PASSWORD), (ADD, NEW)):
        demoted.update(is_superuser=True, is_active=True, is_staff=True)
        with at_the_lock(lambda: demoted.update(**{lost: False})):
            assert root.client.post(url, fields).status_code == 403

    clerk.refresh_from_db()
    assert not clerk.is_superuser
    assert clerk.check_password(make.PASSWORD)
    assert not User.objects.filter(email="new@example.com").exists()
    assert not LogEntry.objects.exists()
    assert not AuditEntry.objects.filter(deed=AuditEntry.Deed.PERSON_EDITED).exists()


def test_a_password_is_hashed_before_anything_is_locked(root: AtTheDesk, hashing: list[tuple[int, bool]]) -> None:
    clerk = User.objects.get(pk=make.user("clerk@example.com", is_staff=True).pk)
    hashing.clear()

    with CaptureQueriesContext(connection) as queries:
        root.client.post(page(clerk, "password"), PASSWORD)

    assert hashing == [(0, False)]
    assert any(LOCK in query["sql"] for query in queries)
    clerk.refresh_from_db()
    assert clerk.check_password(OTHER)


def test_of_somebody_new_it_is_hashed_before_superusers_are_locked(
    root: AtTheDesk, hashing: list[tuple[int, bool]]
) -> None:
    hashing.clear()

    with CaptureQueriesContext(connection) as queries:
        root.client.post(ADD, NEW)

    assert [is_locked for _, is_locked in hashing] == [False]
    assert any(LOCK in query["sql"] for query in queries)
    assert User.objects.get(email="new@example.com").check_password(OTHER)


def test_a_new_password_leaves_alone_what_was_changed_meanwhile(root: AtTheDesk) -> None:
    clerk = make.user("clerk@example.com", is_staff=True)

    with at_the_lock(lambda: User.objects.filter(pk=clerk.pk).update(is_staff=False)):
        root.press(page(clerk, "password"), **PASSWORD)

    clerk.refresh_from_db()
    assert not clerk.is_staff
    assert clerk.check_password(OTHER)


def test_who_sets_their_own_password_stays_signed_in_here(root: AtTheDesk) -> None:
    root.press(page(root.user, "password"), **PASSWORD)

    assert "root@example.com" in root.read(page(root.user))
    assert AuditEntry.objects.get(deed=AuditEntry.Deed.PERSON_EDITED).facts == {"fields": ["password"]}
