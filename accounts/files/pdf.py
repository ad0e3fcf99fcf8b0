"""PDFs: taken as they come, if they are whole, open to everybody, and hold nothing that acts.

A conservative look at the bytes, not a reader of PDFs: what it can't look into, it refuses. The names to look for, and
how they may be written: ISO 32000-1, 7.3.5 (names), 7.5.7 (object streams), 12.6 (actions).
"""

import re
import zlib
from collections.abc import Iterator

from accounts.files.refusal import FileNotTaken

BEGINS = b"%PDF-"
# What acts, fetches, or carries other files. The short names are looked for outside streams alone, since by chance they
# stand in packed pictures; an action without its long name does nothing.
_ACTS_LONG = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFile|RichMedia|ImportData|SubmitForm|Rendition|GoToE|GoToR|XFA(?=[\s\[\d]))"
)
_ACTS_SHORT = re.compile(rb"/(?:JS|AA|XFA|Movie|Sound)(?![A-Za-z0-9])")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"(?<!end)stream[ \t]*(?:\r\n|\r|\n)?")
_STREAM_ENDS = b"endstream"
_PACKED = re.compile(rb"/Filter\s*\[?\s*/FlateDecode\s*[\]/>]")
_LAST_WORD = b"%%EOF"
_AFTER_LAST_WORD = re.compile(rb"[\s\x00]{0,1024}\Z")
_ZIP_ENDS = b"PK\x05\x06"
_ZIP_END_WITHIN = 66_000  # bytes: the longest comment, and its head
# How far the streams that hold other objects are unfolded, all of them together.
_MOST_UNFOLDED = 32 * 1024 * 1024

_BROKEN = "The PDF is damaged, or was not copied whole. Save it once more, or take a photo of the document."
_LOCKED = "The PDF is locked with a password. Print it to a new PDF, or take a photo of the document."
_ACTIVE = "The PDF holds a script, a form or another file. Print it to a new PDF, or take a photo of the document."
_UNREADABLE = "The PDF is written in an unusual way. Print it to a new PDF, or take a photo of the document."


def require_plain(content: bytes) -> None:
    """Return for a PDF that holds pages and nothing else. Raises FileNotTaken."""
    _require_whole(content)
    plain = _unescaped(content)
    if b"/Encrypt" in plain:
        raise FileNotTaken(_LOCKED)
    if _ACTS_LONG.search(plain) or _ACTS_SHORT.search(_unescaped(_outside_streams(content))):
        raise FileNotTaken(_ACTIVE)
    for unfolded in _objects_within(content):
        unescaped = _unescaped(unfolded)
        if _ACTS_LONG.search(unescaped) or _ACTS_SHORT.search(unescaped):
            raise FileNotTaken(_ACTIVE)


def _require_whole(content: bytes) -> None:
    """A PDF that something else follows, or that is a ZIP as well, is two files in one."""
    last = content.rfind(_LAST_WORD)
    if last < 0 or b"startxref" not in content or not _AFTER_LAST_WORD.match(content, last + len(_LAST_WORD)):
        raise FileNotTaken(_BROKEN)
    if _ZIP_ENDS in content[-_ZIP_END_WITHIN:]:
        raise FileNotTaken(_ACTIVE)


def _unescaped(text: bytes) -> bytes:
    """Return names as they are read: /J#53 is /JS."""
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), text)


def _outside_streams(content: bytes) -> bytes:
    """Return all that stands outside streams."""
    outside, at = [], 0
    while found := _STREAM.search(content, at):
        end = content.find(_STREAM_ENDS, found.end())
        if end < 0:
            raise FileNotTaken(_BROKEN)
        outside.append(content[at : found.start()])
        at = end + len(_STREAM_ENDS)
    return b"".join([*outside, content[at:]])


def _objects_within(content: bytes) -> Iterator[bytes]:
    """Yield what the streams that hold other objects unfold to. Raises FileNotTaken where that can't be told.

    Every place that says "stream" is looked at, those within other streams and within texts, too: a reader of PDFs may
    see a stream there, whatever we see.
    """
    left, at = _MOST_UNFOLDED, 0
    for found in _STREAM.finditer(content):
        about, at = _unescaped(content[at : found.start()]), found.end()
        if b"/ObjStm" not in about:
            continue
        if b"/DecodeParms" in about or not _PACKED.search(about):
            raise FileNotTaken(_UNREADABLE)
        unfolded = _unfolded(content[at : content.find(_STREAM_ENDS, at)], left)
        left -= len(unfolded)
        yield unfolded


def _unfolded(packed: bytes, most: int) -> bytes:
    try:
        unfolding = zlib.decompressobj()
        found = unfolding.decompress(packed, max(1, most))
    except zlib.error:
        raise FileNotTaken(_UNREADABLE) from None
    if unfolding.unconsumed_tail:
        raise FileNotTaken(_UNREADABLE)
    return found
