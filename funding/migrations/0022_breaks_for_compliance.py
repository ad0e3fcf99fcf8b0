"""Breaks of people and their accounts are compliance's to see to."""

from django.db import migrations

from brokerage.roles import COMPLIANCE, granting, taking_back

MAY = {COMPLIANCE: ["funding.change_break"]}


class Migration(migrations.Migration):
    dependencies = [("funding", "0021_cash_of_a_day")]

    operations = [migrations.RunPython(granting(MAY), taking_back(MAY))]
