"""What people of ops search for is found by an index: in lists as in the search over everything."""

from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0020_people_found_by_index"),
        ("funding", "0024_roles_come_with_the_code"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="break",
            index=models.Index(fields=["subject"], name="break_of_subject"),
        ),
        migrations.AddIndex(
            model_name="cashactivity",
            index=models.Index(fields=["alpaca_account_id"], name="cash_of_broker_account"),
        ),
        migrations.AddIndex(
            model_name="cashactivity",
            index=models.Index(fields=["amount"], name="cash_of_amount"),
        ),
        migrations.AddIndex(
            model_name="plaiditem",
            index=models.Index(Lower("institution_name"), name="item_of_bank"),
        ),
    ]
