"""A picture's file without all that is not its points: what is left is little, and the usual decoders can't trip on it.

Notes of the camera, comments, previews and further frames are where decoders stumble, or can be kept busy for hours: a
note may come in a million pieces, or name one place of the file a thousand times. All of it is left out before a
decoder sees the file; which way is up is read here. ISO/IEC 10918-1, annex B (JPEG); the PNG specification, section 5;
Exif 2.32, section 4.6 (which way is up).
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from accounts.files.refusal import FileNotTaken

# A PNG of ten megabytes has 1,300 pieces as most programs write it, a JPEG some hundreds.
_MOST_PIECES = 20_000
# A JPEG that shows better and better has ten or so; each of them takes as long to read as a whole photo.
_MOST_SCANS = 30

_DAMAGED = "The picture is damaged, or was not copied whole. Take the photo again, or choose another file."
_UNUSUAL = "The picture is written in an unusual way. Take a photo with your phone’s usual setting."

_JPEG_BEGINS, _JPEG_ENDS = b"\xff\xd8", b"\xff\xd9"
_MARKER = re.compile(rb"\xff++([\x01-\xfe])")
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
_SCAN, _NOTES, _EXIF = 0xDA, 0xE1, b"Exif\x00\x00"
# The frame and its tables; how often to begin anew; JFIF's head; how Adobe mixes its colors.
_JPEG_KEPT = {*range(0xC0, 0xD0), 0xDB, 0xDD, 0xE0, 0xEE}

_PNG_BEGINS = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}

_BYTE_ORDERS = {b"II*\x00": "<", b"MM\x00*": ">"}
_WAY_UP, _SHORT, _ENTRY = 0x0112, 3, 12


@dataclass(frozen=True)
class Bare:
    """A picture's points as they are packed, and which way they are up: 1, as they are, to 8."""

    content: bytes = field(repr=False)
    way_up: int


def bare(content: bytes) -> Bare:
    """Return a JPEG or PNG without what is not its points. Raises FileNotTaken."""
    return _png(content) if content.startswith(_PNG_BEGINS) else _jpeg(content)


def _jpeg(content: bytes) -> Bare:
    kept, way_up = [_JPEG_BEGINS], 1
    for marker, piece in _jpeg_pieces(content):
        if marker == _SCAN:
            kept.append(_scans(piece))
        elif marker in _JPEG_KEPT:
            kept.append(b"\xff%c%b%b" % (marker, struct.pack(">H", len(piece) + 2), piece))
        elif marker == _NOTES and piece.startswith(_EXIF) and way_up == 1:
            way_up = _way_up(piece[len(_EXIF) :])
    return Bare(b"".join(kept), way_up)


def _jpeg_pieces(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each piece up to the first scan, without its marker and length; then all the rest. Raises FileNotTaken."""
    at = len(_JPEG_BEGINS)
    for _ in range(_MOST_PIECES):
        found = _MARKER.match(content, at)
        if not found:
            raise FileNotTaken(_DAMAGED)
        marker, at = found[1][0], found.end()
        if marker == _SCAN:
            yield marker, content[found.start() :]
            return
        if marker not in _WITHOUT_LENGTH:
            begins, at = at + 2, at + max(2, int.from_bytes(content[at : at + 2]))
            yield marker, content[begins:at]
    raise FileNotTaken(_UNUSUAL)


def _scans(content: bytes) -> bytes:
    """Return the scans up to the picture's end: among points the two bytes of a marker stand for nothing else."""
    end = content.find(_JPEG_ENDS)
    scans = content if end < 0 else content[: end + len(_JPEG_ENDS)]
    if scans.count(b"\xff\xda") > _MOST_SCANS:
        raise FileNotTaken(_UNUSUAL)
    return scans


def _png(content: bytes) -> Bare:
    kept, way_up = [_PNG_BEGINS], 1
    for name, piece in _png_pieces(content):
        if name in _PNG_KEPT:
            kept.append(piece)
        elif name == b"eXIf" and way_up == 1:
            way_up = _way_up(piece[8:])
    return Bare(b"".join(kept), way_up)


def _png_pieces(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each piece's name and all of it, up to the last. Raises FileNotTaken."""
    at = len(_PNG_BEGINS)
    for _ in range(_MOST_PIECES):
        begins, name = at, content[at + 4 : at + 8]
        at += 12 + int.from_bytes(content[at : at + 4])
        if at > len(content):
            raise FileNotTaken(_DAMAGED)
        yield name, content[begins:at]
        if name == b"IEND":
            return
    raise FileNotTaken(_UNUSUAL)


def _way_up(exif: bytes) -> int:
    """Return which way is up by a camera's notes; 1 where they do not say it, or make no sense."""
    order = _BYTE_ORDERS.get(exif[:4])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(f"{order}I", exif, 4)
        (entries,) = struct.unpack_from(f"{order}H", exif, at)
        for entry in range(at + 2, at + 2 + entries * _ENTRY, _ENTRY):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, entry)
            if (tag, kind) == (_WAY_UP, _SHORT):
                return value if 1 <= value <= 8 else 1
    except struct.error:  # they end before they say it
        return 1
    return 1
