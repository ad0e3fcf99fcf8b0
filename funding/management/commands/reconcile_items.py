"""Reads every login at a bank again at Plaid; takes over, and reports, each difference."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts import findings
from funding.operations import item_reconciliation


class Command(BaseCommand):
    help = "Read every login at a bank again at Plaid; exit 0 clean, 1 breaks found, 2 usage."

    def add_arguments(self, parser: ArgumentParser) -> None:
        findings.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run: bool = options["dry_run"]
        found = item_reconciliation.reconcile_items(dry_run=dry_run)
        findings.report(found, out=self.stdout, as_json=options["json"], dry_run=dry_run)
