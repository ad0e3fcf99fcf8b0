"""What stands in a database from before is taken along, and back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from funding import states
from funding.models import Transfer
from tests import make

BEFORE = ("funding", "0001_initial")


def migrate_back() -> Any:
    """Undo what came since, and return the models of then."""
    MigrationExecutor(connection).migrate([BEFORE])
    return MigrationExecutor(connection).loader.project_state([BEFORE]).apps


def migrate_forward() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.fixture
def newest_afterwards(transactional_db: None) -> Iterator[None]:
    yield
    migrate_forward()


@pytest.mark.slow
def test_a_deposit_from_before_keeps_its_authorization_back_and_forth(newest_afterwards: None) -> None:
    bank = make.relationship(make.account(make.user()))
    deposit = make.transfer(bank, "50.00")
    withdrawal = make.transfer(bank, "20.00", direction=states.OUTGOING)
    words = Transfer.objects.get(pk=deposit.pk).authorization

    old = migrate_back().get_model("funding", "DebitAuthorization").objects.get()
    migrate_forward()

    assert words is not None
    assert (old.pk, old.transfer_id, old.text) == (words.pk, deposit.pk, words.text)
    again = Transfer.objects.get(pk=deposit.pk)
    assert again.authorization == words
    assert again.authorization is not None
    assert (again.authorization.amount, again.authorization.relationship) == (deposit.amount, bank)
    assert again.leaves_on == deposit.leaves_on
    assert again.cleared_by is not None
    assert again.cleared_by.reasons == ["asked for before there was a risk gate"]
    assert Transfer.objects.get(pk=withdrawal.pk).authorization is None
