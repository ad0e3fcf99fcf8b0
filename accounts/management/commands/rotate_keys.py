"""Seals anew with the first of FIELD_KEYS what older keys have sealed; the site may run meanwhile."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.operations import audit, resealing
from accounts.operations.resealing import Column
from brokerage.encryption import key_names

MOST_NAMED = 20


class Command(BaseCommand):
    help = (
        "Seal every secret at rest with the first key of FIELD_KEYS; exit 0 when no other key is needed any more, 1 "
        "when something is left, 2 on wrong usage. May be killed and run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count by key, and write nothing")
        parser.add_argument("--json", action="store_true", help="one JSON object a line, for machines")
        parser.add_argument("--column", action="append", metavar="NAME", help="this one only, as it is printed")

    def handle(self, *args: Any, **options: Any) -> None:
        active = key_names()[0]
        left = resealed = 0
        if not options["dry_run"]:
            audit.command("rotate_keys", key=active)
        for column in _wanted(options["column"]):
            if options["dry_run"]:
                done = Column(column.place_in("").rstrip(":"), by_key=resealing.count(column))
            else:
                done = resealing.reseal(column, progress=self._tell)
            after = resealing.count(column)
            left += after.total() - after[active]
            resealed += done.resealed
            self._report(done, as_json=options["json"])
        summary = {"key": active, "resealed": resealed, "left": left}
        said = f"{resealed} sealed anew with {active}, {left} left with other keys"
        self.stdout.write(json.dumps(summary) if options["json"] else said)
        if left:
            sys.exit(1)

    def _tell(self, done: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done} sealed anew", ending="")

    def _report(self, done: Column, *, as_json: bool) -> None:
        if as_json:
            told = {"column": done.place, "by_key": done.by_key, "resealed": done.resealed, "shut": len(done.shut)}
            self.stdout.write(json.dumps(told))
            return
        keys = ", ".join(f"{number} by {name}" for name, number in sorted(done.by_key.items())) or "empty"
        self.stdout.write(f"{done.place}: {keys}; {done.resealed} sealed anew")
        for place in done.shut[:MOST_NAMED]:
            self.stdout.write(f"  LEFT: {place}")
        if len(done.shut) > MOST_NAMED:
            self.stdout.write(f"  LEFT: and {len(done.shut) - MOST_NAMED} more")


def _wanted(names: list[str] | None) -> list[resealing.EncryptedTextField]:
    known = {column.place_in("").rstrip(":"): column for column in resealing.columns()}
    if unknown := sorted(set(names or ()) - set(known)):
        raise CommandError(f"no sealed column {unknown[0]!r}; there are {', '.join(known)}", returncode=2)
    return [known[name] for name in names] if names else list(known.values())
