"""The worker as a command: one round, whatever the vendors do."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from funding import states
from funding.models import Transfer
from tests.funding.standing import OUT, Customer, in_doubt

DEAD = "http://127.0.0.1:1"


def round_of_work() -> str:
    said = StringIO()
    call_command("run_worker", once=True, stdout=said)
    return said.getvalue()


def test_a_round_says_how_much_it_did(ada: Customer) -> None:
    round_of_work()

    assert round_of_work().endswith(" done\n")


def test_a_round_with_both_vendors_dead_ends_well(ada: Customer, settings: Settings) -> None:
    in_doubt(ada.relationship)
    ada.ask("5.00", OUT)
    settings.BROKER_BASE_URL = settings.PLAID_BASE_URL = settings.BROKER_TOKEN_URL = DEAD

    said = [round_of_work() for _ in range(2)]

    assert said == ["1 done\n", "0 done\n"]  # the e-mail that tells of the withdrawal: no vendor is needed for it
    assert sorted(Transfer.objects.values_list("sending", flat=True)) == [states.RESERVED, states.UNKNOWN]


def test_a_flag_that_nobody_knows_is_wrong_usage(db: None) -> None:
    with pytest.raises((CommandError, TypeError)):
        call_command("run_worker", "--twice")
