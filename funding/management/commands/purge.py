"""Purges what is not kept any longer; tells customers beforehand whose unsent answers are next."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts import findings
from accounts.operations import audit, retention
from funding.operations.closing_retention import BY_NAME, RULES

BY = "purge (command)"


class Command(BaseCommand):
    help = (
        "Purge personal data that is not kept any longer, except of people under a legal hold; exit 0 when all that "
        "was due is purged, 1 when something is left, 2 on wrong usage. May be killed and run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        findings.add_arguments(parser)
        parser.add_argument("--what", action="append", choices=sorted(BY_NAME), help="this rule only; may be repeated")

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run: bool = options["dry_run"]
        rules = [BY_NAME[name] for name in options["what"]] if options["what"] else RULES
        if not dry_run:
            audit.command("purge", rules=[rule.name for rule in rules])
        found = retention.purge(by=BY, rules=rules, dry_run=dry_run)
        findings.report(found, out=self.stdout, as_json=options["json"], dry_run=dry_run)
