"""Amounts as people type them and as vendors send them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage import money


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("250", "250.00"),
        ("250.5", "250.50"),
        ("0.01", "0.01"),
        (" 10 ", "10.00"),
        ("$5", "5.00"),
        ("$ 5.00", "5.00"),
        ("1,000.00", "1000.00"),
        ("$12,345,678.90", "12345678.90"),
        ("999999999999.99", "999999999999.99"),
        ("007", "7.00"),
    ],
)
def test_what_people_type_is_understood(typed: str, amount: str) -> None:
    assert str(money.parse(typed)) == amount


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "0",
        "0.00",
        "-1",
        "−1",
        "+1",
        "0.001",
        "10.005",
        "10.",
        ".50",
        "1e3",
        "NaN",
        "Infinity",
        "-Infinity",
        "1_0",
        "1,00",
        "1,0000",
        "1,000,00",
        "1.000,00",
        "1 000",
        "$-5",
        "5$",
        "$$5",
        "€5",
        "５０",
        "٥٠",
        "1²",
        "0x10",
        "\x0010",
        "10\x00",
        "1\n0",
        "10; drop table",
        "9" * 13,
        "9" * 10_000,
        "1," + "000," * 3000 + "000",
    ],
)
def test_what_is_no_amount_is_refused_with_a_cure(typed: str) -> None:
    with pytest.raises(money.AmountNotUnderstood) as refused:
        money.parse(typed)

    assert refused.value.customer_message.startswith("Enter an amount")


@given(st.text(max_size=30))
def test_whatever_is_typed_is_an_amount_in_cents_or_refused(typed: str) -> None:
    try:
        amount = money.parse(typed)
    except money.AmountNotUnderstood:
        return
    assert amount > 0
    assert amount.as_tuple().exponent == -2


@given(st.integers(1, 10**14 - 1))
def test_what_is_shown_can_be_typed_again(cents: int) -> None:
    amount = Decimal(cents) / 100

    assert money.parse(f"{amount:.2f}") == amount


@pytest.mark.parametrize("amount", ["5", "5.0", "5.00", "5.000", "1E+3", "0", "-1", "0.01"])
def test_whole_cents_keep_their_value_and_get_two_places(amount: str) -> None:
    exact = money.in_cents(Decimal(amount))

    assert exact == Decimal(amount)
    assert exact.as_tuple().exponent == -2


@pytest.mark.parametrize("amount", ["0.001", "10.005", "-0.009", "NaN", "sNaN", "Infinity", "-Infinity", "9" * 10_000])
def test_what_is_no_number_of_cents_is_refused_and_not_rounded(amount: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        money.in_cents(Decimal(amount))


@pytest.mark.parametrize(
    ("sent", "amount"),
    [
        ("250", "250.00"),
        (250, "250.00"),
        ("249.999", "249.99"),
        ("0.009", "0.00"),
        ("-86.409", "-86.40"),
        ("1E+2", "100.00"),
        (" 5 ", "5.00"),
    ],
)
def test_a_vendors_amount_is_never_rounded_up(sent: object, amount: str) -> None:
    assert money.from_vendor(sent) == Decimal(amount)


@pytest.mark.parametrize("sent", [None, "", "NaN", "sNaN", "Infinity", "-Infinity", "1e30", "much", {}, [], True])
def test_a_vendors_nonsense_is_no_amount(sent: object) -> None:
    with pytest.raises(ValueError, match="no amount"):
        money.from_vendor(sent)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("1250", "$1,250.00"), ("-86.4", "−$86.40"), ("0", "$0.00"), ("0.01", "$0.01"), ("-0.00", "$0.00")],
)
def test_amounts_are_shown_as_people_read_them(amount: str, shown: str) -> None:
    assert money.show(Decimal(amount)) == shown
