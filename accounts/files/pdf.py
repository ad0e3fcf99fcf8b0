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
_STREAM = re.compile(rb"(?<!end)stream[ \t]*+(?:\r\n|\r|\n)?+")
_STREAM_ENDS = b"endstream"
# What holds other objects says so, or where the first one of them begins; in outlines /First is a reference.
_HOLDS_OBJECTS = re.compile(rb"/ObjStm|/First(?!\w|\s++\d++\s++\d++\s++R)")
# All that the head of such a stream may say: packed once, with nothing foretold, no head within, no text, no remark.
_PLAIN_HEAD = re.compile(
    rb"obj\s*+<<(?:\s*+/(?:Type\s*+/ObjStm|(?:N|First|Length)\s++\d++(?:\s++\d++\s++R)?+|Extends\s++\d++\s++\d++\s++R"
    rb"|Filter\s*+(?:/FlateDecode|\[\s*+/FlateDecode\s*+\])))*+\s*+>>\s*+\Z"
)
_LAST_WORD = b"%%EOF"
_AFTER_LAST_WORD = re.compile(rb"[\s\x00]{0,1024}\Z")
_ZIP_ENDS = b"PK\x05\x06"
_ZIP_END_WITHIN = 66_000  # bytes: the longest comment, and its head
# How far the streams that hold other objects are unfolded, all of them together.
_MOST_UNFOLDED = 32 * 1024 * 1024
# A lease of a hundred pages has some hundreds of streams, and some thousands of names that are written otherwise.
_MOST_STREAMS = 2000
_MOST_ESCAPES = 100_000

_BROKEN = "The PDF is damaged, or was not copied whole. Save it once more, or take a photo of the document."
_LOCKED = "The PDF is locked with a password. Print it to a new PDF, or take a photo of the document."
_ACTIVE = "The PDF holds a script, a form or another file. Print it to a new PDF, or take a photo of the document."
_UNREADABLE = "The PDF is written in an unusual way. Print it to a new PDF, or take a photo of the document."


def require_plain(content: bytes) -> None:
    """Return for a PDF that holds pages and nothing else. Raises FileNotTaken.

    No place is looked at more than a few times, whatever the file says: it takes as long as the file is.
    """
    _require_whole(content)
    plain = _unescaped(content)
    if b"/Encrypt" in plain:
        raise FileNotTaken(_LOCKED)
    if _ACTS_LONG.search(plain) or _ACTS_SHORT.search(_unescaped(_outside_streams(content))):
        raise FileNotTaken(_ACTIVE)
    unfolded = _unescaped(b"\n".join(_objects_within(content)))
    if _ACTS_LONG.search(unfolded) or _ACTS_SHORT.search(unfolded):
        raise FileNotTaken(_ACTIVE)


def _require_whole(content: bytes) -> None:
    """A PDF that something else follows, or that is a ZIP as well, is two files in one."""
    last = content.rfind(_LAST_WORD)
    if last < 0 or b"startxref" not in content or not _AFTER_LAST_WORD.match(content, last + len(_LAST_WORD)):
        raise FileNotTaken(_BROKEN)
    if _ZIP_ENDS in content[-_ZIP_END_WITHIN:]:
        raise FileNotTaken(_ACTIVE)


def _unescaped(text: bytes) -> bytes:
    """Return names as they are read: /J#53 is /JS. Raises FileNotTaken where far too many are written so."""
    read, times = _ESCAPED.subn(lambda found: bytes.fromhex(found[1].decode()), text, count=_MOST_ESCAPES + 1)
    if times > _MOST_ESCAPES:
        raise FileNotTaken(_UNREADABLE)
    return read


def _streams(content: bytes) -> Iterator[re.Match[bytes]]:
    """Yield every place that says "stream". Raises FileNotTaken where far too many do."""
    for number, found in enumerate(_STREAM.finditer(content)):
        if number == _MOST_STREAMS:
            raise FileNotTaken(_UNREADABLE)
        yield found


def _outside_streams(content: bytes) -> bytes:
    """Return all that stands outside streams."""
    outside, at = [], 0
    for found in _streams(content):
        if found.start() < at:  # within another one
            continue
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
    left, begins_after = _MOST_UNFOLDED, 0
    for found in _streams(content):
        about, at = content[begins_after : found.start()], found.end()
        begins_after = at
        if not _HOLDS_OBJECTS.search(_unescaped(about)):
            continue
        _require_plain_head(about)
        unfolded = _unfolded(_packed(content, at), left)
        left -= len(unfolded)
        yield unfolded


def _require_plain_head(about: bytes) -> None:
    """Judge what stands before a stream that holds objects by its end, the stream's own head.

    What says twice what it is, or how it is packed, is read by each reader in its own way.
    """
    head = _PLAIN_HEAD.match(about, max(0, about.rfind(b"obj")))
    if not head or _unescaped(about).count(b"/ObjStm") != 1:
        raise FileNotTaken(_UNREADABLE)
    if any(head[0].count(once) != 1 for once in (b"/ObjStm", b"/Filter")):
        raise FileNotTaken(_UNREADABLE)


def _packed(content: bytes, at: int) -> bytes:
    """Return what a stream that begins there holds; in one that is plain, no other begins before it ends."""
    end = content.find(_STREAM_ENDS, at)
    another = _STREAM.search(content, at, max(at, end))
    if end < 0 or another:
        raise FileNotTaken(_UNREADABLE)
    return content[at:end]


def _unfolded(packed: bytes, most: int) -> bytes:
    try:
        unfolding = zlib.decompressobj()
        found = unfolding.decompress(packed, max(1, most))
    except zlib.error:
        raise FileNotTaken(_UNREADABLE) from None
    if not unfolding.eof:  # there is more than may be unfolded, or less than there should be
        raise FileNotTaken(_UNREADABLE)
    return found
