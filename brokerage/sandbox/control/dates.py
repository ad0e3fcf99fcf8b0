"""Control over when a transfer happened, for stories that span weeks: when it was made, booked, and booked back."""

from brokerage.sandbox.books import Books
from brokerage.sandbox.broker import transfers
from brokerage.sandbox.clock import banking_day, iso
from brokerage.sandbox.control.gate import BadControl
from brokerage.sandbox.control.reading import Fields, known, moment
from brokerage.sandbox.wire import Request

BOOKED = {"settled_at": 0, "returned_at": 1}  # which rows of cash: those that book, and those that book back


def transfer(books: Books, request: Request, fields: Fields) -> Fields:
    """Any of `created_at`, `settled_at` and `returned_at`, none of them to come; what is not booked has no date."""
    row = known(books, "transfers", request.params["transfer_id"])
    names = ("created_at", *BOOKED)
    moments = {name: moment(name, fields[name]) for name in names if fields.get(name)}
    for name, at in moments.items():
        if not 0 <= at <= books.now():
            raise BadControl(f"{name} must not be in the future")
    for name, at in moments.items():
        if name in BOOKED:
            sql = "UPDATE activities SET created_at = ?, date = ? WHERE transfer_id = ? AND reverses = ?"
            books.write(sql, iso(at), banking_day(at), row["id"], BOOKED[name])
        else:
            books.write("UPDATE transfers SET created_at = ? WHERE id = ?", iso(at), row["id"])
    return transfers.shown(transfers.fetch(books, row["id"]))
