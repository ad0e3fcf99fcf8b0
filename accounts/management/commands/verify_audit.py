"""Reads the audit's chain, and says where it was tampered with. To be run nightly and after a restore."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from accounts import findings
from accounts.operations.audit_checking import Check, Fault


class Command(BaseCommand):
    help = (
        "Check each entry of the audit against the one before, the head and the anchors, reading only; exit 0 when all "
        "is as it was written, 1 where something is wrong, 2 on wrong usage."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        findings.add_arguments(parser)  # a dry run is the only kind there is
        parser.add_argument("--from", type=_number, default=1, metavar="N", help="begin at this entry", dest="since")

    def handle(self, *args: Any, **options: Any) -> None:
        check, broken = Check(since=options["since"]), 0
        for fault in check.faults():
            broken += 1
            self.stdout.write(_line(fault, as_json=options["json"]))
        if options["json"]:
            self.stdout.write(json.dumps({"read": check.read, "anchors": check.anchors, "broken": broken}))
        else:
            self.stdout.write(f"{check.read} entries read, {check.anchors} anchors, {broken} broken")
        if broken:
            sys.exit(1)


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"no entry has the number {text!r}; they begin at 1")
    return int(text)


def _line(fault: Fault, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"entry": fault.number, "what": fault.what})
    return f"{f'entry {fault.number}: ' if fault.number else ''}{fault.what} [BROKEN]"
