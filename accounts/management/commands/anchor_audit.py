"""Writes how far the audit has come to a file beside the database, once a day; the worker does so by itself."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import findings
from accounts.operations import anchoring

USAGE = 2


class Command(BaseCommand):
    help = (
        "Keep the number and hash of the audit's last entry in AUDIT_ANCHOR_DIR, one file a day, never written over; "
        "exit 0 when today's is there, 1 where what is there is no anchor, 2 on wrong usage or without that setting."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        findings.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            where = anchoring.folder()
            kept = anchoring.next_anchor() if options["dry_run"] else anchoring.anchor(by="command anchor_audit")
        except anchoring.NoFolder:
            raise CommandError("AUDIT_ANCHOR_DIR is empty: no anchors are kept.", returncode=USAGE) from None
        except anchoring.NothingToAnchor:
            self.stdout.write("{}" if options["json"] else "The audit is empty.")
            return
        except anchoring.NoAnchor as file:
            raise CommandError(f"{file} is not as it was written.", returncode=1) from None
        told = {"file": str(anchoring.path_of(kept.day, where)), "number": kept.number, "hash": kept.hash}
        said = f"{told['file']}: entry {kept.number}, {kept.hash}"
        self.stdout.write(json.dumps(told) if options["json"] else said)
