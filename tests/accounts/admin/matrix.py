"""One application, one person of ops who may do just this, and one deed: what it does where it must do nothing."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps

from accounts import states
from accounts.models import Application, AuditEntry
from tests import make
from tests.funding.admin.ops import AtTheDesk, page, person


@dataclass(frozen=True)
class Standing:
    """What stands before the deed is asked for."""

    desk: AtTheDesk
    application: Application
    deed: str
    asked: dict[str, Any]

    def is_refused(self) -> None:
        """Neither its page nor its button is for this person, and no link leads there."""
        url = page(self.application, self.deed)
        before = rows()

        self.desk.read(url, status=403)
        self.desk.press(url, status=403, **self.asked)

        assert rows() == before
        assert url not in self.desk.client.get(page(self.application)).content.decode()

    def is_unchanged_by_looking(self) -> None:
        """The page that asks is a look at the person, which the audit keeps, and nothing besides."""
        before = rows()

        self.desk.read(page(self.application, self.deed))

        kept = AuditEntry.objects.get()
        assert (kept.deed, kept.about) == (AuditEntry.Deed.DESK_OPENED, f"application {self.application.pk}")
        assert {name for name, found in rows().items() if found != before[name]} == {"AuditEntry", "AuditHead"}


def standing(deed: str, asked: dict[str, Any], *may: str) -> Standing:
    desk = AtTheDesk(person("viewer@example.com", *may))
    application = make.application(make.user(), status=states.READY)
    return Standing(desk, application, deed, {name: desk.user.pk if v == "?" else v for name, v in asked.items()})


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return every row of people, to compare with later."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for model in apps.get_app_config("accounts").get_models()
    }
