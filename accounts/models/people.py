"""Who may sign in: customers, and people of ops."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import passwords


class UserManager(BaseUserManager["User"]):
    """Makes users; an e-mail address is kept in lower case, so that it is unique however it is typed."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **more)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **more: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **more)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()


class User(AbstractBaseUser, PermissionsMixin):
    """Someone who signs in: a customer, or a person of ops (`is_staff`)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail", unique=True)
    # When it was last shown that they read its mailbox; empty for people of ops that a command has made.
    email_verified_at = models.DateTimeField("e-mail confirmed at", null=True, editable=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        permissions = [("assign_role", "Can give people of ops their roles")]

    def __str__(self) -> str:
        return self.email

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(_normal(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        return super().check_password(_normal(raw_password))

    def get_session_auth_hash(self) -> str:
        """Bind sessions to the e-mail address as to the password: a change of either ends all of them."""
        return salted_hmac("accounts.User", f"{super().get_session_auth_hash()} {self.email}").hexdigest()


def _normal(raw_password: str | None) -> str | None:
    return None if raw_password is None else passwords.normal(raw_password)
