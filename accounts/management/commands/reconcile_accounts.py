"""Compares brokerage accounts, their people and applications with the broker; mends or reports each difference."""

import os
import socket
import sys
from argparse import ArgumentParser
from datetime import date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import findings
from accounts.operations import account_reconciliation
from accounts.operations.account_reconciliation import NoSuchAccount, Scope
from accounts.operations.leases import HeldByAnother

USAGE, INTERRUPTED = 2, 130
EVERY = 20  # accounts, between two words on how far we are


class Command(BaseCommand):
    help = (
        "Compare brokerage accounts, their people and applications with the broker; exit 0 clean, mended, or already "
        "being done by another process; 1 breaks found; 2 usage; 75 the broker is away, try again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", metavar="ID", help="one account only, by our id or the broker's")
        parser.add_argument("--since", type=date.fromisoformat, metavar="DATE", help="created or changed since then")
        parser.add_argument("--full", action="store_true", help="closed accounts too, and all that the broker lists")
        findings.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run: bool = options["dry_run"]
        found = account_reconciliation.reconcile(
            _scope(options),
            dry_run=dry_run,
            holder=f"reconcile_accounts {socket.gethostname()[:40]} {os.getpid()}",
            progress=self._progress,
        )
        try:
            findings.report(found, out=self.stdout, as_json=options["json"], dry_run=dry_run)
        except HeldByAnother:
            self.stderr.write("Another process reconciles accounts already.")
        except KeyboardInterrupt:
            self.stderr.write("Stopped. Run it again: it begins with what has not been compared.")
            sys.exit(INTERRUPTED)

    def _progress(self, done: int) -> None:
        if done % EVERY == 0 and self.stderr.isatty():
            self.stderr.write(f"\r{done} accounts compared", ending="")


def _scope(options: dict[str, Any]) -> Scope:
    since = options["since"]
    if since and since > timezone.localdate():
        raise CommandError("--since is in the future.", returncode=USAGE)
    if options["account"] and (since or options["full"]):
        raise CommandError("--account stands alone.", returncode=USAGE)
    try:
        account = account_reconciliation.account_named(options["account"]) if options["account"] else None
    except NoSuchAccount:
        raise CommandError("There is no account of that id.", returncode=USAGE) from None
    midnight = timezone.make_aware(datetime.combine(since, time())) if since else None
    return Scope(account=account, since=midnight, full=options["full"])
