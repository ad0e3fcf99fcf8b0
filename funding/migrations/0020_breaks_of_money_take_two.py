"""A break on which money hangs is decided by two persons: the database, too, wants to know who asked."""

from django.db import migrations, models

TWO_PERSONS = [
    "AMOUNT_DIFFERS",
    "BANK_DIFFERS",
    "CASH",
    "CASH_AMOUNT_DIFFERS",
    "CASH_ANOTHER_DAY",
    "CASH_FOR_ENDED",
    "CASH_MISSING",
    "CASH_TWICE",
    "CASH_UNEXPLAINED",
    "CASH_WRONG_SIGN",
    "DIRECTION_DIFFERS",
    "NOT_LISTED",
    "OTHER_ACCOUNT",
    "RETURN_UNHEARD",
    "STATUS_CONTRADICTS",
    "THERE_AFTER_ALL",
    "TWIN",
]


class Migration(migrations.Migration):
    dependencies = [("funding", "0019_roles")]

    operations = [
        migrations.AddConstraint(
            model_name="break",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    ("asked_by__isnull", False),
                    models.Q(("kind__in", TWO_PERSONS), _negated=True),
                    _connector="OR",
                ),
                name="break_of_money_decided_by_two",
            ),
        ),
    ]
