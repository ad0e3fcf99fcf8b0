"""pytest plugin: says at the end what did not run and why, and what the other legs of `make test` came to.

`make test` runs pytest once for each leg. It names the leg in TEST_LEG and, in TEST_LEGS_FILE, the file that collects
the lines of all of them; the last leg shows every one. What a test has counted is said here, too:
`record_property("counted", "50 deaths at 25 points")`.
"""

import os
from collections import Counter
from pathlib import Path

from _pytest.terminal import TerminalReporter

BY_DESIGN = "by design: "


def pytest_terminal_summary(terminalreporter: TerminalReporter, exitstatus: int) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:  # the first process speaks for all
        return
    lines = [*_counted(terminalreporter), *_not_run(terminalreporter)]
    if record := os.environ.get("TEST_LEGS_FILE"):
        path = Path(record)
        earlier = path.read_text().splitlines() if path.exists() else []
        lines = [*earlier, _outcome(terminalreporter, exitstatus), *lines, *_failed(terminalreporter)]
        path.write_text("\n".join(lines) + "\n")
    if lines:
        terminalreporter.section("what ran and what did not")
        terminalreporter.write_line("\n".join(lines))


def _outcome(reporter: TerminalReporter, exitstatus: int) -> str:
    counts = [(len(reporter.stats.get(name, [])), name) for name in ("passed", "failed", "error", "skipped")]
    tally = ", ".join(f"{count} {name}" for count, name in counts if count) or "no test was found"
    verdict = "ok" if exitstatus == 0 else "NOT OK"
    return f"{os.environ.get('TEST_LEG', 'tests')}: {verdict}, {tally}"


def _counted(reporter: TerminalReporter) -> list[str]:
    passed = [dict(report.user_properties) for report in reporter.stats.get("passed", [])]
    return [f"  {properties['counted']}" for properties in passed if "counted" in properties]


def _not_run(reporter: TerminalReporter) -> list[str]:
    """Return a line for each reason why tests were left out, those left out by design excepted."""
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in reporter.stats.get("skipped", []))
    gaps = [(count, why) for why, count in reasons.items() if not why.startswith(BY_DESIGN)]
    return [f"  NOT RUN: {count} {'test' if count == 1 else 'tests'}: {why}" for count, why in gaps]


def _failed(reporter: TerminalReporter) -> list[str]:
    return [f"  failed: {report.nodeid}" for kind in ("failed", "error") for report in reporter.stats.get(kind, [])]
