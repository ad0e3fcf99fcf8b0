"""The texts that people agree to: open to read, kept as they were signed, printed by who signed."""

import html
import uuid
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import agreements
from accounts.models import AgreementSignature, User
from tests import make
from tests.harness.unguarded import rewrite

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    user = make.user()
    client.force_login(user)
    return user


def signed_page(client: Client) -> str:
    return html.unescape(client.get(f"/agreements/signed/{AgreementSignature.objects.get().pk}/").content.decode())


def test_a_signed_text_stands_word_by_word_after_it_was_changed(
    client: Client, ada: User, settings: Settings, tmp_path: Path
) -> None:
    make.application(ada)
    (tmp_path / "customer_agreement.txt").write_text("title: Other\nrevision: 2\nsample: no\n---\nOther words.")
    settings.AGREEMENTS_DIR = str(tmp_path)

    text = signed_page(client)

    assert "You can close the account at any time once nothing is under way." in text
    assert "Other words" not in text
    assert make.VISIT.ip_address in text
    assert str(AgreementSignature.objects.get().text_id) in text


def test_a_sample_says_that_it_is_one(client: Client, ada: User, settings: Settings, tmp_path: Path) -> None:
    assert "This is a sample" in html.unescape(client.get("/agreements/customer_agreement/").content.decode())
    (tmp_path / "customer_agreement.txt").write_text("title: Ours\nrevision: 2\nsample: no\n---\nOther words.")
    settings.AGREEMENTS_DIR = str(tmp_path)

    text = client.get("/agreements/customer_agreement/").content.decode()

    assert "Other words." in text
    assert "This is a sample" not in text


def test_nobody_reads_anothers_signature(client: Client, ada: User) -> None:
    make.application(make.user("bob@example.com"))

    foreign = client.get(f"/agreements/signed/{AgreementSignature.objects.get().pk}/")
    missing = client.get(f"/agreements/signed/{uuid.uuid4()}/")

    assert foreign.status_code == missing.status_code == 404
    assert foreign.templates[0].name == missing.templates[0].name == "404.html"


def test_what_was_signed_before_texts_were_kept_has_no_page(client: Client, ada: User) -> None:
    make.application(ada)
    rewrite(AgreementSignature.objects.all(), text=None)

    assert client.get(f"/agreements/signed/{AgreementSignature.objects.get().pk}/").status_code == 404


@pytest.mark.parametrize("name", ["identity_notice", "margin_agreement", "..", "customer-agreement"])
def test_only_what_is_required_can_be_read(client: Client, name: str) -> None:
    assert client.get(f"/agreements/{name}/").status_code == 404


@pytest.mark.parametrize(
    "text", ["", "no head", "title: T\nrevision: 1\n---\nwords", "title: T\nrevision: 1\nsample: no\n---\n  "]
)
def test_a_file_that_is_not_written_as_it_should_be_is_named(settings: Settings, tmp_path: Path, text: str) -> None:
    (tmp_path / "customer_agreement.txt").write_text(text)
    settings.AGREEMENTS_DIR = str(tmp_path)

    with pytest.raises(agreements.NoSuchText, match=r"customer_agreement\.txt"):
        agreements.current("customer_agreement")


@pytest.mark.parametrize(
    "name",
    ["customer_agreement", "account_agreement", "margin_agreement", "crypto_agreement", "options_agreement"],
)
def test_every_agreement_of_the_brokers_has_a_sample(name: str) -> None:
    text = agreements.current(name)

    assert text.is_sample
    assert {kind for kind, _ in agreements.blocks(text.body)} == {"heading", "paragraph"}


def test_each_required_text_is_agreed_to(client: Client, ada: User, settings: Settings) -> None:
    settings.AGREEMENTS = ["customer_agreement", "margin_agreement"]
    answers = {**make.ANSWERS["agreements"], "margin_agreement_shown": agreements.current("margin_agreement").digest}

    one = client.post("/apply/agreements/", answers)
    both = client.post("/apply/agreements/", {**answers, "margin_agreement": "on"})

    assert "Agree to the margin agreement to go on" in one.content.decode()
    assert both.status_code == 302
    assert AgreementSignature.objects.count() == 2
