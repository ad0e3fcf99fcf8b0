"""PO boxes in the spellings that people give them; the broker wants the home."""

import re
import unicodedata

from anyascii import anyascii

_GAP = r"[\W_]{0,3}"
_O = "[o0]"
_BOX = rf"(b{_GAP}{_O}{_GAP}x|bx|drawer|dwr|bin|lock{_GAP}box)(es)?(?![a-z])"
_POST_OFFICE = rf"(p{_GAP}{_O}|p(o?st)?{_GAP}{_O}({_GAP}f{{0,2}}(ice|c|f)?)?)"
# At the beginning of the text or after a comma: where a street would stand.
_FIRST = r"(^|,)\W*"
_NUMBER = rf"{_GAP}((no|num|number|nr|nro)\b)?{_GAP}\d"
_RURAL = r"(?!.*\b(rr|hc|rd|rt|rte|route|star|psc|cmr|unit|apo|fpo|dpo)\b)"
_SPELLINGS = (
    rf"\bg?{_POST_OFFICE}{_GAP}{_BOX}",
    rf"\bp(ost(al)?)?{_GAP}{_BOX}({_NUMBER}|\W*$)",
    rf"\bp{_GAP}{_O}{_GAP}b{_NUMBER}",
    rf"^\W*p{_GAP}{_O}{_NUMBER}",
    rf"^\W*(b{_O}x|bx|drawer|mail{_GAP}box|lock{_GAP}box|call{_GAP}box){_NUMBER}{_RURAL}",
    rf"\b(firm\W+caller|caller{_GAP}(box|service|no\b|number|#|\d))",
    rf"\b(lock{_GAP}box|call{_GAP}box){_NUMBER}",
    # Puerto Rico and abroad.
    rf"\b(apartado|apdo|casilla|caixa|caja|case|casella|boite){_GAP}(postale?|aereo|de{_GAP}correos?)\b",
    rf"{_FIRST}(apartado|apdo|casilla|b{_GAP}p|a/ya){_NUMBER}",
    rf"\b(postfach|postbus|postboks|posta{_GAP}kutusu)\b",
    rf"\b(locked|private){_GAP}bag{_NUMBER}",
)
_IN_PLAIN_LETTERS = re.compile("|".join(f"({spelling})" for spelling in _SPELLINGS), re.I)
_IN_OTHER_SCRIPTS = re.compile("信箱|私書箱|私书箱|사서함|صندوق بريد|ص\\s*\\.?\\s*ب\\s*\\.?\\s*[0-9٠-٩]")


def is_po_box(street: str) -> bool:
    """Tell whether this is a box at a post office. A box on a rural route or at a base is a home."""
    plain = " ".join(anyascii(unicodedata.normalize("NFC", street)).split())
    return bool(_IN_PLAIN_LETTERS.search(plain) or _IN_OTHER_SCRIPTS.search(street))
