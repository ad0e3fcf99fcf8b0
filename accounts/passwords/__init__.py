"""What a password may be: how long, how it is read before it is hashed, and which ones too many people have."""

import unicodedata

SHORTEST, LONGEST = 12, 128
# Where one is typed: letters with marks may come in pieces, of which each counts.
LONGEST_TYPED = 4 * LONGEST


def normal(text: str) -> str:
    """Return the same letters in the same bytes, however a keyboard composes them; spaces and case stay as typed.

    NFKC, as NIST SP 800-63B-4 advises (3.1.1.2): what is typed on a phone and on a computer is one password.
    """
    return unicodedata.normalize("NFKC", text)
