"""How easy a sentence is to read, in American school grades: Flesch and Kincaid's formula."""

import re

# Letters that are read one by one, and digits, count as one syllable for each sign.
_SPELLED_OUT = re.compile(r"[A-Z]{2,}|[0-9]+")


def syllables(word: str) -> int:
    """Return about how many syllables an English word has."""
    if _SPELLED_OUT.fullmatch(word):
        return len(word)
    word = re.sub("[^a-z]", "", word.lower())
    groups = len(re.findall("[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)


def grade(text: str) -> float:
    """Return the school year in which one can read this."""
    words = re.findall(r"[A-Za-z’']+|[0-9]+", text)
    sentences = max(1, len(re.findall(r"[.!?](?:\s|$)", text)))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
