"""A name as words of plain letters: accents gone, other alphabets transliterated, hyphens remembered.

Called by person and bank_text; knows no names.
"""

import re
import unicodedata
from dataclasses import dataclass

from anyascii import anyascii

LONGEST, MOST_WORDS = 300, 30  # letters and words of a text; a joint account of five owners stays far below
COMMA, BAR, SLASH = ",", "|", "/"  # what stands between words; a bar for all that stands between two owners

_APOSTROPHES = re.compile("['’‘ʼ`´ʹʻ]")
# Dots that belong to one word: without them, M.D. would be two initials.
_DOTTED = re.compile(r"\b(?:m\.d|ph\.d|j\.d|d\.d\.s|c\.p\.a|l\.l\.c|l\.l\.p|p\.l\.l\.c|d\.b\.a|f\.b\.o)\b\.?", re.I)
_WRITTEN_OUT = {
    "2nd": "II",
    "3rd": "III",
    "4th": "IV",
    "a minor": "minor",
    "a/k/a": "|",
    "and/or": "|",
    "c/o": "careof",
    "d/b/a": "dba",
    "f/k/a": "|",
    "n/a": "",
    "p/o/d": "pod",
    "t/a": "dba",
}
_SHORTHAND = re.compile(r"\b(?:" + "|".join(_WRITTEN_OUT) + r")\b", re.I)
_PIECES = re.compile(r"[^\s,&+;/|:]+|[,&+;/|:\n]")
_GREEK_OU = re.compile("[οό][υύ]", re.I)  # one sound of two letters
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_SHORTENED = {"st": "saint", "ste": "sainte"}
_SYLLABLES = re.compile("[A-Z][a-z]*|[a-z]+")
_FIRST_IDEOGRAPH = "\u2e80"  # from here on a sign is a syllable, or nearly


@dataclass(frozen=True)
class Word:
    """One word in the letters a to z; `spelled` has ue for ü and saint for st; `compound` is what it is part of."""

    letters: str
    spelled: str
    compound: str = ""

    @property
    def is_initial(self) -> bool:
        return len(self.letters) == 1

    def is_same(self, other: "Word") -> bool:
        return self.letters in (other.letters, other.spelled) or self.spelled in (other.letters, other.spelled)


Token = Word | str


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def tokens(text: str) -> list[Token]:
    """Return the words of a name, and what stands between them; nothing of what can't be a name."""
    text = unicodedata.normalize("NFKC", text[: LONGEST + 1])  # a sign may become eighteen
    if len(text) > LONGEST or any(map(_is_no_text, text)):
        return []
    tidy = _SHORTHAND.sub(lambda match: _WRITTEN_OUT[match[0].lower()], _APOSTROPHES.sub("", text))
    tidy = _DOTTED.sub(lambda match: match[0].replace(".", ""), tidy)
    found = [token for piece in _PIECES.findall(tidy) for token in _of_piece(piece)]
    return found if len(found) <= MOST_WORDS else []


def _is_no_text(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\t\r\n"


def is_foreign(text: str) -> bool:
    """Say whether a name has letters whose transliteration is a guess: vowels left out, or signs read in several ways.

    Latin, Greek, Cyrillic and Armenian are read letter by letter.
    """
    return any("\u0590" <= sign < "\u1e00" or sign >= "\u2c00" for sign in text if sign.isalpha())


def joined(words: tuple[Word, ...]) -> Word:
    return Word("".join(word.letters for word in words), "".join(word.spelled for word in words))


def _of_piece(piece: str) -> list[Token]:
    """Return the words of a piece without spaces: `Smith-Jones`, `J.R.`, `王小明`, `&`."""
    if piece in (COMMA, SLASH):
        return [piece]
    if piece in "&+;|:\n":
        return [BAR]
    compounds = "".join(map(_letter_hyphen_or_space, piece)).split()
    return [word for compound in compounds for word in _of_compound(compound.split("-"))]


def _letter_hyphen_or_space(sign: str) -> str:
    category = unicodedata.category(sign)
    if category[0] in "LM":  # a mark is part of its letter
        return sign
    return "-" if category == "Pd" else " "


def _of_compound(parts: list[str]) -> list[Word]:
    letters = [syllable for part in parts for syllable in _latin(part)]
    spelled = [syllable for part in parts for syllable in _latin(part.lower().translate(_SPELLED_OUT))]
    compound = "-".join(letters) if sum(map(bool, parts)) > 1 else ""
    return [Word(plain, _SHORTENED.get(plain, long), compound) for plain, long in zip(letters, spelled, strict=False)]


def _latin(text: str) -> list[str]:
    """Return a text in plain letters: one word, or of ideographs one for each."""
    plain = anyascii(_GREEK_OU.sub("ou", text))
    found = _SYLLABLES.findall(plain) if max(text, default="") >= _FIRST_IDEOGRAPH else [plain]
    words = (re.sub("[^a-z]", "", each.lower()) for each in found)
    return [word for word in words if word]
