"""Lists what the site runs on, with versions and licences, in docs/licences.md. `make licences` runs it."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "licences.md"
_PINNED = re.compile(r"^([a-z0-9-]+)==([^\s;]+)", re.MULTILINE)
# Files of others that lie in static/vendor: what they are called, the licence, and how each tells its version.
VENDORED = {
    "bootstrap": ("MIT", "bootstrap.min.css", re.compile(r"Bootstrap +v([0-9.]+)")),
    "htmx": ("0BSD", "htmx.min.js", re.compile(r'version:"([0-9.]+)"')),
}
HEAD = """# Licences

What the site runs on, as `requirements.txt` pins it, and the files of others that it serves. `make licences` writes
this page; a test holds it against both. What only tests and checks need is not here.

"""


def pinned(requirements: str = "requirements.txt") -> dict[str, list[str]]:
    """Return what is pinned: the versions by name; there are two where they depend on Python's."""
    found: dict[str, list[str]] = {}
    for name, version in _PINNED.findall((ROOT / requirements).read_text()):
        found.setdefault(name, []).append(version)
    return found


def vendored() -> dict[str, tuple[str, str]]:
    """Return version and licence of each folder in static/vendor."""
    found = {}
    for name, (licence, file, version) in VENDORED.items():
        match = version.search((ROOT / "static" / "vendor" / name / file).read_text())
        found[name] = (match[1] if match else "unknown", licence)
    return found


def _licences(names: list[str]) -> dict[str, str]:
    command = [sys.executable, "-m", "piplicenses", "--from", "mixed", "--format", "json", "--packages", *names]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {re.sub(r"[-_.]+", "-", each["Name"]).lower(): each["License"] for each in told}


def page() -> str:
    versions = pinned()
    licences = _licences(list(versions))
    packages = [(name, ", ".join(each), licences.get(name, "UNKNOWN")) for name, each in versions.items()]
    served = [(f"static/vendor/{name}", version, licence) for name, (version, licence) in vendored().items()]
    return "\n".join([
        f"{HEAD}| package | version | licence |", "|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in packages),
        "", "| files | version | licence |", "|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in served), "",
    ])  # fmt: skip


if __name__ == "__main__":
    PAGE.write_text(page())
