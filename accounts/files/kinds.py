"""The kinds of files that are not taken, told by how they begin, each with the way to a JPEG or PDF."""

_PHOTO = "Take a photo of the document with your phone, or save it as a JPEG or PDF."
_HEIC = (
    "This is a photo in Apple’s own format (HEIC), which the broker does not take. Send it from your iPhone in the "
    "browser’s “Take Photo”, or open it and save it as a JPEG."
)
_DRAWING = f"This is a drawing or a page of the web, not a picture of a document. {_PHOTO}"
_PROGRAM = f"This is a program, not a document. {_PHOTO}"
_ARCHIVE = (
    "This is a folder in one file (ZIP) or a text document. Unpack it and choose the document itself, or save it as a "
    "PDF."
)

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", f"This is a GIF, which the broker does not take. {_PHOTO}"),
    (b"II*\x00", f"This is a TIFF, which the broker does not take. Open it and save it as a PDF. {_PHOTO}"),
    (b"MM\x00*", f"This is a TIFF, which the broker does not take. Open it and save it as a PDF. {_PHOTO}"),
    (b"BM", f"This is a bitmap (BMP), which the broker does not take. {_PHOTO}"),
    (b"PK\x03\x04", _ARCHIVE),
    (b"PK\x05\x06", _ARCHIVE),
    (b"\xd0\xcf\x11\xe0", "This is a document of a text program. Open it there and save it as a PDF."),
    (b"{\\rtf", "This is a document of a text program. Open it there and save it as a PDF."),
    (b"MZ", _PROGRAM),
    (b"\x7fELF", _PROGRAM),
    (b"\xca\xfe\xba\xbe", _PROGRAM),
    (b"\xcf\xfa\xed\xfe", _PROGRAM),
    (b"#!", _PROGRAM),
)
_MARKUP = (b"<svg", b"<?xml", b"<!doctype", b"<html", b"<script")
_APPLES = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")


def why_not(content: bytes) -> str:
    """Return why a file that is neither PDF, JPEG nor PNG is not taken, and what to do."""
    if content[4:8] == b"ftyp":
        return _HEIC if content[8:12] in _APPLES else f"This is a video, not a document. {_PHOTO}"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return f"This is a WebP picture, which the broker does not take. {_PHOTO}"
    if content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        return _DRAWING
    known = next((text for beginning, text in _BEGINNINGS if content.startswith(beginning)), "")
    return known or f"This is neither a JPEG, a PNG nor a PDF, whatever its name says. {_PHOTO}"
