"""Photos and scans: decoded with care and drawn anew, so that nothing goes out but what can be seen.

Where the picture was taken, by which camera and when, a preview of what was cut off, comments, and anything that hides
behind a picture stay behind. Pillow's own limits on what a small file may unfold to hold as well.
"""

import io
import struct
import threading
import warnings
import zlib

from PIL import Image

from accounts.files.bare import bare
from accounts.files.refusal import MOST_BYTES, FileNotTaken

BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
# The largest phone photos have 50 million points; a PNG has to be unfolded whole, a JPEG can be read at half size.
MOST_POINTS = {"JPEG": 50_000_000, "PNG": 20_000_000}
LONGEST_SIDE = 3500  # points; the small print of a page can be read at that
SHORTEST_SIDE = 100  # below it nothing can be read
QUALITIES = (90, 75)
# So many pictures are unfolded at one moment in a process: the largest ones take 250 MB for a second or two.
_TURNS = threading.BoundedSemaphore(2)

Image.MAX_IMAGE_PIXELS = max(MOST_POINTS.values())

_DAMAGED = "The picture is damaged, or was not copied whole. Take the photo again, or choose another file."
_TOO_LARGE = "The picture has too many points. Take the photo with your phone’s usual setting, or save it smaller."
_TOO_SMALL = "The picture is too small to be read. Take a photo in which the document fills the frame."
# What the decoders raise on what they can't make sense of; none of it says anything to a customer.
_FAULTS = (
    *(OSError, EOFError, MemoryError, ValueError, TypeError, AttributeError, SyntaxError),
    *(LookupError, ArithmeticError, struct.error, zlib.error),
)
# How a camera was held, and what sets its picture upright (Exif 2.32, 4.6.4).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def drawn_anew(content: bytes) -> bytes:
    """Return a JPEG of what a picture shows: upright, on white, its first frame if it moves. Raises FileNotTaken."""
    try:
        with _TURNS, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _saved(_decoded(content))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise FileNotTaken(_TOO_LARGE) from None
    except _FAULTS:
        raise FileNotTaken(_DAMAGED) from None


def _decoded(content: bytes) -> Image.Image:
    """Return the picture's points. Raises FileNotTaken, and what the decoder raises."""
    points = bare(content)
    with Image.open(io.BytesIO(points.content), formats=tuple(MOST_POINTS)) as picture:
        _require_size(picture)
        # A JPEG can be read at a half or a quarter, where that is enough: a photo of 48 million points takes 60 MB so.
        longest = max(picture.size)
        picture.draft(None, (picture.width * LONGEST_SIDE // longest, picture.height * LONGEST_SIDE // longest))
        picture.load()
        drawn = _in_shades(picture)
        drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        turn = _UPRIGHT.get(points.way_up)
        return _on_white(drawn if turn is None else drawn.transpose(turn))


def _require_size(picture: Image.Image) -> None:
    """Judge the size that the file claims, before anything is unfolded."""
    width, height = picture.size
    if width * height > MOST_POINTS.get(picture.format or "", MOST_POINTS["JPEG"]):
        raise FileNotTaken(_TOO_LARGE)
    if min(width, height) < SHORTEST_SIDE:
        raise FileNotTaken(_TOO_SMALL)


def _in_shades(picture: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be made smaller without losing lines."""
    if picture.mode.startswith("I"):  # 16 bits of gray
        return picture.convert("I").point(lambda level: level / 256).convert("L")
    if picture.mode in ("1", "P"):
        return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return picture


def _on_white(picture: Image.Image) -> Image.Image:
    """Return the points in red, green and blue on a new picture that knows nothing of the old one."""
    white = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white.paste(picture, mask=picture.getchannel("A"))
    else:
        white.paste(picture.convert("RGB"))
    return white


def _saved(picture: Image.Image) -> bytes:
    for quality in QUALITIES:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if out.tell() <= MOST_BYTES:
            return out.getvalue()
    raise FileNotTaken(_TOO_LARGE)
