"""PDFs: whole, open to everybody, with nothing in them that acts."""

import zlib
from collections.abc import Callable

import pytest

from accounts.files import MOST_BYTES, FileNotTaken, fit_for_the_broker
from tests.accounts import papers


def why_not(content: bytes) -> str:
    with pytest.raises(FileNotTaken) as refusal:
        fit_for_the_broker(content)
    return refusal.value.customer_message


TAKEN = {
    "an empty page": papers.pdf(),
    "a picture that happens to say /JS": papers.pdf(papers.stream(b"\x00/JS /AA\xff", b"/Subtype /Image")),
    "objects within a stream": papers.pdf(papers.packed(b"4 0 << /Type /Font >>", b"/Type /ObjStm /N 1 /First 4")),
    "a word that begins like one that acts": papers.pdf(b"<< /JSize 1 /AAlign 2 >>"),
    "where it opens": papers.pdf(b"<< /OpenAction [3 0 R /Fit] >>"),
    "where its chapters are": papers.pdf(b"<< /Type /Outlines /First 5 0 R /Last 5 0 R >>", papers.stream(b"")),
    "a font": papers.pdf(b"<< /FirstChar 32 >>", b"<< /S /Named /N /FirstPage >>", papers.stream(b"")),
    "as others write it": papers.pdf(
        b"<</Type/ObjStm/N 10/First 60/Extends 4 0 R/Filter[/FlateDecode]/Length 12 0 R>>\r\nstream\r\n"
        + zlib.compress(b"4 0 << /Type /Font >>")
        + b"\r\nendstream"
    ),
    "a link": papers.pdf(b"<< /S /URI /URI (https://example.com) >>"),
    "no line at its end": papers.pdf().rstrip(),
}


@pytest.mark.parametrize("content", TAKEN.values(), ids=TAKEN)
def test_a_plain_pdf_goes_out_as_it_came(content: bytes) -> None:
    fit = fit_for_the_broker(content)

    assert (fit.content, fit.content_type) == (content, "application/pdf")


ACTS = {
    "a script": papers.pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"),
    "a script by its short name": papers.pdf(b"<< /JS 4 0 R >>"),
    "a script with its name written otherwise": papers.pdf(b"<< /S /J#61vaScript /J#53 (app.alert(1)) >>"),
    "something to do": papers.pdf(b"<< /AA << /O 4 0 R >> >>"),
    "a program to start": papers.pdf(b"<< /S /Launch /F (calc.exe) >>"),
    "a file within": papers.pdf(papers.stream(b"MZ", b"/Type /EmbeddedFile")),
    "a form of XML": papers.pdf(b"<< /XFA 4 0 R >>"),
    "a film": papers.pdf(b"<< /Subtype /RichMedia >>"),
    "a form that sends itself": papers.pdf(b"<< /S /SubmitForm >>"),
    "a script within a stream": papers.pdf(
        papers.packed(b"4 0 << /S /JavaScript /JS (x) >>", b"/Type /ObjStm /N 1 /First 4")
    ),
    "a script behind a text that says stream": papers.pdf(
        b"<< /Title (stream\n) >>", b"<< /S /J#61vaScript /JS (x) >>", papers.stream(b"")
    ),
    "a stream behind a text that says stream": papers.pdf(
        b"<< /Title (stream\n) >>", papers.packed(b"4 0 << /JS (x) >>", b"/Type /ObjStm")
    ),
    "a stream on a line of its own": papers.pdf(
        papers.packed(b"4 0 << /JS (x) >>", b"/Type /ObjStm").replace(b"stream\n", b"stream\r", 1)
    ),
    "a ZIP behind it": papers.pdf(b"<< >>").replace(b"startxref", b"PK\x05\x06" + bytes(18) + b"startxref"),
}


@pytest.mark.parametrize("content", ACTS.values(), ids=ACTS)
def test_what_acts_or_carries_another_file_is_not_taken(content: bytes) -> None:
    assert "holds a script, a form or another file" in why_not(content)


def test_what_is_locked_is_not_taken() -> None:
    assert "locked with a password" in why_not(papers.pdf(trailer=b"/Encrypt 4 0 R "))
    assert "locked with a password" in why_not(papers.pdf(trailer=b"/Encr#79pt 4 0 R "))


BROKEN = {
    "half of it": papers.pdf()[:60],
    "a page of the web behind it": papers.pdf() + b"<html><script>alert(1)</script></html>",
    "a stream without an end": papers.pdf(b"<< >>\nstream\nabc"),
    "a beginning alone": b"%PDF-1.7\n",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_is_not_whole_is_not_taken(content: bytes) -> None:
    assert "damaged" in why_not(content)


SCRIPT = b"4 0 << /S /JavaScript /JS (app.alert(1)) >>"
UNUSUAL = {
    "a text that says stream within": papers.packed(b"4 0 << /JS (x) >>", b"/Type /ObjStm /X (stream) "),
    "not packed": papers.stream(b"4 0 << /Type /Font >>", b"/Type /ObjStm"),
    "packed twice": papers.stream(b"x", b"/Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode]"),
    "a hidden kind": papers.packed(b"4 0 << /JS (x) >>", b"/Type /Obj#53tm"),
    "twice in the same way": papers.stream(
        zlib.compress(zlib.compress(SCRIPT)), b"/Type /ObjStm /Filter [/FlateDecode /FlateDecode]"
    ),
    "and in letters": papers.stream(
        zlib.compress(SCRIPT.hex().encode()), b"/Type /ObjStm /Filter [/FlateDecode /ASCIIHexDecode]"
    ),
    "a kind that is not told": papers.packed(SCRIPT, b"/N 1 /First 4"),
    "told twice": papers.packed(b"x", b"/Type /ObjStm /Filter [/FlateDecode /FlateDecode]"),
    "told by a short name as well": papers.packed(b"x", b"/Type /ObjStm /F [/FlateDecode /FlateDecode]"),
    "foretold by a short name": papers.packed(b"x", b"/Type /ObjStm /DP << /Predictor 12 >>"),
    "told by another head within": papers.packed(
        b"x", b"/Filter [/FlateDecode /FlateDecode] /X << /Filter /FlateDecode >> /Type /ObjStm"
    ),
    "a head within its head": b"<< /Filter /LZWDecode /Type /ObjStm /obj" + papers.packed(b"x", b"/Type /ObjStm"),
    "not its whole": papers.stream(zlib.compress(bytes(9000))[:-9], b"/Type /ObjStm /Filter /FlateDecode"),
    "a stream within": papers.stream(zlib.compress(b"x") + b"\n>> stream\n", b"/Type /ObjStm /Filter /FlateDecode"),
    "packed otherwise": papers.stream(b"x", b"/Type /ObjStm /Filter /LZWDecode"),
    "not what it says": papers.stream(b"no such thing", b"/Type /ObjStm /Filter /FlateDecode"),
    "foretold": papers.packed(b"x", b"/Type /ObjStm /DecodeParms << /Predictor 12 >>"),
    "a bomb": papers.packed(bytes(40_000_000), b"/Type /ObjStm"),
}


@pytest.mark.parametrize("content", UNUSUAL.values(), ids=UNUSUAL)
def test_what_cannot_be_looked_into_is_not_taken(content: bytes) -> None:
    assert "in an unusual way" in why_not(papers.pdf(content))


def test_bombs_count_together() -> None:
    bombs = [papers.packed(bytes(20_000_000), b"/Type /ObjStm") for _ in range(2)]

    assert "in an unusual way" in why_not(papers.pdf(*bombs))


def test_what_unfolds_to_just_what_may_be_and_then_acts_is_not_taken() -> None:
    for more in (0, 200):
        bomb = bytes(32 * 1024 * 1024 - more) + SCRIPT

        assert why_not(papers.pdf(papers.packed(bomb, b"/Type /ObjStm")))


def test_far_too_many_streams_or_odd_names_are_too_much() -> None:
    some, many = (papers.pdf(*[papers.stream(b"")] * number) for number in (1000, 3000))

    assert fit_for_the_broker(some)
    assert "in an unusual way" in why_not(many)
    assert "in an unusual way" in why_not(papers.pdf(b"<< /" + b"#41" * 200_000 + b" 1 >>"))


def test_a_pdf_past_the_brokers_limit_is_not_taken() -> None:
    page = papers.pdf()
    at_most = papers.pdf(papers.stream(bytes(MOST_BYTES - len(page) - 100)))

    assert fit_for_the_broker(at_most).size <= MOST_BYTES
    assert "larger than 10 MB" in why_not(papers.pdf(papers.stream(bytes(MOST_BYTES))))


# --- As long as the file is, and no longer ----------------------------------------------------------------------------

HEAD = b"<< /Type /ObjStm /Filter"
HARMLESS = HEAD + b" /FlateDecode >>\nstream\n" + zlib.compress(b"")
# Each is drawn out to a length: what made a search begin anew at every place of it, or copy all the rest.
LONG = {
    "blanks": (lambda n: HEAD + b" " * n + b">>stream\nendstream", 20_000),
    "blanks behind a stream": (lambda n: b"stream" + b" \t" * n + b"endstream", 100_000),
    "heads": (lambda n: b"1 0 obj " + HEAD * n + b">>stream\nendstream", 10_000),
    "numbers": (lambda n: b"obj << /Type /ObjStm /First " + b"1" * n + b" >>stream\nendstream", 100_000),
    "entries": (lambda n: b"obj <<" + b"/N 1 " * n + b"/Type /ObjStm >>stream\nendstream", 20_000),
    "streams with one end": (lambda n: HARMLESS * n + b"endstream", 400),
    "streams within": (lambda n: (b"obj" + HARMLESS + bytes(5000)) * n + b"\nendstream", 400),
    "streams that hold nothing": (lambda n: (b"1 0 obj " + HARMLESS + b"\nendstream ") * n, 400),
    "beginnings": (lambda n: b"1 0 obj stream\n" * n, 100_000),
    "signs": (lambda n: b"#" * n + b"#4" * n, 200_000),
    "names": (lambda n: b"/" * n, 500_000),
    "ends": (lambda n: b"%%EOF" * n, 200_000),
}


@pytest.mark.parametrize(("drawn_out", "length"), LONG.values(), ids=LONG)
def test_four_times_as_much_takes_four_times_as_long(drawn_out: Callable[[int], bytes], length: int) -> None:
    """At most ten times, on a machine with other work; what begins anew at every place takes sixteen."""
    once, more = (papers.seconds(papers.pdf(drawn_out(times * length))) for times in (1, 4))

    assert more < 10 * once + 0.02


def test_ten_megabytes_of_beginnings_take_no_time() -> None:
    assert why_not(b"%PDF-1.7\n" + b"1 0 obj stream\n" * 600_000)
    assert why_not(b"%PDF-1.7\n" + b"#" * 5_000_000 + b"#4" * 2_000_000)
