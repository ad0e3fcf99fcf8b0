"""The desk in a browser: usable by everybody, wide or narrow, by day and by night."""

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.brokerage.sandbox.bench import Bench

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PAGES = ("", "stories/", "people/", "faults/", "log/")


def full(bench: Bench) -> None:
    """A little of everything."""
    account_id = bench.open_account()
    relationship_id = bench.link(account_id)
    bench.link(bench.open_account(given_name="Bartholomew-Alexander", family_name="Wolfeschlegelstein"), approved=False)
    for amount, action in (("12.00", "settle"), ("40000.00", "return"), ("3.50", "")):
        transfer_id = bench.transfer(account_id, relationship_id, amount).json()["id"]
        if action:
            bench.control(f"transfers/{transfer_id}", action=action, code="R11")
    made = bench.plaid("sandbox/public_token/create", institution_id="ins_109508", initial_products=["auth"]).json()
    bench.plaid("item/public_token/exchange", public_token=made["public_token"])
    for story in ("lost", "returned"):
        bench.session.post(f"{bench.url}/control/desk/stories/{story}", data={"do": "arm"}, timeout=5)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_desk_can_be_used_by_everybody(
    page: "Page", bench: Bench, complaints: list[str], width: int, scheme: Any
) -> None:
    full(bench)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    found = {}
    for path in PAGES:
        page.goto(f"{bench.url}/control/{path}")
        page.evaluate(AXE_SCRIPT)
        found[path] = page.evaluate("axe.run(document).then(result => result.violations.map(v => v.id))")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[path].append("too wide")
        if page.evaluate("[...document.querySelectorAll('button, select, nav a')].some(e => e.offsetHeight < 44)"):
            found[path].append("too small")

    assert found == {path: [] for path in PAGES}
    assert complaints == []


def test_a_deposit_is_settled_without_a_script(page: "Page", bench: Bench) -> None:
    account_id = bench.open_account()
    bench.transfer(account_id, bench.link(account_id), "12.00")
    page.goto(f"{bench.url}/control/")
    page.get_by_role("button", name="Settle: Deposit of $12.00").click()

    page.get_by_role("status").filter(has_text="Settled.").wait_for()
    assert bench.transfers(account_id)[0]["status"] == "COMPLETE"
