"""Keeping answers, until the application is sent and not a moment longer."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from pytest_django import Settings

from accounts import agreements, states, steps
from accounts.models import (
    AgreementSignature,
    AgreementText,
    Application,
    DisclosureContext,
    TrustedContact,
    User,
)
from accounts.operations import answering
from brokerage.visit import Visit
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return make.user()


def test_one_person_has_one_application(ada: User) -> None:
    assert answering.start(user=ada) == answering.start(user=ada)


def test_answers_are_kept_and_the_rest_stands(ada: User) -> None:
    application = make.application(ada)

    with time_machine.travel("2026-11-22 10:00Z", tick=False):
        answering.save_answers(application=application, answers={"city": "Newark"})

    application.refresh_from_db()
    assert (application.city, application.given_name) == ("Newark", "Ada")
    assert application.saved_at == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_a_tax_id_is_kept_with_its_last_four_and_a_hash(ada: User) -> None:
    application = answering.start(user=ada)

    answering.save_answers(application=application, answers={"tax_id": "444554321"})

    application.refresh_from_db()
    assert (application.tax_id, application.tax_id_last4) == ("444554321", "4321")
    assert application.tax_id_hash == answering.tax_id_hash("444554321")
    assert "444554321" not in str(application.tax_id_hash)


def test_one_person_is_kept_to_one_application(ada: User) -> None:
    make.application(ada, tax_id="444554321")
    other = answering.start(user=make.user("bob@example.com"))

    with pytest.raises(answering.TaxIdTaken):
        answering.save_answers(application=other, answers={"tax_id": "444554321"})

    other.refresh_from_db()
    assert (other.tax_id, other.tax_id_hash) == ("", None)


def test_a_tax_id_may_be_typed_again_by_its_owner(ada: User) -> None:
    application = make.application(ada, tax_id="444554321")

    answering.save_answers(application=application, answers={"tax_id": "444554321"})
    answering.save_answers(application=application, answers={"tax_id": "445554322"})

    assert Application.objects.get().tax_id_last4 == "4322"


def test_the_hash_needs_the_key(settings: Settings) -> None:
    before = answering.tax_id_hash("444554321")
    settings.TAX_ID_HASH_KEY = "another"

    assert answering.tax_id_hash("444554321") != before


@pytest.mark.parametrize("status", [states.READY, states.SENDING, states.UNKNOWN, states.ACCEPTED])
def test_an_application_on_its_way_is_not_changed_from_another_tab(ada: User, status: str) -> None:
    tab = make.application(ada)
    Application.objects.update(status=status, tax_id="")

    with pytest.raises(answering.ApplicationSent):
        answering.save_answers(application=tab, answers={"city": "Newark"})

    row = Application.objects.get()
    assert (row.status, row.city, row.tax_id) == (status, "Hoboken", "")


def test_a_refused_application_is_changed(ada: User) -> None:
    application = make.application(ada, status=states.REFUSED)

    answering.save_answers(application=application, answers={"city": "Newark"})

    assert Application.objects.get().city == "Newark"


def test_an_agreement_is_signed_once_with_its_real_time_and_address(ada: User) -> None:
    application = answering.start(user=ada)

    with time_machine.travel("2026-11-22 10:00Z", tick=False):
        answering.sign_agreements(application=application, visit=Visit("203.0.113.7", "a browser"))
    with time_machine.travel("2026-11-23 10:00Z", tick=False):
        answering.sign_agreements(application=application, visit=Visit("198.51.100.1", "another"))

    signature = AgreementSignature.objects.get()
    assert signature.signed_at == datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert (signature.ip_address, signature.user_agent) == ("203.0.113.7", "a browser")
    text = agreements.current("customer_agreement")
    assert signature.text is not None
    assert (signature.text.digest, signature.text.text) == (text.digest, text.body)


def test_an_agreement_is_not_signed_after_the_fact(ada: User) -> None:
    application = make.application(ada, status=states.ACCEPTED)

    with pytest.raises(answering.ApplicationSent):
        answering.sign_agreements(application=application, visit=make.VISIT)


def test_a_text_that_was_changed_is_agreed_to_anew(ada: User, settings: Settings, tmp_path: Path) -> None:
    application = make.application(ada)
    assert steps.unanswered(application) == []
    (tmp_path / "customer_agreement.txt").write_text("title: Ours\nrevision: 2\nsample: no\n---\nOther words.")
    settings.AGREEMENTS_DIR = str(tmp_path)

    assert steps.unanswered(Application.objects.get()) == [steps.BY_SLUG["agreements"]]

    answering.sign_agreements(application=application, visit=make.VISIT)
    assert steps.unanswered(Application.objects.get()) == []
    assert (
        AgreementSignature.objects.count() == AgreementText.objects.filter(agreement="customer_agreement").count() == 2
    )


def test_the_notice_that_was_shown_is_kept(ada: User) -> None:
    application = answering.start(user=ada)

    with time_machine.travel("2026-11-22 10:00Z", tick=False):
        answering.note_identity_notice(application=application)
    with time_machine.travel("2026-11-23 10:00Z", tick=False):
        answering.note_identity_notice(application=application)

    application.refresh_from_db()
    assert application.identity_notice is not None
    assert application.identity_notice.text == agreements.identity_notice().body
    assert application.identity_notice_at == datetime(2026, 11, 22, 10, tzinfo=UTC)


# --- Two tabs ---------------------------------------------------------------------------------------------------------


def test_a_page_that_was_answered_elsewhere_since_overwrites_nothing_unseen(ada: User) -> None:
    application = answering.start(user=ada)
    answering.save_answers(application=application, answers={"city": "Newark"}, page="address", seen="")

    with pytest.raises(answering.AnsweredElsewhere):
        answering.save_answers(application=application, answers={"city": "Trenton"}, page="address", seen="")

    assert Application.objects.get().city == "Newark"


def test_the_same_answer_from_two_tabs_is_one_answer(ada: User) -> None:
    application = answering.start(user=ada)
    for _ in range(2):
        answering.save_answers(application=application, answers={"city": "Newark"}, page="address", seen="")

    assert Application.objects.get().city == "Newark"


def test_a_page_that_was_seen_as_it_stands_is_changed(ada: User) -> None:
    application = answering.start(user=ada)
    answering.save_answers(application=application, answers={"city": "Newark"}, page="address", seen="")
    seen = answering.stamp(application, "address")

    answering.save_answers(application=application, answers={"city": "Trenton"}, page="address", seen=seen)

    assert Application.objects.get().city == "Trenton"


def test_another_page_does_not_stand_in_the_way(ada: User) -> None:
    application = answering.start(user=ada)
    answering.save_answers(application=application, answers={"city": "Newark"}, page="address", seen="")

    answering.save_answers(application=application, answers={"phone": "+12015550143"}, page="contact", seen="")

    assert Application.objects.get().phone == "+12015550143"


@pytest.mark.parametrize("page", ["company", "trusted-contact"])
def test_the_people_and_firms_one_names_are_kept_from_a_stale_tab_too(ada: User, page: str) -> None:
    application = answering.start(user=ada)

    def save(name: str, seen: str) -> None:
        if page == "company":
            values = {"company_name": name}
            kind = DisclosureContext.Kind.CONTROLLED_FIRM
            answering.save_context(application=application, kind=kind, answers=values, page=page, seen=seen)
        else:
            person = {"names_trusted_contact": True, "given_name": name, "family_name": "B", "phone": "+12015550143"}
            answering.save_trusted_contact(application=application, answers=person, page=page, seen=seen)

    save("One", "")
    save("One", "")
    with pytest.raises(answering.AnsweredElsewhere):
        save("Two", "")
    save("Three", answering.stamp(application, page))

    kept = [each.company_name for each in application.contexts.all()]
    assert kept == ["Three"] or TrustedContact.objects.get().given_name == "Three"


def test_who_changes_their_mind_names_nobody(ada: User) -> None:
    application = answering.start(user=ada)
    person = {"names_trusted_contact": True, "given_name": "A", "family_name": "B", "phone": "+12015550143"}
    answering.save_trusted_contact(application=application, answers=person, page="trusted-contact")

    answering.save_trusted_contact(
        application=application, answers={"names_trusted_contact": False}, page="trusted-contact"
    )

    application.refresh_from_db()
    assert (TrustedContact.objects.count(), application.names_trusted_contact) == (0, False)
