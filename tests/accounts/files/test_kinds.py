"""What is neither PDF, JPEG nor PNG, whatever it is called: not taken, with the way to something that is."""

import io
import zipfile

import pytest
from PIL import Image

from accounts.files import FileNotTaken, fit_for_the_broker
from tests.accounts import papers


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("passport.jpg", papers.picture())
    return out.getvalue()


def saved(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (200, 200)).save(out, kind)
    return out.getvalue()


NOT_TAKEN = {
    "nothing": (b"", "is empty"),
    "an iPhone’s own": (b"\x00\x00\x00\x18ftypheic" + bytes(100), "HEIC"),
    "an Android’s own": (b"\x00\x00\x00\x18ftypmif1" + bytes(100), "HEIC"),
    "a video": (b"\x00\x00\x00\x18ftypmp42" + bytes(100), "a video"),
    "a drawing that acts": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "a drawing"),
    "a drawing with a head": (b'\xef\xbb\xbf <?xml version="1.0"?><svg/>', "a drawing"),
    "a page": (b"<!DOCTYPE html><html></html>", "a page of the web"),
    "GIF": (saved("GIF"), "GIF"),
    "TIFF": (saved("TIFF"), "TIFF"),
    "TIFF the other way round": (b"MM\x00*" + bytes(100), "TIFF"),
    "WebP": (saved("WEBP"), "WebP"),
    "BMP": (saved("BMP"), "BMP"),
    "ZIP": (zipped(), "ZIP"),
    "an old text document": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "save it as a PDF"),
    "a program": (b"MZ\x90\x00" + bytes(100), "a program"),
    "another program": (b"\x7fELF" + bytes(100), "a program"),
    "a program to read": (b"#!/bin/sh\nexit\n", "a program"),
    "words": (b"Dear broker, this is me.", "neither a JPEG, a PNG nor a PDF"),
    "a PDF behind something": (b"GIF8" + papers.pdf(), "GIF"),
    "a PDF that begins late": (b"\n" + papers.pdf(), "neither"),
    "zeros": (bytes(1000), "neither"),
    "one byte": (b"\xff", "neither"),
}


@pytest.mark.parametrize(("content", "says"), NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_what_is_not_taken_says_what_it_is_and_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(FileNotTaken) as refusal:
        fit_for_the_broker(content)

    assert says in refusal.value.customer_message
    assert refusal.value.customer_message.count(".") >= 2 or "Choose" in refusal.value.customer_message


def test_what_is_wrong_is_said_without_what_is_in_the_file() -> None:
    secret = b"444-55-4321"

    with pytest.raises(FileNotTaken) as refusal:
        fit_for_the_broker(secret * 100)

    assert secret.decode() not in f"{refusal.value} {refusal.value.customer_message}"
