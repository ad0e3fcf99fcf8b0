"""What our own scripts never do: run text, put markup together, listen to other windows, keep what is personal."""

import re

import pytest

from tests.harness.environment import ROOT

SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
NEVER = {
    "text is run": r"\beval\(|\bFunction\(|set(?:Timeout|Interval)\([\"'`]",
    "text becomes markup": r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment",
    "another window is listened to": r"addEventListener\([\"']message|\bonmessage\b",
    "a prototype is reached": r"__proto__|\bprototype\b|Object\.assign|\bfor \(\w+ \w+ in ",
    "something is kept for longer than the tab": r"localStorage|indexedDB|document\.cookie|caches\.",
}


def test_there_are_some() -> None:
    assert {each.name for each in SCRIPTS} >= {"link.js", "passkeys.js"}


@pytest.mark.parametrize("what", NEVER)
def test_no_script_of_ours_does_it(what: str) -> None:
    assert [each.name for each in SCRIPTS if re.search(NEVER[what], each.read_text())] == []


def test_a_tab_keeps_the_pass_through_link_and_nothing_else() -> None:
    kept = {name for each in SCRIPTS for name in re.findall(r"sessionStorage\.setItem\((.+?),", each.read_text())}

    assert kept == {'"link-session"'}
