"""Tax numbers, and the broker's words for their kinds; what is refused is in bad_answers."""

import pytest
import yaml
from alpaca.broker.enums import TaxIdType

from accounts.rules import countries, tax_ids
from brokerage.sandbox.broker import fields
from tests.brokerage.sandbox.broker_specification import ABSENT, FILE

# The broker's own file spells it both ways; its SDK knows this one alone.
ARGENTINA = {"ARG_AG_CUIT": "ARG_AR_CUIT"}


@pytest.mark.parametrize("typed", ["444554321", "444-55-4321", "444 55 4321", " 444–55–4321 ", "444.55.4321"])
def test_a_social_security_number_is_kept_as_nine_digits(typed: str) -> None:
    kept = tax_ids.social_security(typed)

    assert kept == "444554321"
    fields.social_security("tax_id", kept, itin=False)


@pytest.mark.parametrize("group", [*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)])
def test_an_itin_has_one_of_the_groups_that_are_given_out(group: int) -> None:
    kept = tax_ids.individual_taxpayer(f"912-{group}-1234")

    assert kept == f"912{group}1234"
    fields.social_security("tax_id", kept, itin=True)


def test_no_other_group_is_given_out() -> None:
    taken = [group for group in range(100) if tax_ids._ITIN.fullmatch(f"912{group:02}1234")]

    assert taken == [*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("20-12345678-6", "20-12345678-6"),
        ("12.345.678-5", "12.345.678-5"),
        ("ABCDE1234F", "ABCDE1234F"),
        (" QQ 12 34 56 C ", "QQ123456C"),
        ("1" * 40, "1" * 40),
    ],
)
def test_a_number_of_another_country_keeps_its_signs(typed: str, kept: str) -> None:
    assert tax_ids.foreign(typed) == kept


def test_the_kinds_are_those_of_the_brokers_sdk() -> None:
    assert set(tax_ids.KINDS) == {kind.value for kind in TaxIdType}
    assert all(len(kind) <= 20 for kind in tax_ids.KINDS)


@pytest.mark.skipif(not FILE.exists(), reason=ABSENT)
def test_the_kinds_are_those_of_the_brokers_file() -> None:
    kinds = yaml.safe_load(FILE.read_text())["components"]["schemas"]["TaxIdType"]["enum"]

    assert set(tax_ids.KINDS) == {ARGENTINA.get(kind, kind) for kind in kinds}


def test_each_kind_tells_its_country() -> None:
    for kind, label in tax_ids.KINDS.items():
        country = label.partition(":")[0]
        assert country in (countries.name_of(kind[:3]), "Another country")
    assert len(set(tax_ids.KINDS.values())) == len(tax_ids.KINDS)
