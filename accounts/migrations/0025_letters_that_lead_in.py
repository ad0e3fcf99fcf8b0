"""Letters that end a sign-up or lead to a new password, and since when an address is known to be read."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0024_second_factor"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="email_verified_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="e-mail confirmed at"),
        ),
        migrations.CreateModel(
            name="SignInLetter",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("SIGN_UP", "Leads to the end of a sign-up"),
                            ("HAS_SIGN_IN", "Says that there is a sign-in with this address"),
                            ("PASSWORD", "Leads to a new password"),
                            ("NO_SIGN_IN", "Says that nobody signs in with this address"),
                            ("NO_PASSWORD", "Says that this sign-in has no password"),
                            ("STOPPED", "Says that this sign-in was stopped"),
                        ],
                        max_length=20,
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("stood", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("claimed_until", models.DateTimeField(editable=False, null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("email_error", models.CharField(blank=True, editable=False, max_length=60)),
                ("emailed_at", models.DateTimeField(editable=False, null=True, verbose_name="e-mailed at")),
                ("given_up_at", models.DateTimeField(editable=False, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="LetterKey",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="keys", to="accounts.signinletter"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="signinletter",
            index=models.Index(
                condition=models.Q(("emailed_at", None), ("given_up_at", None)),
                fields=["created_at"],
                name="sign_in_letter_to_post",
            ),
        ),
        migrations.AddIndex(
            model_name="signinletter",
            index=models.Index(fields=["expires_at"], name="sign_in_letter_over"),
        ),
    ]
