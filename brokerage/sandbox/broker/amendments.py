"""Changes to an account that is open: a partial update, and documents that were asked for."""

import sqlite3
from typing import Any

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import accounts, applicant, application, bodies, declarations, documents, fields, findings
from brokerage.sandbox.broker.account_answers import answered
from brokerage.sandbox.broker.refusal import Refusal, bad_parameter, invalid
from brokerage.sandbox.broker.strictness import Strictness, refusing_fields, strictness
from brokerage.sandbox.wire import Answer, Request, as_json

Part = dict[str, Any]
PERMITTED = (
    "contact", "identity", "disclosures", "agreements", "trusted_contact", "beneficiaries", "allow_instant_ach",
    "cash_interest", "fpsl", "primary_account_holder_id",
)  # fmt: skip
# A change of one of these is looked at by a person, and money stays in until it has been.
REVIEWED = {
    "identity": ("given_name", "middle_name", "family_name", "country_of_citizenship", "country_of_tax_residence"),
    "contact": ("street_address", "unit", "city", "state", "postal_code", "country"),
    "disclosures": ("employer_name", "employer_address", "employment_position"),
}


def update(books: Books, request: Request) -> Answer:
    """Apply what is given, part by part and field by field, and leave the rest."""
    row = accounts.fetch(books, request.params["account_id"])
    form = bodies.read_object(request)
    before = accounts.document_of(row)
    with refusing_fields(books):
        after = _accepted(books, row, before, form)
    tax_free = {name: value for name, value in after["identity"].items() if name != "tax_id"}
    accounts.keep_document(books, row["id"], {**after, "identity": tax_free}, at=books.now())
    _keep_columns(books, row["id"], after, before)
    _review(books, row, before, after)
    return as_json(answered(books, accounts.fetch(books, row["id"])))


def _accepted(books: Books, row: sqlite3.Row, before: Part, form: Part) -> Part:
    """The account's document with the change in it. Raises Refusal."""
    if row["status"] == "ACCOUNT_CLOSED":
        raise invalid("account is closed")
    strict = strictness(books)
    after = _merged(before, form, strict)
    _check(books, row, form, after, strict)
    return after


def _merged(before: Part, form: Part, strict: Strictness) -> Part:
    """Raises Refusal: 422 for a part that may not be changed, 400 for one of the wrong kind."""
    if not form:
        raise bad_parameter("at least one field is required")
    for name in form:
        if name not in PERMITTED:
            raise invalid(f"{name} is not permitted to be updated")
    after = {**before, **{name: value for name, value in form.items() if value is not None}}
    for name in ("contact", "identity", "disclosures", "trusted_contact"):
        if form.get(name) is not None:
            fields.an_object(name, form[name])
            after[name] = {**before.get(name, {}), **form[name]}
    if form.get("agreements") is not None:
        declarations.check_agreements(form["agreements"], signed_until=strict.signed_until)
        after["agreements"] = [*before.get("agreements", []), *form["agreements"]]
    return after


def _check(books: Books, row: sqlite3.Row, form: Part, after: Part, strict: Strictness) -> None:
    holder_id = form.get("primary_account_holder_id")
    if holder_id not in (None, accounts.document_of(row).get("primary_account_holder_id")):
        raise bad_parameter("primary_account_holder_id cannot be changed")
    applicant.check_contact(after["contact"], tax_residence=after["identity"].get("country_of_tax_residence"))
    applicant.check_identity({**after["identity"], **_untold(row, form)}, today=strict.today)
    declarations.check_disclosures(after["disclosures"], wants_context=strict.wants_context)
    application.check_optional_parts(after)
    email = after["contact"]["email_address"].lower()
    if books.one("SELECT 1 FROM accounts WHERE email = ? AND id <> ?", email, row["id"]):
        raise invalid("email_address already exists")


def _untold(row: sqlite3.Row, form: Part) -> Part:
    """The number itself is not kept: unless it, or what kind it is, changes, there is nothing to hold it against."""
    told, known = form.get("identity") or {}, accounts.document_of(row)["identity"].get("tax_id_type")
    if "tax_id" in told or told.get("tax_id_type", known) != known:
        return {}
    return {"tax_id_type": applicant.UNSPECIFIED}


def _keep_columns(books: Books, account_id: str, after: Part, before: Part) -> None:
    """What accounts are found by."""
    contact, identity = after["contact"], after["identity"]
    books.write(
        "UPDATE accounts SET given_name = ?, family_name = ?, phone = ? WHERE id = ?",
        identity["given_name"], identity["family_name"], contact.get("phone_number") or "", account_id,
    )  # fmt: skip
    if contact["email_address"] != before["contact"]["email_address"]:
        books.write("UPDATE accounts SET email = ? WHERE id = ?", contact["email_address"].lower(), account_id)


def _review(books: Books, row: sqlite3.Row, before: Part, after: Part) -> None:
    """A person looks at a material change; where one was asked for, the application goes back to be decided."""
    if row["status"] == "ACTIVE" and _needs_review(before, after):
        accounts.set_status(books, row["id"], "ACCOUNT_UPDATED", at=books.now())
    elif row["status"] == "ACTION_REQUIRED" and any(before[part] != after[part] for part in REVIEWED):
        corrected = [*before.get("corrected", []), *findings.corrections(before, after)]
        kept = accounts.document_of(accounts.fetch(books, row["id"]))
        accounts.keep_document(books, row["id"], {**kept, "corrected": corrected}, at=books.now())
        accounts.set_status(books, row["id"], str(books.setting("after_documents")), at=books.now())


def _needs_review(before: Part, after: Part) -> bool:
    changed = any(before[part].get(name) != after[part].get(name) for part, names in REVIEWED.items() for name in names)
    disclosed = any(
        after["disclosures"][name] and not before["disclosures"].get(name) for name in declarations.DISCLOSURES
    )
    return changed or disclosed


def upload_documents(books: Books, request: Request) -> Answer:
    """Take documents in; where they were asked for, the application goes back to be decided."""
    row = books.one("SELECT * FROM accounts WHERE id = ?", request.params["account_id"])
    if row is None:
        raise Refusal(404, "account not found")
    sent = bodies.read(request)
    documents.check_all("documents", sent)
    document = accounts.document_of(row)
    now = books.now()
    document["documents"] += documents.noted(sent, at=now)
    accounts.keep_document(books, row["id"], document, at=now)
    if row["status"] == "ACTION_REQUIRED":
        accounts.set_status(books, row["id"], str(books.setting("after_documents")), at=now)
    return Answer(int(books.setting("documents_uploaded_status")))
