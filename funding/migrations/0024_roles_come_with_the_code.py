"""Nobody widens a role at the desk: what a group may do is written in migrations alone."""

from django.db import migrations

from brokerage.roles import ADMIN, granting, taking_back

NO_MORE = {ADMIN: ["auth.add_group", "auth.change_group"]}


class Migration(migrations.Migration):
    dependencies = [("funding", "0023_worker_stuck")]

    operations = [migrations.RunPython(taking_back(NO_MORE), granting(NO_MORE))]
