"""Looking an application up by its e-mail address: one's own account is adopted, and nobody else's ever is."""

import pytest
from django.utils import timezone

from accounts import states, wording
from accounts.models import Application, BrokerageAccount
from accounts.operations import broker_form, onboarding
from brokerage.gateways import broker_accounts
from tests import make
from tests.harness.sandbox import Sandbox
from tests.harness.unguarded import remove

pytestmark = pytest.mark.django_db


def submit(application: Application) -> Application:
    onboarding.submit(application=application)
    application.refresh_from_db()
    return application


def someone_else(sandbox: Sandbox, **differing: str) -> None:
    """Open an account at the broker, long ago, that our books know nothing of, with Ada's e-mail address."""
    sandbox.post("/control/clock", advance_seconds=-86400)
    other = make.application(make.user("someone@example.com"), tax_id="445554322", **differing)
    other.user.email = "ada@example.com"
    broker_accounts.create_account(broker_form.filled_in(other))
    sandbox.post("/control/clock", advance_seconds=86400)
    remove(other.signatures.all())
    other.delete()


ELSEWHERE = {"phone": "+13125550143", "city": "Chicago", "state": "IL", "postal_code": "60601"}


@pytest.mark.parametrize(
    "differing",
    [{}, {"family_name": "Lovelace"}, {"date_of_birth": "1915-12-10"}, ELSEWHERE],
    ids=["nothing", "another name", "another birthday", "nothing but what others may know"],
)
def test_an_account_from_another_door_is_never_adopted_by_itself(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, differing: dict[str, str]
) -> None:
    someone_else(sandbox, **differing)
    application = make.application(make.user())

    submit(application)

    assert application.status == states.REFUSED
    assert BrokerageAccount.objects.count() == 0
    assert "not surely theirs" in str(list(application.events.values_list("because", flat=True)))
    words = wording.of_application(application, None)
    assert words.headline == "Your e-mail address is known to the broker already"
    assert "Lovelace" not in f"{words}"


@pytest.mark.parametrize(
    "same", [{}, {"phone": "+13125550143"}, {"city": "Chicago", "state": "IL", "postal_code": "60601"}]
)
def test_ones_own_account_from_another_door_is_connected_by_ops(sandbox: Sandbox, same: dict[str, str]) -> None:
    someone_else(sandbox, **same)
    application = submit(make.application(make.user()))
    ops = make.user("ops@example.com", is_staff=True)

    onboarding.adopt(application=application, because="called them", person=ops)

    application.refresh_from_db()
    assert (application.status, application.tax_id) == (states.ACCEPTED, "")
    assert application.events.latest("at").actor == f"ops {ops.pk}"
    assert len(sandbox.get("/control/state")["accounts"]) == 1


@pytest.mark.parametrize("differing", [{"family_name": "Lovelace"}, {"date_of_birth": "1915-12-10"}, ELSEWHERE])
def test_ops_connect_no_account_of_somebody_else(sandbox: Sandbox, differing: dict[str, str]) -> None:
    someone_else(sandbox, **differing)
    application = submit(make.application(make.user()))

    with pytest.raises(onboarding.NotTheirs):
        onboarding.adopt(application=application, because="called them", person=make.user("ops@example.com"))

    assert BrokerageAccount.objects.count() == 0


def test_an_account_of_another_customer_is_never_adopted(sandbox: Sandbox) -> None:
    someone_else(sandbox)
    (theirs,) = sandbox.get("/control/state")["accounts"]
    make.account(make.user("bob@example.com"), alpaca_id=theirs["id"])

    assert submit(make.application(make.user())).status == states.REFUSED

    assert BrokerageAccount.objects.get().user.email == "bob@example.com"


@pytest.mark.parametrize("found", ["there", "not there", "another's"])
def test_who_looks_up_second_changes_nothing(sandbox: Sandbox, found: str) -> None:
    application = make.application(make.user(), status=states.UNKNOWN, sent_at=timezone.now())
    if found == "there":
        broker_accounts.create_account(broker_form.filled_in(application))
    elif found == "another's":
        someone_else(sandbox, family_name="Lovelace")
    first, second = (Application.objects.get(pk=application.pk) for _ in range(2))

    onboarding.look_up(application=first)
    onboarding.look_up(application=second)

    assert application.events.count() == 1
    assert BrokerageAccount.objects.count() == (found == "there")
