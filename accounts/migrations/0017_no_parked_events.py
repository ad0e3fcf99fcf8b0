from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_carry_parked_events"),
    ]

    operations = [
        migrations.DeleteModel(
            name="ParkedEvent",
        ),
    ]
