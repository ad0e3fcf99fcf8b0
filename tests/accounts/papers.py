"""Files as people choose them, and as they should not: drawn here, of nobody."""

import contextlib
import io
import time
import zlib
from typing import Any

from PIL import Image, ImageDraw

from accounts.files import FileNotTaken, fit_for_the_broker

SIZE = (600, 400)
GPS_WORDS = b"CAMERA-OF-A-TEST"


def picture(kind: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = SIZE, **more: Any) -> bytes:
    """Return a picture, dark at its left edge and light elsewhere."""
    drawn = Image.new("RGB", size, (200, 210, 220))
    ImageDraw.Draw(drawn).rectangle((0, 0, size[0] // 4, size[1]), fill=(10, 20, 30))
    out = io.BytesIO()
    drawn.convert(mode).save(out, kind, **more)
    return out.getvalue()


def photo(**more: Any) -> bytes:
    """Return a photo that says where and with what it was taken, and that it was held on its side."""
    exif = Image.Exif()
    exif[0x010F] = GPS_WORDS.decode()  # who made the camera
    exif[0x0112] = 6  # turn it a quarter to the right
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    return picture(exif=exif, comment=GPS_WORDS, **more)


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Return a PDF of one empty page, with whatever objects are wanted beside it."""
    page = (b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>")  # fmt: skip
    body = b"".join(
        b"%d 0 obj\n%s\nendobj\n" % (number, each) for number, each in enumerate((*page, *objects), start=1)
    )
    return b"%PDF-1.7\n" + body + b"trailer\n<< /Root 1 0 R " + trailer + b">>\nstartxref\n9\n%%EOF\n"


def stream(content: bytes, about: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), about, content)


def packed(content: bytes, about: bytes = b"") -> bytes:
    return stream(zlib.compress(content), b"/Filter /FlateDecode " + about)


def seconds(content: bytes) -> float:
    """Return how long a look at it takes at best."""
    took = []
    for _ in range(3):
        begins = time.process_time()
        with contextlib.suppress(FileNotTaken):
            fit_for_the_broker(content)
        took.append(time.process_time() - begins)
    return min(took)
