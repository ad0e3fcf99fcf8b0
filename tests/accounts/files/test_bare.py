"""Pictures without what is not their points: no note, however odd, spoils a picture, or keeps a worker busy."""

import contextlib
import io
import random
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from accounts.files import FileNotTaken, fit_for_the_broker
from accounts.files.bare import bare
from tests.accounts import papers

JPEG, PNG = papers.picture(), papers.picture("PNG")
SCAN = b"\xff\xda"


def segment(content: bytes, marker: int = 0xE1) -> bytes:
    return b"\xff%c%b%b" % (marker, struct.pack(">H", len(content) + 2), content)


def chunk(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def jpeg_with(*pieces: bytes) -> bytes:
    return JPEG[:2] + b"".join(pieces) + JPEG[2:]


def png_with(*pieces: bytes) -> bytes:
    return PNG[:33] + b"".join(pieces) + PNG[33:]


def notes(*entries: bytes, order: str = "<") -> bytes:
    """Return a camera's notes of these entries, each of twelve bytes."""
    begins = b"II*\x00" if order == "<" else b"MM\x00*"
    return begins + struct.pack(f"{order}IH", 8, len(entries)) + b"".join(entries) + bytes(4)


def entry(tag: int, kind: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(f"{order}HHI", tag, kind, 1) + value.ljust(4, b"\x00")


def way_up(value: int, order: str = "<") -> bytes:
    return entry(0x0112, 3, struct.pack(f"{order}H", value), order)


def size(content: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(fit_for_the_broker(content).content)).size


# --- Which way is up --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("held", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_however_the_camera_was_held_it_stands_upright(held: int, order: str) -> None:
    """As the library does that knows every such note."""
    exif = Image.Exif()
    exif[0x0112] = held
    for kind in ("JPEG", "PNG"):
        theirs = bare(papers.picture(kind, exif=exif)).way_up
        ours = bare(jpeg_with(segment(b"Exif\x00\x00" + notes(way_up(held, order), order=order)))).way_up

        assert theirs == ours == held
    assert size(papers.picture("PNG", exif=exif)) == ((400, 600) if held > 4 else (600, 400))


TURNED = way_up(6)
ODD = {
    "the width as a text": notes(entry(0x0100, 2, b"x"), TURNED),
    "the maker as a number": notes(entry(0x010F, 3, b"\x01"), TURNED),
    "the height as a fraction": notes(entry(0x0101, 11, struct.pack("<f", 1.5)), TURNED),
    "a thing of no kind": notes(entry(0x0101, 99, b"\xff\xff\xff\xff"), TURNED),
    "a thing that lies elsewhere": notes(entry(0x0101, 5, b"\xff\xff\xff\xff"), TURNED),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_odd_notes_keep_no_picture_from_standing_upright(odd: bytes) -> None:
    assert size(jpeg_with(segment(b"Exif\x00\x00" + odd))) == (400, 600)
    assert size(png_with(chunk(b"eXIf", odd))) == (400, 600)


NONSENSE = {
    "none": b"",
    "another beginning": b"XX*\x00" + notes(TURNED)[4:],
    "an end before they begin": notes(TURNED)[:9],
    "half an entry": notes(TURNED)[:15],
    "a beginning past their end": b"II*\x00\xff\xff\xff\xff",
    "a ninth way up": notes(way_up(9)),
    "a way up in words": notes(entry(0x0112, 2, b"6")),
    "far too many": b"II*\x00\x08\x00\x00\x00\xff\xff",
}


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
def test_notes_without_sense_leave_a_picture_as_it_is(nonsense: bytes) -> None:
    assert size(jpeg_with(segment(b"Exif\x00\x00" + nonsense))) == (600, 400)
    assert size(png_with(chunk(b"eXIf", nonsense))) == (600, 400)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_with_some_bytes_wrong_is_taken_or_is_not(kind: str) -> None:
    chance = random.Random(20261128)  # noqa: S311 - the same ones each time
    exif = Image.Exif()
    exif.update({0x0112: 6, 0x011A: 72.0, 0x010F: "x"})
    whole = papers.picture(kind, size=(120, 100), exif=exif)
    taken = 0

    for _ in range(600):
        wrong = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            wrong[chance.randrange(4, 250)] = chance.randrange(256)
        with contextlib.suppress(FileNotTaken):
            taken += bool(fit_for_the_broker(bytes(wrong)))

    assert 0 < taken < 600


# --- What is left out -------------------------------------------------------------------------------------------------


def test_nothing_is_left_but_the_points() -> None:
    secret = b"CAMERA-OF-A-TEST"

    for whole in (
        jpeg_with(*(segment(secret, marker) for marker in (*range(0xE1, 0xEE), 0xEF, 0xFE))) + secret,
        png_with(*(chunk(name, secret) for name in (b"tEXt", b"iTXt", b"zTXt", b"iCCP", b"fdAT", b"abCd"))) + secret,
    ):
        assert secret not in bare(whole).content
        assert fit_for_the_broker(whole) in (fit_for_the_broker(JPEG), fit_for_the_broker(PNG))


def test_a_note_that_unfolds_to_very_much_is_not_unfolded() -> None:
    note = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(50_000_000)))

    assert fit_for_the_broker(png_with(note)) == fit_for_the_broker(PNG)


def test_a_photo_that_shows_better_and_better_does_not_do_so_for_ever() -> None:
    whole = papers.picture(progressive=True)
    last = whole[whole.rfind(SCAN) : -2]

    assert fit_for_the_broker(whole[:-2] + last * 10 + whole[-2:])
    with pytest.raises(FileNotTaken) as refusal:
        fit_for_the_broker(whole[:-2] + last * 40 + whole[-2:])

    assert "in an unusual way" in refusal.value.customer_message


@pytest.mark.parametrize("content", [jpeg_with(segment(b"") * 30_000), png_with(chunk(b"abCd") * 30_000)])
def test_far_too_many_pieces_are_too_much(content: bytes) -> None:
    with pytest.raises(FileNotTaken) as refusal:
        fit_for_the_broker(content)

    assert "in an unusual way" in refusal.value.customer_message


LARGE_NOTE = segment(b"Exif\x00\x00" + bytes(60_000))
LONG: dict[str, tuple[Callable[[int], bytes], int]] = {
    "notes in pieces": (lambda n: jpeg_with(LARGE_NOTE * (n // 50), segment(b"Exif\x00\x00a") * n), 2000),
    "one marker": (lambda n: jpeg_with(b"\xff" * n), 500_000),
    "what lies behind": (lambda n: JPEG + SCAN * n, 500_000),
    "pieces": (lambda n: png_with(chunk(b"abCd") * n), 4000),
}


@pytest.mark.parametrize(("drawn_out", "length"), LONG.values(), ids=LONG)
def test_four_times_as_much_takes_four_times_as_long(drawn_out: Callable[[int], bytes], length: int) -> None:
    """At most ten times, on a machine with other work; what begins anew at every place takes sixteen."""
    once, more = (papers.seconds(drawn_out(times * length)) for times in (1, 4))

    assert more < 10 * once + 0.02
