"""What the commands that reconcile have in common: what they are asked, and how they tell what they found."""

import os
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import findings
from accounts.findings import BrokerAway, Finding
from accounts.operations import account_reconciliation, audit
from accounts.operations.account_reconciliation import NoSuchAccount, Scope
from accounts.operations.asking import Asking
from accounts.operations.leases import HeldByAnother
from funding.operations import reconciling

USAGE, INTERRUPTED = 2, 130
EXITS = "exit 0 clean, mended, or being done by another; 1 breaks found; 2 usage; 75 the vendor is away, try again."
EVERY = 20  # accounts, between two words on how far we are


class ReconcileCommand(BaseCommand):
    """Goes through some of the books; a child names them, in order."""

    areas: tuple[str, ...]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", metavar="ID", help="one account only, by our id or the broker's")
        parser.add_argument("--since", type=date.fromisoformat, metavar="DATE", help="created or changed since then")
        parser.add_argument("--full", action="store_true", help="what is at rest, too, and all that the vendor lists")
        findings.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run: bool = options["dry_run"]
        scope = _scope(options)
        if not dry_run:
            audit.command("reconcile", areas=list(self.areas))
        found = self._found(scope, dry_run=dry_run)
        try:
            findings.report(found, out=self.stdout, as_json=options["json"], dry_run=dry_run)
        except KeyboardInterrupt:
            self.stderr.write("Stopped. Run it again: it goes on where it was.")
            sys.exit(INTERRUPTED)

    def _found(self, scope: Scope, *, dry_run: bool) -> Iterator[Finding]:
        """Yield what is found in one area after the other; a vendor that is away in one may be there in the next."""
        holder = f"reconcile {socket.gethostname()[:40]} {os.getpid()}"
        asking = Asking(per_minute=settings.RECONCILE_READS_PER_MINUTE)
        away: BrokerAway | None = None
        for area in self.areas:
            try:
                progress = partial(self._tell, area)
                yield from reconciling.reconcile(
                    area, scope, dry_run=dry_run, holder=holder, asking=asking, progress=progress
                )
            except HeldByAnother:
                self.stderr.write(f"Another process reconciles {area} already.")
            except BrokerAway as fault:
                away = fault
        if away:
            raise away

    def _tell(self, area: str, done: int) -> None:
        if done % EVERY == 0 and self.stderr.isatty():
            self.stderr.write(f"\r{area}: {done} compared", ending="")


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
