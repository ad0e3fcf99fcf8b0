"""A bank account of which the broker holds something that is not clearly ours: a person decides, once."""

from typing import Any

import pytest

from funding import states
from funding.models import ACHRelationship
from funding.operations import link_review, linking
from tests.funding.admin.ops import AtTheDesk, page, person
from tests.funding.banking import fresh
from tests.funding.standing import Customer, work

WHY: dict[str, Any] = {"because": "compared it at the dashboard"}


@pytest.fixture
def desk(db: None) -> AtTheDesk:
    return AtTheDesk(person("ops@example.com", "change_achrelationship"))


@pytest.fixture
def link(ada: Customer) -> ACHRelationship:
    """Return Ada's bank; the broker's answer had named another account."""
    ACHRelationship.objects.filter(pk=ada.relationship.pk).update(sending=states.REVIEW)
    return fresh(ada.relationship)


def test_one_that_is_kept_can_be_used(desk: AtTheDesk, link: ACHRelationship) -> None:
    said = desk.press(page(link, "keep"), **WHY)

    kept = fresh(link)
    event = kept.events.get(after=states.ACCEPTED)
    assert "is the customer’s bank now" in said
    assert (kept.usable, event.actor, event.because) == (True, f"ops {desk.user.pk}", WHY["because"])


def test_one_that_is_let_go_makes_room_for_another(desk: AtTheDesk, link: ACHRelationship, ada: Customer) -> None:
    desk.press(page(link, "let-go"), **WHY)
    work()

    over = fresh(link)
    assert (over.sending, over.login.access_token) == (states.REFUSED, "")
    assert ada.user.notices.filter(kind="BANK_REFUSED").count() == 1
    linking.require_linkable(ada.account, replacing=False)


def test_one_that_is_bound_to_nothing_can_not_be_kept(desk: AtTheDesk, link: ACHRelationship) -> None:
    ACHRelationship.objects.update(alpaca_id=None)

    desk.press(page(link, "keep"), status=409, **WHY)

    assert fresh(link).sending == states.REVIEW
    with pytest.raises(link_review.NothingToKeep):
        link_review.keep(relationship=fresh(link), because="x", person=desk.user)


def test_it_is_decided_once(desk: AtTheDesk, link: ACHRelationship) -> None:
    desk.press(page(link, "let-go"), **WHY)

    desk.press(page(link, "keep"), status=409, **WHY)

    assert fresh(link).sending == states.REFUSED
    with pytest.raises(link_review.NotInReview):
        link_review.let_go(relationship=link, because="x", person=desk.user)


@pytest.mark.parametrize("deed", ["keep", "let-go"])
def test_who_may_only_view_decides_nothing(link: ACHRelationship, deed: str) -> None:
    reader = AtTheDesk(person("eve@example.com", "view_achrelationship"))

    reader.press(page(link, deed), status=403, **WHY)

    assert fresh(link).sending == states.REVIEW
