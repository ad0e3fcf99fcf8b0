"""Whose name something is: whole, in any capitals, since a part of one is found by no index that both databases have.

Called by the desk's list of applications and by its search.
"""

from django.db.models import Q

from brokerage.finding import in_any_capitals

MOST_WORDS = 5


def by_name(text: str) -> list[Q]:
    """Return the ways to the applications with this family name, given name, or both in a row."""
    words = text.split()
    if not 0 < len(words) <= MOST_WORDS:
        return []
    whole = " ".join(words)
    both = [
        in_any_capitals(given_name=" ".join(words[:cut]), family_name=" ".join(words[cut:]))
        for cut in range(1, len(words))
    ]
    return [in_any_capitals(family_name=whole), in_any_capitals(given_name=whole), *both]
