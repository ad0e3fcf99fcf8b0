"""Files that are two things at once, or something else than they say: refused in plain words, or sent harmless."""

import io
import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.files import FileNotTaken, fit_for_the_broker
from accounts.models import DocumentUpload
from tests.access.world import World
from tests.accounts import papers
from tests.harness.by_chance import without_chance
from tests.hostile.strings import UNICODE

SCRIPT = b"<script>xq7()</script>"


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that says so much of itself, and is small."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0" * 9000))]
    chunks = [struct.pack(">I", len(said)) + kind + said + struct.pack(">I", zlib.crc32(kind + said))
              for kind, said in [*parts, (b"IEND", b"")]]  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


REFUSED = {
    "nothing": b"",
    "one byte": b"\xff",
    "GIF and script": b"GIF89a/*" + b"\0" * 20 + b"*/=1;xq7()",
    "a page named PDF": b"<!DOCTYPE html>" + SCRIPT,
    "a page before a PDF": SCRIPT + papers.pdf(),
    "a page behind a PDF": papers.pdf() + SCRIPT,
    "a ZIP behind a PDF": papers.pdf() + b"PK\x03\x04" + b"\0" * 30 + b"PK\x05\x06" + b"\0" * 18,
    "a drawing with script": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="xq7()"/>',
    "a ZIP": b"PK\x03\x04" + b"\0" * 200,
    "a program": b"MZ" + b"\0" * 200,
    "a script of a shell": b"#!/bin/sh\nrm -rf /\n",
    "PostScript": b"%!PS-Adobe-3.0\n",
    "a TIFF": b"II*\0" + b"\0" * 100,
    "ImageMagick's own words": b"push graphic-context\nfill 'url(https://xq7.example/)'",
    "a playlist": b"#EXTM3U\nfile:///etc/passwd",
    "fifty thousand pixels squared": png_of(50_000, 50_000),
    "half a photo": papers.photo()[:900],
    "half a PDF": papers.pdf()[:60],
    "a PDF that is locked": papers.pdf(trailer=b"/Encrypt 9 0 R "),
    "a PDF with script": papers.pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"),
    "a PDF that starts a program": papers.pdf(b"<< /S /Launch /F (calc.exe) >>"),
    "a PDF with a file in it": papers.pdf(papers.stream(b"MZ", b"/Type /EmbeddedFile")),
    "a PDF that unfolds to a gigabyte": papers.pdf(papers.packed(b"\0" * 200_000_000, b"/Type /ObjStm /N 1 /First 4")),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_in_words_that_repeat_nothing_of_it(content: bytes) -> None:
    with pytest.raises(FileNotTaken) as refusal:
        fit_for_the_broker(content)

    assert len(refusal.value.customer_message) > 15
    assert "xq7" not in refusal.value.customer_message


HARMLESS = {
    "a photo with script behind it": papers.photo() + SCRIPT,
    "a photo with a page in its remark": papers.picture(comment=SCRIPT),
    "a photo with a PDF behind it": papers.photo() + papers.pdf(),
    "a photo with a ZIP behind it": papers.photo() + b"PK\x03\x04" + b"\0" * 30 + b"PK\x05\x06" + b"\0" * 18,
    "a PNG with script behind it": papers.picture("PNG") + SCRIPT,
}


@pytest.mark.parametrize("content", HARMLESS.values(), ids=HARMLESS)
def test_a_picture_is_drawn_anew_and_leaves_the_rest_behind(content: bytes) -> None:
    fit = fit_for_the_broker(content)

    assert fit.content_type == "image/jpeg"
    assert not [word for word in (b"xq7", b"%PDF", b"PK\x03\x04", papers.GPS_WORDS) if word in fit.content]
    assert not Image.open(io.BytesIO(fit.content)).getexif()


def test_a_page_within_a_pdf_goes_out_with_it() -> None:
    """It is a PDF to whoever reads it as one, and we say that it is one: nothing of ours or the broker's runs it."""
    content = papers.pdf(papers.stream(SCRIPT))

    assert fit_for_the_broker(content).content_type == "application/pdf"


# --- Through the page: neither the name nor what the browser says of a file is believed, kept or shown ----------------

NAMES = [
    *("../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "C:\\x.pdf", "x.pdf.exe", "x.php.jpg", "x.jpg\x00.exe"),
    *("\u202egpj.exe", "a" * 5000, "CON", ".htaccess", "<xq7>.pdf", "x\r\nX-Header: y.pdf", "'; DROP TABLE x;--.pdf"),
    *UNICODE[:6],
]


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
def test_no_name_of_a_file_is_kept_or_shown(world: World, name: str) -> None:
    file = SimpleUploadedFile("x", SCRIPT, "text/html\r\nX: y")
    file._name = name  # type: ignore[attr-defined]  # past what Django's own class would make of it
    typed: dict[str, Any] = {"paper": "x", "file": file, "form_key": "7b0e7e9e-3c3b-4b4e-8a58-111111111111"}

    answer = world.browsers["asked"].post("/apply/documents/passport/", typed)

    assert answer.status_code in (200, 302, 400)
    shown = without_chance(answer.content.decode())
    assert name not in shown
    assert "xq7" not in shown
    assert not DocumentUpload.objects.filter(account__user__email="missing@example.com").exists()
