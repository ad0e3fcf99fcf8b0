"""What others wrote and we run: pinned by hash, listed with its licence, and none that binds whoever uses the site."""

import re

import pytest

from tests.harness.environment import ROOT
from tests.harness.licences import PAGE, VENDORED, pinned, vendored

ROW = re.compile(r"^\| ([\w./-]+) \| ([\w., ]+) \| (.+) \|$", re.MULTILINE)
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def rows() -> dict[str, tuple[str, str]]:
    found = {name: (version, licence) for name, version, licence in ROW.findall(PAGE.read_text())}
    return {name: row for name, row in found.items() if name not in ("package", "files")}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_line_is_one_version_with_hashes(file: str) -> None:
    wrong, open_line = [], ""
    for line in (ROOT / file).read_text().splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if HASH.match(line):
            open_line = ""
        elif open_line or not re.match(r"^[a-z0-9-]+==[^\s;*]+( ; [^\\]+)? \\$", line):
            wrong.append(line)
        else:
            open_line = line

    assert len(pinned(file)) > 50
    assert wrong == []
    assert not open_line


def test_what_runs_is_pinned_alike_where_it_is_tested() -> None:
    tested = pinned("requirements-dev.txt")

    assert {name for name, versions in pinned().items() if tested.get(name) != versions} == set()


def test_the_page_of_licences_names_what_is_pinned_and_served() -> None:
    packages = {name: ", ".join(versions) for name, versions in pinned().items()}
    served = {f"static/vendor/{name}": version for name, (version, _) in vendored().items()}

    assert {name: version for name, (version, _) in rows().items()} == packages | served, "run `make licences`"


def test_every_licence_is_known_and_lets_a_site_be_run_by_anybody() -> None:
    for name, (_, licence) in rows().items():
        assert "UNKNOWN" not in licence.upper(), name
        assert not re.search(r"AGPL|AFFERO|SSPL|BUSL|(?<!L)GPL|(?<!LESSER )GENERAL PUBLIC", licence.upper()), (
            name,
            licence,
        )


def test_every_folder_of_others_files_is_listed_with_its_licence() -> None:
    folders = {path.name for path in (ROOT / "static" / "vendor").iterdir()}

    assert folders == set(VENDORED)
    for name in folders:
        assert (ROOT / "static" / "vendor" / name / "LICENSE").read_text().strip()
