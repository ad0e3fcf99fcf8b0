"""What a reconciliation found, and how a command tells it.

Made by reconciling operations, printed by the reconcile commands of both apps, which exit 0 when all is clean or
mended, 1 when breaks are left, 2 on wrong usage.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.management.base import OutputWrapper


@dataclass(frozen=True)
class Finding:
    """One difference, and whether it was mended (or would be, in a dry run)."""

    subject: str
    what: str
    mended: bool


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and write nothing")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, for machines")


def report(findings: Iterable[Finding], *, out: OutputWrapper, as_json: bool, dry_run: bool) -> None:
    """Print a line per finding as it comes, and a summary; exit 1 where something is left to mend."""
    count = left = 0
    for finding in findings:
        count += 1
        left += dry_run or not finding.mended
        out.write(_line(finding, as_json=as_json, dry_run=dry_run))
    summary = {"findings": count, "mended": count - left, "left": left}
    out.write(json.dumps(summary) if as_json else f"{count} found, {count - left} mended, {left} left")
    if left:
        sys.exit(1)


def _line(finding: Finding, *, as_json: bool, dry_run: bool) -> str:
    done = finding.mended and not dry_run
    if as_json:
        return json.dumps({"subject": finding.subject, "what": finding.what, "mended": done})
    outcome = "mended" if done else "would be mended" if finding.mended else "LEFT"
    return f"{finding.subject}: {finding.what} [{outcome}]"
