"""Asks of every row whether what must always be true is true; reads only. To be run nightly and after a restore."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts import findings
from funding.operations import invariants

STOPPED = 130  # what a shell expects of a command that Ctrl-C ended


class Command(BaseCommand):
    help = "Check the books against their invariants, reading only; exit 0 clean, 1 something is broken, 2 usage."

    def add_arguments(self, parser: ArgumentParser) -> None:
        findings.add_arguments(parser)  # a dry run is the only kind there is
        parser.add_argument("--only", type=_numbers, default=(), metavar="3,5", help="check these invariants alone")

    def handle(self, *args: Any, **options: Any) -> None:
        run = invariants.Run(now=timezone.now(), only=options["only"])
        broken, warnings = Counter[int](), Counter[int]()
        try:
            for breach in run.breaches():
                (warnings if breach.is_warning else broken)[breach.invariant] += 1
                self.stdout.write(_line(breach, as_json=options["json"]))
        except KeyboardInterrupt:
            self.stderr.write(f"stopped before the end, {run.rows_read} rows read")
            sys.exit(STOPPED)
        self.stdout.write(_summary(run, broken, warnings, as_json=options["json"]))
        if broken:
            sys.exit(1)


def _numbers(text: str) -> tuple[int, ...]:
    """Return the invariants named by "3,5"."""
    named = text.split(",")
    known = {str(number): number for number in invariants.ALL}
    if unknown := [name for name in named if name.strip() not in known]:
        raise ArgumentTypeError(f"no invariant {unknown[0]!r}; there are {', '.join(known)}")
    return tuple(known[name.strip()] for name in named)


def _line(breach: invariants.Breach, *, as_json: bool) -> str:
    if as_json:
        kind = "warning" if breach.is_warning else "broken"
        found = {"invariant": breach.invariant, "subject": breach.subject, "what": breach.what, "kind": kind}
        return json.dumps(found)
    outcome = "warning" if breach.is_warning else "BROKEN"
    return f"invariant {breach.invariant}: {breach.subject} {breach.what} [{outcome}]"


def _summary(run: invariants.Run, broken: Counter[int], warnings: Counter[int], *, as_json: bool) -> str:
    by_invariant = {str(number): broken[number] for number in run.invariants}
    if as_json:
        counts = {"broken": broken.total(), "warnings": warnings.total(), "rows_read": run.rows_read}
        return json.dumps(counts | {"by_invariant": by_invariant})
    by_number = ", ".join(f"{number}: {count}" for number, count in by_invariant.items())
    found = f"{broken.total()} broken, {warnings.total()} warnings, {run.rows_read} rows read"
    return f"{found}; broken by invariant: {by_number}"
