"""What ops may do about one person: see what is hidden, keep everything of theirs, stop their sign-in."""

import logging
from typing import Any

import pytest
from django.test import Client

from accounts import states
from accounts.models import (
    Application,
    DisclosureContext,
    FieldReveal,
    LegalHold,
    Session,
    SignInChange,
    TrustedContact,
)
from accounts.operations import legal_holds, revealing
from accounts.session_store import SessionStore
from tests import make
from tests.accounts.admin.matrix import standing
from tests.funding.admin.ops import AtTheDesk, page, person, text_of

WHY: dict[str, Any] = {"because": "compared it with their letter"}
SHOWN: dict[str, str] = {
    "date of birth": "1961-07-23",
    "phone": "+12015559876",
    "address": "77 Canary Lane",
    "employer address": "5 Canary Street",
    "trusted contact": "Canaro Friend",
    "named person": "Canaria Kin",
    "account number": "980044417",
    "checks": "reject: WATCHLIST_HIT (Canary on the list)",
    "refusal": "of 84 Canary Terrace",
}


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person())


@pytest.fixture
def ada(db: None) -> Application:
    made = make.application(
        make.user(),
        status=states.READY,
        date_of_birth=SHOWN["date of birth"],
        phone=SHOWN["phone"],
        street_address=SHOWN["address"],
        employer_address=SHOWN["employer address"],
        refusal=f"contact {SHOWN['refusal']} is not valid",
    )
    DisclosureContext.objects.create(
        application=made, kind="IMMEDIATE_FAMILY_EXPOSED", given_name="Canaria", family_name="Kin"
    )
    TrustedContact.objects.create(application=made, given_name="Canaro", family_name="Friend", phone="+12015550001")
    found = {"accept": {}, "reject": {"WATCHLIST_HIT": "Canary on the list"}}
    make.account(made.user, account_number=SHOWN["account number"], kyc_results=found)
    return made


# --- What is hidden ---------------------------------------------------------------------------------------------------


def test_all_that_can_be_shown_is_tried_and_no_tax_id_is_among_it() -> None:
    assert SHOWN.keys() == revealing.FIELDS.keys()
    assert not [name for name in revealing.FIELDS if "tax" in name]


@pytest.mark.parametrize("field", SHOWN)
def test_what_is_hidden_is_shown_once_and_kept_nowhere(
    desk: AtTheDesk, ada: Application, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    answer = desk.client.post(page(ada, "show"), {"field": field, **WHY})

    assert answer.status_code == 200
    assert SHOWN[field] in text_of(answer)
    assert "no-store" in answer["Cache-Control"]
    assert not answer.has_header("Location")
    for url in (page(ada), page(ada, "show"), "/admin/", "/admin/accounts/fieldreveal/"):
        assert SHOWN[field] not in desk.read(url), url
    kept = [
        str(SessionStore().decode(Session.objects.get().session_data)),
        str(list(FieldReveal.objects.values())),
        caplog.text,
    ]
    assert not [place for place in kept if SHOWN[field] in place]


def test_a_look_is_kept_with_who_when_from_where_and_why(desk: AtTheDesk, ada: Application) -> None:
    desk.client.post(page(ada, "show"), {"field": "phone", **WHY}, REMOTE_ADDR="192.0.2.44")

    look = FieldReveal.objects.get()
    assert (look.person, look.field, look.by, look.because, look.ip_address) == (
        ada.user,
        "phone",
        desk.user,
        WHY["because"],
        "192.0.2.44",
    )
    assert f"{desk.user} phone {WHY['because']} 192.0.2.44" in desk.read(page(ada))
    assert f"{desk.user} phone ada@example.com {WHY['because']}" in desk.read("/admin/accounts/fieldreveal/")


def test_the_page_leads_to_each_look_and_chooses_it(desk: AtTheDesk, ada: Application) -> None:
    shown = desk.client.get(page(ada)).content.decode()

    for field in SHOWN:
        url = f"{page(ada, 'show')}?field={field.replace(' ', '+')}"
        assert f'href="{url}"' in shown, field
        assert f'value="{field}" selected' in desk.client.get(url).content.decode()


@pytest.mark.parametrize("asked", [{"field": "tax_id", **WHY}, {"field": "phone"}, {"field": "phone", "because": " "}])
def test_nothing_else_is_shown_and_nothing_without_a_reason(
    desk: AtTheDesk, ada: Application, asked: dict[str, Any]
) -> None:
    said = desk.press(page(ada, "show"), **asked)

    assert "Nothing is done yet" in said
    assert not [secret for secret in (*SHOWN.values(), "444554321") if secret in said]
    assert not FieldReveal.objects.exists()


def test_a_look_that_finds_nothing_is_kept_as_well(desk: AtTheDesk) -> None:
    empty = Application.objects.create(user=make.user())

    for field in SHOWN:
        assert "nothing is kept there" in desk.press(page(empty, "show"), field=field, **WHY)

    assert FieldReveal.objects.count() == len(SHOWN)


# --- Legal hold -------------------------------------------------------------------------------------------------------


def test_a_hold_is_placed_and_lifted_with_reasons(desk: AtTheDesk, ada: Application) -> None:
    assert "is kept until the hold is lifted" in desk.press(page(ada, "hold"), because="A suit")
    assert "stands already" in desk.press(page(ada, "hold"), status=409, **WHY)
    assert "A suit" in desk.read(page(ada, "lift"))
    assert "1 legal hold" in desk.read("/admin/accounts/legalhold/?hold=standing")
    assert "The hold is lifted" in desk.press(page(ada, "lift"), because="Settled")
    assert "No legal hold stands" in desk.press(page(ada, "lift"), status=409, **WHY)

    hold = LegalHold.objects.get()
    assert (hold.placed_by, hold.because, hold.lifted_by, hold.lift_because) == (
        desk.user,
        "A suit",
        desk.user,
        "Settled",
    )
    assert "1 legal hold" in desk.read("/admin/accounts/legalhold/?hold=lifted")
    story = desk.read(page(ada))
    assert f"Legal hold placed {desk.user} A suit" in story
    assert f"Legal hold lifted {desk.user} Settled" in story


# --- Signing in -------------------------------------------------------------------------------------------------------


def test_who_is_stopped_is_signed_out_and_may_come_back(desk: AtTheDesk, ada: Application, client: Client) -> None:
    client.force_login(ada.user)
    assert client.get("/notifications/").status_code == 200

    assert "can’t sign in any more" in desk.press(page(ada, "stop"), because="Stolen laptop")

    assert client.get("/notifications/").status_code == 302
    assert not client.login(username=ada.user.email, password=make.PASSWORD)
    assert "can’t sign in already" in desk.press(page(ada, "stop"), status=409, **WHY)
    assert "can sign in again" in desk.press(page(ada, "allow"), because="Found it")
    assert client.login(username=ada.user.email, password=make.PASSWORD)
    assert "can sign in already" in desk.press(page(ada, "allow"), status=409, **WHY)
    kept = [(each.allowed, each.by, each.because) for each in SignInChange.objects.all()]
    assert kept == [(False, desk.user, "Stolen laptop"), (True, desk.user, "Found it")]


def test_nobody_stops_themselves(desk: AtTheDesk) -> None:
    own = make.application(desk.user)

    assert "about yourself" in desk.press(page(own, "stop"), status=409, **WHY)


# --- Who may ----------------------------------------------------------------------------------------------------------

MAY: dict[str, tuple[str, dict[str, Any]]] = {
    "show": ("reveal_field", {"field": "phone", **WHY}),
    "hold": ("add_legalhold", WHY),
    "lift": ("change_legalhold", WHY),
    "stop": ("stop_sign_in", WHY),
    "allow": ("stop_sign_in", WHY),
}


@pytest.mark.parametrize("deed", MAY)
def test_who_has_not_the_permission_does_nothing(db: None, deed: str) -> None:
    may, asked = MAY[deed]
    others = {
        "view_application",
        "change_application",
        "change_user",
        *(permission for permission, _ in MAY.values()),
    } - {may}
    stands = standing(deed, asked, *others)
    if deed == "lift":
        legal_holds.place(about=stands.application.user, because="a suit", person=stands.desk.user)

    stands.is_refused()


@pytest.mark.parametrize("deed", MAY)
def test_looking_at_the_page_that_asks_changes_nothing(db: None, deed: str) -> None:
    standing(deed, MAY[deed][1], "view_application", MAY[deed][0]).is_unchanged_by_looking()


@pytest.mark.parametrize("deed", ["hold", "stop"])
@pytest.mark.parametrize("because", ["", "   ", "x" * 301])
def test_nothing_is_done_without_a_reason_that_can_be_kept(
    desk: AtTheDesk, ada: Application, deed: str, because: str
) -> None:
    assert "Nothing is done yet" in desk.press(page(ada, deed), because=because)

    assert not LegalHold.objects.exists()
    assert not SignInChange.objects.exists()


def test_a_deed_on_nobody_is_not_found(desk: AtTheDesk, ada: Application) -> None:
    url = page(ada, "show").replace(str(ada.pk), "6f1c90ae-2b47-4c11-9d0e-5a1d7c3b8f42")

    desk.press(url, status=404, field="phone", **WHY)
