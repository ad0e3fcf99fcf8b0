"""The database keeps what was written down once: histories, looks, roles, notes, signatures, the broker's news."""

from django.db import migrations

from brokerage.append_only import AppendOnly, Guard

NOTHING = AppendOnly()
EVIDENCE = AppendOnly(may_empty={"evidence": {}})  # goes with the answers; see operations.retention_rules
A_YEAR = AppendOnly(goes_after=("at", 366))  # the least that RETENTION_DESK_YEARS can be


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0020_people_found_by_index"),
    ]

    operations = [
        Guard("applicationevent", EVIDENCE),
        Guard("accountevent", EVIDENCE),
        Guard("detailschangeevent", EVIDENCE),
        Guard("uploadevent", EVIDENCE),
        Guard("emailchangeevent", NOTHING),
        Guard("streameventchange", NOTHING),
        Guard("streamevent", AppendOnly(may_change=("body", "state", "tries", "next_at", "why", "acted_at"))),
        Guard("desknote", AppendOnly(may_empty={"text": ""})),
        Guard("fieldreveal", A_YEAR),
        Guard("documentaccess", A_YEAR),
        Guard("signinchange", NOTHING),
        Guard("rolechange", NOTHING),
        Guard("purgerecord", NOTHING),
        Guard("agreementtext", NOTHING),
        Guard(
            "agreementsignature",
            AppendOnly(may_empty={"ip_address": "0.0.0.0", "user_agent": ""}, goes_after=("signed_at", 1)),  # noqa: S104 - says "none"
        ),
    ]
