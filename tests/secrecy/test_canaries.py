"""Made-up secrets go through every flow of a running site; then everything that was kept, logged or shown is searched.

Where one may be found stands in ALLOWED, with the reason. The search must prove that it finds what is planted.
"""

import base64
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import Application, AuditEntry, User
from accounts.session_store import SessionStore
from funding.models import ACHRelationship, PlaidItem
from tests.harness.environment import ROOT
from tests.harness.processes import environment
from tests.harness.sandbox import Sandbox, running_sandbox
from tests.harness.site import running_site
from tests.harness.workers import running_workers
from tests.secrecy import canaries, flows, places, way_through
from tests.secrecy.canaries import Canary
from tests.secrecy.told import SECRETS, Told, same_keys, settings_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Where the broker's words about money and banks are kept, for ops.
PROSE = (
    "funding_achrelationship.reason",
    "funding_relationshipevent.evidence",
    "funding_sendattempt.answer",
    "funding_transfer.reason",
    "funding_transferevent.evidence",
)
# Canary, place (each may hold *), and why it may be there.
ALLOWED: list[tuple[str, str, str]] = [
    ("street", "column accounts_application.street_address", "masked on pages of the desk, opened for a reason"),
    ("phone", "column accounts_application.phone", "masked on pages of the desk, opened for a reason"),
    ("street", "column accounts_application.refusal", "the broker's words, masked on pages, opened for a reason"),
    ("street", "column accounts_documentupload.refusal", "as above"),
    ("street", "column accounts_detailschange.refusal", "as above"),
    *(("street", f"column {name}", "the broker's words: a street has no shape by which it is told") for name in PROSE),
    ("street", "page GET /admin/funding/achrelationship/*/change/", "these words; who opened the page is in the audit"),
    ("street", "page GET /admin/funding/transfer/*/change/", "as above"),
    ("street", "database file", "as in the columns"),
    ("phone", "database file", "as in the columns"),
    ("id of a passkey", "column accounts_passkey.credential_id", "by which it is found; it opens nothing by itself"),
    ("id of a passkey", "database file", "as in the column"),
    ("tax id", "page POST /sign-in/", "typed as an e-mail address, it stands in its field again for whoever typed it"),
]
# What the audit may not tell of anybody, though most other tables have to.
PERSONAL = ("ada@example.com", "new@example.com", "carl@example.com", "ops@example.com", "Okafor", "127.0.0.1")
Deed = AuditEntry.Deed
AUDITED = {
    Deed.SIGNED_UP,
    Deed.SIGNED_IN,
    Deed.PASSWORD_CHANGED,
    Deed.EMAIL_CHANGED,
    Deed.DESK_OPENED,
    Deed.DESK_LISTED,
    Deed.FIELD_REVEALED,
}
LINK_PAGE = ("ada", "page GET /bank/link/*")  # who passes through Link, and where Plaid's script needs the token


@dataclass(frozen=True)
class AllFlows:
    """Everything that was left behind by all flows, and who took them."""

    told: Told
    flows: flows.Flows

    def found(self) -> list[str]:
        return self.told.found(ALLOWED)


@pytest.fixture
def own_settings(settings: Settings) -> None:
    same_keys(settings)


@pytest.fixture
def all_flows(own_settings: None, tmp_path: Path) -> Iterator[AllFlows]:
    """Run the site, a worker and the vendors, and take every flow."""
    given = {
        **settings_of(tmp_path),
        **SECRETS,
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "http://127.0.0.1:{port}",
        "PLAID_WEBHOOK_URL": "http://127.0.0.1:{port}/webhooks/plaid/",
        "PLAID_OAUTH_REDIRECT": "off",
        "MANUAL_BANKS": "on",
        "OWNER_CHECK": "match",
        "RISK_NEW_BANK_DAYS": "0",
        "RISK_MANUAL_BANK": "allow",
        "BROKER_API_KEY": "canary-broker-key",
        "PLAID_CLIENT_ID": "canary-plaid-id",
    }
    with running_sandbox(tmp_path / "sandbox") as sandbox, running_site(tmp_path / "site", sandbox, **given) as port:
        named = {name: value.replace("{port}", str(port)) for name, value in given.items()}
        with running_workers(tmp_path / "site", sandbox, 1, **named) as (worker,):
            yield _after_all_flows(sandbox, port, tmp_path, worker.pid, named)


def _after_all_flows(sandbox: Sandbox, port: int, folder: Path, worker: int, given: dict[str, str]) -> AllFlows:
    took = flows.Flows(port, sandbox, folder / "mail")
    way_through.take(took)
    counts = took.stranger.get("/metrics", {"Authorization": f"Bearer {SECRETS['METRICS_TOKEN']}"})
    assert counts.status_code == 200
    _let_commands_fail(sandbox, folder / "site" / "commands.log", given)
    known = canaries.known(secrets=SECRETS | {"FIELD_KEYS": SECRETS["FIELD_KEYS"].partition(":")[2]})
    known += [
        Canary(f"{kind} {n}", token, *LINK_PAGE if kind == "link token" else ())
        for kind, tokens in _tokens(folder).items()
        for n, token in enumerate(tokens)
    ]
    known += [*took.met, *took.keys]
    return AllFlows(Told(known, took.visitors, folder, [*places.of_our_site(), worker]), took)


def _tokens(folder: Path) -> dict[str, list[str]]:
    """Return every token that the vendors handed out, from their own books."""
    asked = {
        "access token": "SELECT access_token FROM items",
        "public token": "SELECT token FROM public_tokens",
        "processor token": "SELECT token FROM processor_tokens",
        "link token": "SELECT token FROM link_tokens",
    }
    books = sqlite3.connect(folder / "sandbox" / "sandbox.sqlite3")
    try:
        found = {kind: [row[0] for row in books.execute(query)] for kind, query in asked.items()}
    finally:
        books.close()
    assert all(found.values()), {kind: len(tokens) for kind, tokens in found.items()}
    return found


def _let_commands_fail(sandbox: Sandbox, log: Path, given: dict[str, str]) -> None:
    """Let commands end badly with secrets at hand, and keep all they say."""
    odd = {"FIELD_KEYS": f"canary:{canaries.WEBHOOK_WORD}", "DATABASE_URL": f"postgres://u:{canaries.WEBHOOK_WORD}@"}
    raising = f'raise ValueError("{canaries.TAX_ID[:3]}" + "{canaries.TAX_ID[3:]}", "{canaries.ECHOED_TOKEN}"[:])'
    commands: list[tuple[list[str], dict[str, str]]] = [
        (["anchor_audit"], {}),
        (["reconcile_accounts"], {}),
        (["rotate_keys"], {"FIELD_KEYS": "other:bm90IHRoZSBrZXkgdGhhdCBoYXMgc2VhbGVkIHRoZW0="}),
        (["check"], {"FIELD_KEYS": odd["FIELD_KEYS"]}),
        (["migrate"], {"DATABASE_URL": f"postgres://u:{canaries.WEBHOOK_WORD}@127.0.0.1:1/none"}),
        (["shell", "-c", raising], {}),
    ]
    sandbox.post("/control/faults", route="GET /broker/v1/accounts*", times=9, **flows.ECHOES)
    said = ""
    for words, other in commands:
        ran = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=environment(sandbox, **given) | other,
            capture_output=True,
            text=True,
        )
        said += ran.stdout + ran.stderr
    log.write_text(said)
    assert "Traceback" in said
    assert "[token]" in said


def test_no_canary_is_found_where_it_may_not_be(all_flows: AllFlows) -> None:
    assert User.objects.get(pk=all_flows.flows.ada_user.pk).email == "new@example.com"  # all flows were taken
    assert PlaidItem.objects.exclude(access_token="").exists()
    assert ACHRelationship.objects.filter(brokerage_account__user=all_flows.flows.bob_user).exists()
    assert {"site.log", "worker-0.log", "commands.log"} <= {
        path.name for path in (all_flows.told.folder / "site").iterdir()
    }
    assert len(all_flows.told.processes) == 2
    assert all(places.environment_is_shut(pid) for pid in all_flows.told.processes)

    _the_audit_names_nobody(all_flows)
    left = all_flows.found()
    assert not left, "\n".join(left)

    planted = plant(all_flows)
    assert set(all_flows.found()) >= planted


def _the_audit_names_nobody(all_flows: AllFlows) -> None:
    """Fail where the audit, or a file of its anchors, tells more of a person than their id."""
    entries = [(place, raw) for place, raw in places.columns() if place.startswith("column accounts_audit")]
    anchors = list(places.files(all_flows.told.folder / "anchors"))
    assert set(AuditEntry.objects.values_list("deed", flat=True)) >= AUDITED
    assert anchors
    assert not [(place, word) for place, raw in [*entries, *anchors] for word in PERSONAL if word.encode() in raw]


def plant(all_flows: AllFlows) -> set[str]:
    """Leave one canary in a place of each kind, each in another form; return what the search has to say."""
    Application.objects.filter(user=all_flows.flows.bob_user).update(unit=canaries.TAX_ID[::-1])
    named = {each.name: each for each in all_flows.told.canaries}
    signature = named["answer of a passkey: signature"].value
    session = SessionStore()
    session["typed"] = canaries.PASSWORD.encode().hex()
    session["asked"] = named["challenge at /sign-in/passkey/ of carl"].value
    session.save()
    with (all_flows.told.folder / "site" / "site.log").open("ab") as log:
        log.write(b"key=" + base64.b64encode(b"x" + SECRETS["BROKER_API_SECRET"].encode() + b"y"))
        log.write(base64.b64encode(f'{{"response": {{"signature": "{signature}"}}}}'.encode()))
    (all_flows.told.folder / "mail" / "odd").write_text(f"To: bob@example.com\n\n{canaries.ECHOED_TOKEN}")
    key = next(iter(all_flows.flows.carl.keys))
    with (all_flows.told.folder / "metrics" / "odd").open("w") as counts:
        counts.write(f"seen {key}")
    letter = named["key of a letter: sign-up"]
    (all_flows.told.folder / "mail" / "other").write_text(
        f"To: bob@example.com\n\nhttp://127.0.0.1/sign-up/{letter.value}/"
    )
    shown = next(page for page in all_flows.flows.ada.pages if canaries.STREET.encode() in page.content)
    all_flows.flows.bob.pages.append(shown)
    return {
        "tax id in column accounts_application.unit",
        "password in session",
        "challenge at /sign-in/passkey/ of carl in session",
        "answer of a passkey: signature in file site.log",
        "BROKER_API_SECRET in file site.log",
        "echoed token in letter to bob@example.com",
        "key of carl in file odd",
        "key of a letter: sign-up in letter to bob@example.com",
        f"street in page {shown.asked}",
    }
