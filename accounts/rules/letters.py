"""Letters: what may be typed here, and how it reads in the plain ASCII that the broker takes."""

import re
import unicodedata

from anyascii import anyascii

from accounts.rules import NotTaken

LONGEST_LINE = 100
# Control, format, private, surrogate, unassigned; line and paragraph separators.
_UNSEEN = frozenset(("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"))
# Zero-width non-joiner and joiner, and the Mongolian vowel separator: part of the spelling in the scripts below.
_JOINERS = frozenset("\u200c\u200d\u180e")
_JOINING_SCRIPTS = (
    *("ARABIC", "SYRIAC", "MONGOLIAN", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL"),
    *("TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "MYANMAR", "KHMER", "TIBETAN"),
)
# Arrows, dingbats and other signs; emoji. They would reach the broker as words such as ":house:".
_PICTURES = re.compile("[\u2190-\u21ff\u2300-\u2bff\U0001f000-\U0001ffff]")
# The okina and its like are apostrophes on a keyboard. (Of ayin anyascii makes a backtick, which is one too.)
_APOSTROPHES = str.maketrans(dict.fromkeys("ʻʼʽʾʿˈ´՚׳＇｀", "'"))


def readable(text: str) -> str:
    """Return the text composed (NFC), with single spaces and none at its ends.

    Raises NotTaken for letters that cannot be seen and for pictures.
    """
    composed = unicodedata.normalize("NFC", text.strip())
    for before, letter in zip(" " + composed, composed, strict=False):
        if _is_unseen(letter) and not _joins(before, letter):
            raise NotTaken("Something in here can’t be seen. Type it again, by hand.")
    if _PICTURES.search(composed):
        raise NotTaken("Leave out emoji and other small pictures. Use letters.")
    return " ".join(composed.split())


def _is_unseen(letter: str) -> bool:
    return unicodedata.category(letter) in _UNSEEN


def _joins(before: str, letter: str) -> bool:
    """Tell whether an unseen joiner follows a letter of a script that is written with joiners, as in علی‌رضا."""
    return letter in _JOINERS and unicodedata.name(before, "").startswith(_JOINING_SCRIPTS)


def in_plain_letters(text: str) -> str:
    """Return the whole text in printable ASCII, single-spaced: Thảo Nguyễn → Thao Nguyen."""
    plain = anyascii(unicodedata.normalize("NFC", text).translate(_APOSTROPHES)).replace("`", "'")
    return " ".join(re.sub("[^ -~]", " ", plain).split())


def in_broker_letters(text: str, at_most: int = 50) -> str:
    """Return the text in plain letters, cut to `at_most` of them; between two words, if at least half then stays."""
    plain = in_plain_letters(text)
    if len(plain) <= at_most:
        return plain
    end = plain.rfind(" ", at_most // 2, at_most + 1)
    return plain[: end if end > 0 else at_most].rstrip()


def has_letters(text: str) -> str:
    """Return the text. Raises NotTaken when it has no letter in the broker's alphabet."""
    if not re.search("[A-Za-z]", in_plain_letters(text)):
        raise NotTaken("Use letters here, and not signs or digits alone.")
    return text


def line(text: str) -> str:
    """Return one line with something to read in it, such as a job title or the name of a firm. Raises NotTaken."""
    return has_letters(at_most(LONGEST_LINE, readable(text)))


def at_most(length: int, text: str) -> str:
    """Return the text. Raises NotTaken when it is longer."""
    if len(text) > length:
        raise NotTaken(f"This is too long. Use at most {length} letters.")
    return text
