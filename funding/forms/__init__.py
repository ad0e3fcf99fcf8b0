"""What customers type about money, and choose about their bank."""

from funding.forms.banks import ChooseAccountForm, LinkEventsForm, LinkResultForm, NumbersForm
from funding.forms.money import AmountField, AmountForm, FilterForm

__all__ = [
    "AmountField",
    "AmountForm",
    "ChooseAccountForm",
    "FilterForm",
    "LinkEventsForm",
    "LinkResultForm",
    "NumbersForm",
]
