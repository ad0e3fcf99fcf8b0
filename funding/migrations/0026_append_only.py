"""The database keeps what was written down once of money and banks: histories, decisions, attempts, closes."""

from django.db import migrations

from brokerage.append_only import AppendOnly, Guard

NOTHING = AppendOnly()
# Of an attempt, the answer comes later, and whoever waits for it or looks for it renews its lease.
ATTEMPT = AppendOnly(may_change=("lease_until", "answered_at", "http_status", "request_id", "answer", "looking_until"))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_append_only"),
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
    ]
