"""What a reconciliation found, and how a command tells it.

Made by reconciling operations, printed by the reconcile commands of both apps, which exit 0 when all is clean or
mended, 1 when breaks are left, 2 on wrong usage, 75 when a vendor is away and the rest has to wait.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.management.base import OutputWrapper

TRY_AGAIN = 75  # what a shell calls a failure that passes (EX_TEMPFAIL)


class BrokerAway(Exception):
    """The broker, or Plaid, does not answer; what was read stands, and the rest can be read later."""


@dataclass(frozen=True)
class Finding:
    """One difference, and whether it was mended (or would be, in a dry run).

    `code` is a kind of break, empty where something could not be compared, or is no difference of books. `account` and
    `transfer` are our ids. `evidence` is what was held side by side, as JSON takes it: amounts as text, in US dollars,
    and nothing of a person.
    """

    subject: str
    what: str
    mended: bool
    code: str = ""
    account: UUID | None = None
    transfer: UUID | None = None
    ours: str = ""
    theirs: str = ""
    evidence: dict[str, Any] = field(default_factory=dict, repr=False)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and write nothing")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, for machines")


def report(findings: Iterable[Finding], *, out: OutputWrapper, as_json: bool, dry_run: bool) -> None:
    """Print a line per finding as it comes, and a summary; exit 1 where something is left to mend, 75 as said above."""
    count = left = 0
    away = ""
    try:
        for finding in findings:
            count += 1
            left += dry_run or not finding.mended
            out.write(_line(finding, as_json=as_json, dry_run=dry_run))
    except BrokerAway as fault:
        away = str(fault)
    _sum_up(count, left, away, out=out, as_json=as_json)
    if away or left:
        sys.exit(TRY_AGAIN if away else 1)


def _sum_up(count: int, left: int, away: str, *, out: OutputWrapper, as_json: bool) -> None:
    summary = {"findings": count, "mended": count - left, "left": left} | ({"stopped": away} if away else {})
    stopped = f"; stopped, the vendor is away, try again ({away})" if away else ""
    out.write(json.dumps(summary) if as_json else f"{count} found, {count - left} mended, {left} left{stopped}")


def _line(finding: Finding, *, as_json: bool, dry_run: bool) -> str:
    done = finding.mended and not dry_run
    if as_json:
        code = {"code": finding.code} if finding.code else {}
        return json.dumps(code | {"subject": finding.subject, "what": finding.what, "mended": done})
    outcome = "mended" if done else "would be mended" if finding.mended else "LEFT"
    return f"{finding.subject}: {finding.what} [{outcome}]"
