"""Names, as people write them. The broker has its own copy in fifty plain letters: letters.in_broker_letters."""

import re
import unicodedata

from accounts.rules import NotTaken
from accounts.rules.letters import at_most, has_letters, readable

LONGEST = 100
# Jean-Luc, Jr., Siti a/p Ravi, Lim @ Lee, Ana (Anita), and the click letters of Namibia as people type them: !Naruseb.
_SIGNS = frozenset(" '’‘`´\"“”-.,·/()&@!|#")
# A number in a regnal name or a child's name has one or two; a longer one is a phone or a tax id in the wrong field.
_MOST_DIGITS = 4


def name(text: str) -> str:
    """Return one name: what a person types as a first, a middle or a last name. Raises NotTaken."""
    written = readable(text)
    if not written:
        raise NotTaken("Enter a name.")
    at_most(LONGEST, written)
    if re.search(r"@\S+\.\S|www\.", written, re.I):
        raise NotTaken("Enter a name here, and not an e-mail or web address.")
    if not all(_is_of_names(letter) for letter in written):
        raise NotTaken("Use letters, and leave out signs that are not part of a name.")
    if sum(letter.isdigit() for letter in written) > _MOST_DIGITS:
        raise NotTaken("Enter a name here, and not a number.")
    return has_letters(written)


def _is_of_names(letter: str) -> bool:
    """Every alphabet's letters, marks, digits and (outside ASCII) punctuation; the joiners that `readable` let pass."""
    kind = unicodedata.category(letter)
    if letter.isascii() and not letter.isalnum():
        return letter in _SIGNS
    return kind[0] in "LMP" or kind in ("Nd", "Nl", "Cf", "Sk")
