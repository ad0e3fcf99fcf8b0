"""Every flow of the site, each with its faults, on a running site with a worker; what is shown stays with the visitors.

Customers come through pages, the broker's news through the worker. Each step says what has to come of it: one that
fails unseen would hide what the next one leaks. Used by way_through, which takes them all.
"""

import json
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.contrib import admin
from django.contrib.admin.utils import quote as admin_quote
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts import states as account_states
from accounts.models import Application, BrokerageAccount, DetailsChange, DocumentUpload, EmailChange, User
from accounts.operations import revealing
from funding import states
from funding.models import ACHRelationship, Closing, PlaidItem, Transfer
from tests import make
from tests.accounts import papers
from tests.accounts.second_factors import set_up
from tests.harness.roles_laid_down import lay_roles_down
from tests.harness.sandbox import Sandbox
from tests.harness.site import sessions
from tests.harness.waiting import eventually
from tests.journeys import people
from tests.secrecy import canaries, places
from tests.secrecy.canaries import Canary
from tests.secrecy.visitor import Visitor

SOON = 40
ROWS_READ = 3  # of each list of the desk
NOT_GIVEN = {"employer address", "trusted contact", "named person"}  # what ada has none of
EVERYTHING = ", ".join(
    (canaries.TAX_ID, canaries.BIRTH, canaries.STREET, canaries.PHONE, canaries.ACCOUNT_NUMBER, canaries.ECHOED_TOKEN)
)
ECHOES: dict[str, Any] = {"kind": "status", "status": 500, "body": f"<pre>Traceback … locals: {EVERYTHING}</pre>"}
REFUSES: dict[str, Any] = {
    "kind": "status",
    "status": 422,
    "body": {"code": 42210000, "message": f"not valid: {EVERYTHING}"},
}
PLAID_ECHOES: dict[str, Any] = {
    "kind": "status",
    "status": 400,
    "body": {
        "error_type": "INVALID_INPUT",
        "error_code": "INVALID_FIELD",
        "error_message": f"bad {EVERYTHING}",
        "display_message": f"bad {EVERYTHING}",
        "request_id": "Xq3cTBz1lvyQ9Gs",
    },
}
ANSWERS: dict[str, dict[str, Any]] = {
    **make.ANSWERS,
    "contact": {"phone": canaries.PHONE},
    "address": {**make.ANSWERS["address"], "street_address": canaries.STREET},
    "birth": {**make.ANSWERS["birth"], "date_of_birth": canaries.BIRTH},
    "tax-id": {"tax_id_type": "USA_SSN", "tax_id": canaries.TAX_ID},
}


@dataclass
class Flows:
    """The visitors, and the sandbox behind the site; `mail` is where e-mails lie."""

    port: int
    sandbox: Sandbox
    mail: Path

    def __post_init__(self) -> None:
        self.ada_user = make.user("ada@example.com")
        self.bob_user = make.user("bob@example.com")
        for user in (self.ada_user, self.bob_user):
            user.set_password(canaries.PASSWORD)
            user.save()
        ops = make.user("ops@example.com", is_staff=True)
        app, self.ops_codes = set_up(ops)
        self.ops_secret = app.secret
        lay_roles_down()  # a test before this one may have emptied the database
        ops.groups.add(Group.objects.get(name="compliance"), Group.objects.get(name="admin"))
        self.ada = Visitor(self.port, "ada", *sessions(self.ada_user, 1))
        self.bob = Visitor(self.port, "bob", *sessions(self.bob_user, 1))
        self.ops = Visitor(self.port, "ops", *sessions(ops, 1))
        self.stranger = Visitor(self.port, "stranger")
        self.carl = Visitor(self.port, "carl")
        self.reading = Visitor(self.port, "reading with a reason", *sessions(ops, 1))
        self.met: list[Canary] = [Canary("secret of the app of ops", self.ops_secret)]
        self.met += [Canary("recovery code of ops", code) for code in self.ops_codes]

    @property
    def visitors(self) -> list[Visitor]:
        return [self.ada, self.bob, self.carl, self.ops, self.stranger]

    def remember(self, canary: Canary) -> None:
        """Search for one that was not known before."""
        self.met.append(canary)

    @property
    def keys(self) -> list[Canary]:
        """Return what each browser is known by: it stands in its own cookies, and nowhere else."""
        return [
            Canary(f"key of {visitor.name}", key, visitor.name, "cookies of *")
            for visitor in (*self.visitors, self.reading)
            for key in sorted(visitor.keys)
        ]

    def fault(self, route: str, **how: Any) -> None:
        self.sandbox.post("/control/faults", route=route, times=1, **how)

    # --- Getting in

    def come_in(self) -> None:
        """Sign in, rightly and wrongly."""
        for password, status in ((canaries.WRONG_PASSWORD, 200), (canaries.PASSWORD, 302)):
            browser = Visitor(self.port, "stranger")
            browser.post("/sign-in/", {"username": "ada@example.com", "password": password}).came(status)
            if status == 302:
                browser.get("/overview/")
            self.stranger.pages += browser.pages
            self.stranger.keys |= browser.keys
        self.stranger.post("/sign-in/", {"username": canaries.TAX_ID, "password": canaries.PASSWORD}).came(200)

    # --- An account

    def apply(self) -> None:
        """Answer every page, wrongly first; have the broker echo and keep silent; end with an account."""
        wrong = {"contact": {"phone": canaries.PHONE * 2}, "birth": {"date_of_birth": f"{canaries.BIRTH}x"}}
        wrong["tax-id"] = {"tax_id_type": "USA_ITIN", "tax_id": canaries.TAX_ID}
        for slug, answers in ANSWERS.items():
            if slug in wrong:
                self.ada.post(f"/apply/{slug}/", wrong[slug]).came(200, says="field-error")
            self.ada.post(f"/apply/{slug}/", answers).came(302)
            self.ada.get(f"/apply/{slug}/").came(200)
        self.fault("POST /broker/v1/accounts", **REFUSES)
        self.ada.post("/apply/check/").came(302, to="/apply/waiting/")
        refused = Application.objects.filter(user=self.ada_user, status=account_states.REFUSED)
        eventually(refused.exists, SOON, because="ada was not refused")
        self.ada.get("/apply/waiting/")
        self.ada.post("/apply/tax-id/", ANSWERS["tax-id"]).came(302)
        self._broken_by_our_own_code()
        self.fault("POST /broker/v1/accounts", **ECHOES)
        eventually(self._accepted, SOON, because="no account for ada")
        self._was_broken()
        people.apply(self.bob)  # type: ignore[arg-type]  # a visitor speaks as the test client does
        self._ask_for_a_document()
        accounts = BrokerageAccount.objects.all()
        for user in (self.ada_user, self.bob_user):
            account = accounts.get(user=user)
            for status in ("APPROVED", "ACTIVE"):
                self.sandbox.post(f"/control/accounts/{account.alpaca_id}", status=status)
            eventually(accounts.filter(user=user, status="ACTIVE").exists, SOON, because="no open account")

    def _broken_by_our_own_code(self) -> None:
        """Let a page of ours break with the tax id in its hands."""
        mine = Application.objects.filter(user=self.ada_user)
        was = mine.values_list("annual_income", flat=True).get()
        mine.update(annual_income="odd")
        assert self.ada.post("/apply/check/").status_code == 500
        mine.update(annual_income=was)

    def _accepted(self) -> bool:
        mine = Application.objects.filter(user=self.ada_user)
        mine.exclude(status=account_states.ACCEPTED).update(next_at=None, status_at="2026-01-01T00:00Z")
        if mine.get().status in (account_states.READY, account_states.REFUSED, account_states.NOT_SENT):
            self.ada.post("/apply/tax-id/", ANSWERS["tax-id"])
            self.ada.post("/apply/check/", follow=True)
        return mine.get().status == account_states.ACCEPTED

    def _ask_for_a_document(self) -> None:
        account = BrokerageAccount.objects.get(user=self.ada_user)
        findings: dict[str, Any] = {"indeterminate": {"ADDRESS_VERIFICATION": {}}}
        self.sandbox.post(f"/control/accounts/{account.alpaca_id}", status="ACTION_REQUIRED", kyc_results=findings)
        eventually(lambda: self.ada.get("/apply/documents/address/").status_code == 200, SOON)
        photo = ("bill.jpg", "image/jpeg", papers.photo())
        no_photo = ("bill.jpg", "image/jpeg", EVERYTHING.encode())
        for file, how in ((no_photo, {}), (photo, ECHOES), (photo, REFUSES), (photo, {})):
            if how:
                self.fault("POST /broker/v1/accounts/*/documents/upload", **how)
            key = people.hidden(self.ada.get("/apply/documents/address/"), "form_key")
            answer = self.ada.post(
                "/apply/documents/address/", {"paper": "utility_bill", "file": file, "form_key": key}
            )
            answer.came(200 if file is no_photo else 302)
        assert DocumentUpload.objects.count() > 1

    # --- A bank

    def link(self) -> None:
        """Link a bank, past a refusal of each call; and another by its numbers."""
        for route in ("/plaid/link/token/create", "/plaid/item/public_token/exchange", "/plaid/processor/token/create"):
            self.fault(f"POST {route}", **PLAID_ECHOES)
            self._through_link()
            self._was_broken()
            self.fault(f"POST {route}", **ECHOES)
            self._through_link()
            self._was_broken()
        self.fault("POST /broker/v1/accounts/*/ach_relationships", **REFUSES)
        eventually(self._linked, SOON, because="ada has no bank")
        self._link_by_numbers()

    def _was_broken(self) -> None:
        """Fail where a fault stands that nobody came by."""
        eventually(self._none_stands, SOON, because="nobody came by a fault")

    def _none_stands(self) -> bool:
        return all(each["fired"] >= each["times"] for each in self.sandbox.get("/control/faults"))

    def _through_link(self) -> None:
        start = self.ada.post("/bank/link/")
        if start.status_code != 302 or "/bank/link/" not in start["Location"]:
            return
        self.ada.get(start["Location"])
        token = people.public_token(self.sandbox)
        self.ada.post(f"{start['Location']}finish/", {"public_token": token}, follow=True)

    def _linked(self) -> bool:
        mine = ACHRelationship.objects.filter(brokerage_account__user=self.ada_user)
        if not mine.exclude(alpaca_id=None).exists():
            self._through_link()
        for row in mine.exclude(alpaca_id=None):
            self.sandbox.post(f"/control/relationships/{row.alpaca_id}", status="APPROVED")
        return mine.filter(status="APPROVED").exists()

    def _link_by_numbers(self) -> None:
        numbers = {
            "owner_name": "Ada Okafor",
            "kind": "checking",
            "routing_number": canaries.ROUTING_NUMBER,
            "account_number": canaries.ACCOUNT_NUMBER,
        }
        self.bob.post("/bank/numbers/", numbers | {"routing_number": "123456789"}).came(200, says="field-error")
        self.fault("POST /broker/v1/accounts/*/ach_relationships", **REFUSES)
        self.bob.post("/bank/numbers/", numbers).came(302, to="/bank/")
        self.bob.get("/bank/").came(200)
        self.bob.post("/bank/numbers/", numbers).came(302, to="/bank/")
        self.bob.get("/bank/").came(200)

    # --- Money

    def move_money(self) -> None:
        """A deposit past a lost answer, one that is returned, and a withdrawal of the rest."""
        self._settled("deposit", "120.00")
        back = self._settled("deposit", "30.00")
        self.sandbox.post(f"/control/transfers/{back.alpaca_id}", action="return", code="R01")
        eventually(lambda: Transfer.objects.get(pk=back.pk).status == states.RETURNED, SOON)
        self.fault("POST /broker/v1/accounts/*/transfers", **REFUSES)
        people.confirm(self.ada, "withdraw", people.review(self.ada, "withdraw", "1.00"))  # type: ignore[arg-type]  # a visitor speaks as the test client does
        self._settled("withdraw", "120.00")
        self._in_doubt()
        for path in ("/transfers/", "/overview/", "/notifications/", "/bank/", "/documents/", back.url):
            self.ada.get(path).came(200)
            self.bob.get(path).came(404 if path == back.url else 200)
            self.stranger.get(path).came(302, to="/sign-in/")

    def _in_doubt(self) -> None:
        """Leave bob with a deposit of which nobody knows, and let him wait for an answer that does not come in time."""
        banks = ACHRelationship.objects.filter(brokerage_account__user=self.bob_user).exclude(alpaca_id=None)
        eventually(banks.exists, SOON, because="bob has no bank")
        bank = banks.latest("created_at")
        self.sandbox.post(f"/control/relationships/{bank.alpaca_id}", status="APPROVED")
        eventually(lambda: ACHRelationship.objects.get(pk=bank.pk).status == "APPROVED", SOON)
        self.fault("POST /broker/v1/accounts/*/transfers", **ECHOES | {"kind": "status_after_commit"})
        deposit = people.move(self.bob, "deposit", "15.00")  # type: ignore[arg-type]  # a visitor speaks as the test client does
        assert deposit.sending == states.UNKNOWN
        self.bob.get(deposit.url).came(200)
        self.fault("GET /broker/v1/accounts/*/documents", kind="hang_before_commit", seconds=12)
        self.bob.get("/documents/").came(200)

    def _settled(self, way: str, amount: str) -> Transfer:
        found = people.move(self.ada, way, amount)  # type: ignore[arg-type]  # a visitor speaks as the test client does
        eventually(lambda: Transfer.objects.get(pk=found.pk).alpaca_id, SOON, because=f"{way} not accepted")
        found.refresh_from_db()
        self.sandbox.post(f"/control/transfers/{found.alpaca_id}", action="settle")
        eventually(lambda: Transfer.objects.get(pk=found.pk).status == states.COMPLETE, SOON, because=f"{way} waits")
        return found

    # --- News, changes, an end

    def hear(self) -> None:
        """Webhooks: one that is Plaid's, one that is not, one that says nothing."""
        item = PlaidItem.objects.exclude(access_token="").latest("created_at")
        there = {"access_token": item.access_token}
        # Link would have left our address with it; this one has none until the worker has read it.
        eventually(
            lambda: people.plaid(self.sandbox, "/item/get", **there)["item"]["webhook"],
            SOON,
            because="the worker left the login without our address",
        )
        people.plaid(self.sandbox, "/sandbox/item/fire_webhook", **there, webhook_code="NEW_ACCOUNTS_AVAILABLE")
        forged = json.dumps({"webhook_type": "ITEM", "new": canaries.WEBHOOK_WORD, "token": canaries.ECHOED_TOKEN})
        for signature in ("", "e30.e30.e30", canaries.WEBHOOK_WORD):
            told = {"Plaid_Verification": signature, "Content_Type": "application/json"}
            assert self.stranger.send("/webhooks/plaid/", forged.encode(), **told).status_code >= 400

    def change_details(self) -> None:
        self.fault("PATCH /broker/v1/accounts/*", **REFUSES)
        for slug in ("/settings/contact/", "/settings/contact/confirm/"):
            contact = {**ANSWERS["contact"], **ANSWERS["address"], "unit": "Apt 9"}
            contact["form_key"] = people.hidden(self.ada.get("/settings/contact/").came(200), "form_key")
            self.ada.post(slug, contact, follow=True).came(200)
        assert DetailsChange.objects.exists()

    def change_email(self) -> None:
        self.ada.post("/settings/email/", {"new_email": "new@example.com"}).came(302, to="/settings/email/")
        assert EmailChange.objects.exists()
        links = eventually(self._links, SOON, because="no letters")
        for to, link in links.items():
            key = link.rstrip("/").rpartition("/")[2]
            self.remember(Canary(f"key of a letter to {to}", key, to, f"letter to {to}"))
            self.ada.get(link).came(200)
            self.stranger.post(link, csrf=False).came(403)
            self.ada.post(link).came(200)
        eventually(lambda: User.objects.get(pk=self.ada_user.pk).email == "new@example.com", SOON)

    def _links(self) -> dict[str, str]:
        """Return the link in each mailbox, once both letters are there."""
        wanted = re.compile(r"/settings/email/confirm/[^\s\"<]+")
        found = {to: links[0] for to, said in self.letters() if (links := wanted.findall(said))}
        return found if len(found) == 2 else {}

    def letters(self) -> list[tuple[str, str]]:
        """Return every e-mail: to whom, and what it says."""
        return list(places.letters(self.mail))

    def close(self) -> None:
        key = people.hidden(self.ada.get("/settings/close/").came(200), "form_key")
        self.ada.post("/settings/close/confirm/", {"form_key": key, "understood": "on"}, follow=True).came(200)
        assert Closing.objects.exists()

    # --- Whoever comes by

    def come_by(self) -> None:
        """What people and machines send that is no use."""
        for path in (f"/nowhere/{canaries.TAX_ID}/?q={canaries.STREET}", "/admin/", "/metrics", "/readyz?full"):
            self.stranger.get(path.replace(" ", "%20"))
        self.stranger.post("/sign-in/", {"username": "x", "password": canaries.PASSWORD}, csrf=False)
        self.stranger.send("/sign-in/", b"a" * 300_000 + canaries.PASSWORD.encode())
        self.stranger.get("/", headers={"Host": "elsewhere.example", "X-Request-ID": canaries.TAX_ID})
        lines = (
            f"GET /?tax_id={canaries.TAX_ID}&password={canaries.WEBHOOK_WORD} HTTP/9.9\r\n\r\n",
            f"GET / HTTP/1.1\r\nAuthorization Bearer {canaries.ECHOED_TOKEN}\r\n\r\n",
        )
        for line in lines:
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as wire:
                wire.sendall(line.encode())
                wire.recv(4096)

    def read_the_desk(self) -> None:
        """Read every list and the first pages of each at the desk, search, download; then look at what is hidden."""
        for path in ("/admin/", "/admin/search/?q=okafor", "/admin/search/?q=ada%40example.com"):
            assert self.ops.get(path).status_code in (200, 302)
        self.ops.get("/admin/").came(200)
        for model in admin.site._registry:
            list_of = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            if self.ops.get(list_of).status_code == 403:  # what neither of these roles may see
                continue
            self.ops.get(f"{list_of}csv/").came(200)
            for row in model._default_manager.all()[:ROWS_READ]:
                self.ops.get(f"{list_of}{quote(str(admin_quote(row.pk)))}/change/").came(200)
        application = Application.objects.get(user=self.ada_user)
        for field in revealing.FIELDS:
            data = {"field": field, "because": "compared it with their letter"}
            shown = self.reading.post(f"/admin/accounts/application/{application.pk}/show/", data)
            shown.came(302 if field in NOT_GIVEN else 200)
