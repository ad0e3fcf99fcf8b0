"""Photos and scans: what goes out is what can be seen, upright, and nothing else."""

import io
import struct
import zlib

import pytest
from PIL import Image

from accounts.files import MOST_BYTES, FileNotTaken, fit_for_the_broker
from tests.accounts import papers


def opened(content: bytes) -> Image.Image:
    fit = fit_for_the_broker(content)
    assert (fit.content_type, fit.size) == ("image/jpeg", len(fit.content))
    return Image.open(io.BytesIO(fit.content))


def is_dark(picture: Image.Image, x: int, y: int) -> bool:
    point = picture.getpixel((x, y))
    assert isinstance(point, tuple)
    return sum(point) < 200


PICTURES = {
    "a plain JPEG": papers.picture(),
    "a progressive JPEG": papers.picture(progressive=True),
    "a gray JPEG": papers.picture(mode="L"),
    "a JPEG for printing": papers.picture(mode="CMYK"),
    "a PNG": papers.picture("PNG"),
    "a PNG of a palette": papers.picture("PNG", mode="P"),
    "a PNG in black and white": papers.picture("PNG", mode="1"),
    "a gray PNG": papers.picture("PNG", mode="L"),
    "a PNG one can see through": papers.picture("PNG", mode="RGBA"),
}


@pytest.mark.parametrize("content", PICTURES.values(), ids=PICTURES)
def test_a_picture_is_drawn_anew_as_a_jpeg_of_the_same(content: bytes) -> None:
    drawn = opened(content)

    assert (drawn.format, drawn.mode, drawn.size) == ("JPEG", "RGB", papers.SIZE)
    assert is_dark(drawn, 10, 200)
    assert not is_dark(drawn, 500, 200)


def test_what_a_camera_writes_into_a_photo_stays_behind() -> None:
    photo = papers.photo()
    assert papers.GPS_WORDS in photo

    drawn = opened(photo)

    assert papers.GPS_WORDS not in fit_for_the_broker(photo).content
    assert not drawn.getexif()
    assert set(drawn.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photo_taken_on_its_side_stands_upright() -> None:
    drawn = opened(papers.photo())

    assert drawn.size == (400, 600)
    assert is_dark(drawn, 200, 10)  # its left edge is above now
    assert not is_dark(drawn, 200, 500)


def test_what_one_can_see_through_lies_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(out, "PNG")

    assert opened(out.getvalue()).getpixel((100, 100)) == (255, 255, 255)


def test_sixteen_bits_of_gray_keep_their_shades() -> None:
    out = io.BytesIO()
    Image.new("I;16", (200, 200), 40_000).save(out, "PNG")

    assert opened(out.getvalue()).getpixel((100, 100)) == (156, 156, 156)


def test_of_what_moves_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (200, 200), color) for color in ("white", "black")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:], duration=100)

    assert opened(out.getvalue()).getpixel((100, 100)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("kind", "mode", "size"),
    [
        ("JPEG", "RGB", (8000, 6000)),
        ("PNG", "P", (4000, 2000)),
        ("PNG", "1", (4000, 2000)),
        ("PNG", "I;16", (4000, 2000)),
    ],
)
def test_a_large_photo_becomes_one_that_can_be_read(kind: str, mode: str, size: tuple[int, int]) -> None:
    drawn = opened(papers.picture(kind, mode=mode, size=size))

    assert max(drawn.size) == 3500
    assert is_dark(drawn, 100, 1000)


def test_the_same_file_becomes_the_same_file() -> None:
    assert fit_for_the_broker(papers.photo()) == fit_for_the_broker(papers.photo())


def test_what_hides_behind_a_picture_stays_behind() -> None:
    behind = b"<script>alert(1)</script>PK\x03\x04" + papers.pdf()

    for picture in (papers.picture(), papers.picture("PNG")):
        assert b"script" not in fit_for_the_broker(picture + behind).content
        assert b"%PDF" not in fit_for_the_broker(picture + behind).content


# --- What is not taken ------------------------------------------------------------------------------------------------


def png_that_claims(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it unfolds to so many points."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(30_000, 30_000), (2**31 - 1, 2**31 - 1), (5000, 4001)])
def test_a_bomb_is_not_unfolded(size: tuple[int, int]) -> None:
    with pytest.raises(FileNotTaken) as refusal:
        fit_for_the_broker(png_that_claims(*size))

    assert "too many points" in refusal.value.customer_message


@pytest.mark.parametrize("kept", [12, 100, 1000, -30])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_half_a_picture_is_none(kind: str, kept: int) -> None:
    with pytest.raises(FileNotTaken) as refusal:
        fit_for_the_broker(papers.picture(kind)[:kept])

    assert "damaged" in refusal.value.customer_message


@pytest.mark.parametrize("begins", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"])
def test_a_beginning_alone_makes_no_picture(begins: bytes) -> None:
    with pytest.raises(FileNotTaken):
        fit_for_the_broker(begins + b"#!/bin/sh\nrm -rf /\n" * 100)


def test_a_thumbnail_can_not_be_read() -> None:
    with pytest.raises(FileNotTaken) as refusal:
        fit_for_the_broker(papers.picture(size=(99, 400)))

    assert "too small" in refusal.value.customer_message


def test_a_picture_past_the_brokers_limit_is_not_opened() -> None:
    picture = papers.picture()

    assert fit_for_the_broker(picture + bytes(MOST_BYTES - len(picture))).content
    with pytest.raises(FileNotTaken, match="can't be sent") as refusal:
        fit_for_the_broker(picture + bytes(MOST_BYTES - len(picture) + 1))

    assert "larger than 10 MB" in refusal.value.customer_message
