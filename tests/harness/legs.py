"""pytest plugin: says at the end what did not run and why, and what the other legs of `make test` came to.

`make test` runs pytest once for each leg. It names the leg in TEST_LEG and, in TEST_LEGS_FILE, the file that collects
one line for each; the last leg shows them all.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

BY_DESIGN = "by design: "


def pytest_terminal_summary(terminalreporter: TerminalReporter, exitstatus: int) -> None:
    lines = _leg(terminalreporter, exitstatus)
    if record := os.environ.get("TEST_LEGS_FILE"):
        path = Path(record)
        lines = [*(path.read_text().splitlines() if path.exists() else []), *lines]
        path.write_text("\n".join(lines) + "\n")
    elif len(lines) == 1:
        return
    terminalreporter.section("what ran and what did not")
    for line in lines:
        terminalreporter.write_line(line)


def _leg(reporter: TerminalReporter, exitstatus: int) -> list[str]:
    """Return a line with this leg's outcome, and one for each reason why something was left out."""
    counts = [(len(reporter.stats.get(name, [])), name) for name in ("passed", "failed", "error", "skipped")]
    outcome = "ok" if exitstatus == 0 else f"FAILED (pytest's exit code {int(exitstatus)})"
    tally = ", ".join(f"{count} {name}" for count, name in counts if count) or "no test was found"
    lines = [f"{os.environ.get('TEST_LEG', 'Tests')}: {outcome}, {tally}"]
    reasons = Counter(_reason(report) for report in reporter.stats.get("skipped", []))
    lines += [f"  NOT RUN: {count} of them, because {why}" for why, count in reasons.items() if not _by_design(why)]
    lines += [f"  failed: {report.nodeid}" for kind in ("failed", "error") for report in reporter.stats.get(kind, [])]
    return lines


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def _by_design(reason: str) -> bool:
    return reason.startswith(BY_DESIGN)
