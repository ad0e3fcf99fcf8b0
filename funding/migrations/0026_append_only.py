"""The database keeps what was written down once of money and banks; and the audit is for compliance and admins to read."""

from django.db import migrations

from brokerage.append_only import AppendOnly, Guard
from brokerage.roles import ADMIN, COMPLIANCE, OPERATOR, VIEWER, granting, taking_back

NOTHING = AppendOnly()
# Of an attempt, the answer comes later, and whoever waits for it or looks for it renews its lease.
ATTEMPT = AppendOnly(may_change=("lease_until", "answered_at", "http_status", "request_id", "answer", "looking_until"))

MAY = {role: ["accounts.view_auditentry"] for role in (COMPLIANCE, ADMIN)}
# In a new database, what lets others read everything took this along.
MAY_NOT = {role: ["accounts.view_auditentry"] for role in (VIEWER, OPERATOR)}


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0022_audit"),
        ("funding", "0025_lists_searched_by_index"),
    ]

    operations = [
        Guard("transferevent", NOTHING),
        Guard("relationshipevent", NOTHING),
        Guard("itemevent", NOTHING),
        Guard("linkevent", NOTHING),
        Guard("cashactivityevent", NOTHING),
        Guard("breakevent", NOTHING),
        Guard("closingevent", AppendOnly(may_empty={"evidence": {}})),
        Guard("plaidwebhookevent", NOTHING),
        Guard("debitauthorization", NOTHING),
        Guard("riskdecision", NOTHING),
        Guard("sendattempt", ATTEMPT),
        Guard("lookup", NOTHING),
        Guard("reversal", NOTHING),
        Guard("dailyclose", NOTHING),
        Guard("ownercheck", AppendOnly(may_change=("owner_names",))),
        Guard("limitoverride", NOTHING),
        migrations.RunPython(granting(MAY), taking_back(MAY)),
        migrations.RunPython(taking_back(MAY_NOT), migrations.RunPython.noop),
    ]
