"""The roles of people of ops, as Django's groups: laid down by migrations, given at the desk.

A migration that adds a deed, or a page to the desk, says with `granting` who may use it. Django makes permissions only
after all migrations have run, so those that are missing are made here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib.auth.management import create_permissions
from django.db.models import Q

VIEWER, OPERATOR, COMPLIANCE, ADMIN = "viewer", "operator", "compliance", "admin"
# What each is for, in the words of the page on which it is given.
ROLES = {
    VIEWER: "reads everything but what is hidden of a person",
    OPERATOR: "acts on transfers, banks, webhooks and breaks",
    COMPLIANCE: "acts on applications, freezes, cases, limits and holds, and may be shown what is hidden",
    ADMIN: "does all of it, and gives people their roles",
}

Step = Callable[[Any, Any], None]


def granting(may: Mapping[str, Sequence[str]]) -> Step:
    """Return the step of a migration that lets each role do what is named, such as "funding.change_transfer"."""

    def forwards(apps: Any, editor: Any) -> None:
        using = editor.connection.alias
        _make_missing(apps, using, {name.split(".")[0] for names in may.values() for name in names})
        for role, names in may.items():
            group, _ = apps.get_model("auth", "Group").objects.using(using).get_or_create(name=role)
            group.permissions.add(*_named(apps, using, names))

    return forwards


def taking_back(may: Mapping[str, Sequence[str]]) -> Step:
    """Return the step that undoes `granting`; the groups, and who is in them, stay."""

    def backwards(apps: Any, editor: Any) -> None:
        using = editor.connection.alias
        for group in apps.get_model("auth", "Group").objects.using(using).filter(name__in=list(may)):
            group.permissions.remove(*_named(apps, using, may[group.name]))

    return backwards


def _make_missing(apps: Any, using: str, labels: set[str]) -> None:
    for label in sorted(labels):
        config = apps.get_app_config(label)
        if not getattr(config, "models_module", None):
            config.models_module = True  # in a migration an app has none, and Django makes nothing without
        create_permissions(config, verbosity=0, using=using, apps=apps)


def _named(apps: Any, using: str, names: Sequence[str]) -> list[Any]:
    """Return these permissions; "funding.view_*" stands for all that let somebody read rows of that app."""
    wanted = Q(pk=None)
    for name in names:
        label, _, codename = name.partition(".")
        how = "codename__startswith" if codename.endswith("*") else "codename"
        wanted |= Q(content_type__app_label=label, **{how: codename.removesuffix("*")})
    return list(apps.get_model("auth", "Permission").objects.using(using).filter(wanted))
