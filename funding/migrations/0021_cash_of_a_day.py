"""The cash of one day is found without reading all of it, for the close of the day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("funding", "0020_breaks_of_money_take_two")]

    operations = [
        migrations.AlterModelOptions(
            name="cashactivity",
            options={"ordering": ["created_at", "id"], "verbose_name_plural": "cash activities"},
        ),
        migrations.AddIndex(model_name="cashactivity", index=models.Index(fields=["booked_on"], name="cash_booked_on")),
    ]
