"""What the desk is asked for by ids is found by index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_no_parked_events"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="brokerageaccount",
            index=models.Index(fields=["account_number"], name="account_of_number"),
        ),
        migrations.AddIndex(
            model_name="brokerdocument",
            index=models.Index(fields=["alpaca_document_id"], name="document_of_broker_id"),
        ),
        migrations.AddIndex(
            model_name="streamevent",
            index=models.Index(fields=["account_id"], name="stream_event_of_account"),
        ),
    ]
