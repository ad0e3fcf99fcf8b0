"""What people of ops search for is found by an index: in lists as in the search over everything."""

from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0019_roles_of_ops"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="application",
            index=models.Index(Lower("family_name"), name="application_of_family_name"),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(Lower("given_name"), name="application_of_given_name"),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["tax_id_last4"], name="application_of_last_four"),
        ),
        migrations.AddIndex(
            model_name="documentaccess",
            index=models.Index(fields=["ip_address"], name="document_access_from"),
        ),
        migrations.AddIndex(
            model_name="documentupload",
            index=models.Index(fields=["sha256"], name="upload_of_digest"),
        ),
        migrations.AddIndex(
            model_name="emailchange",
            index=models.Index(fields=["old_email"], name="email_change_from", opclasses=["varchar_pattern_ops"]),
        ),
        migrations.AddIndex(
            model_name="emailchange",
            index=models.Index(fields=["new_email"], name="email_change_to", opclasses=["varchar_pattern_ops"]),
        ),
        migrations.AddIndex(
            model_name="streamevent",
            index=models.Index(fields=["entity_id"], name="stream_event_of_entity"),
        ),
    ]
