"""Answers that Django writes no line about. Used by the middleware that answers by itself."""

from typing import TypeVar

from django.http import HttpResponse

Answer = TypeVar("Answer", bound=HttpResponse)


def unlogged(answer: Answer) -> Answer:
    """Return the answer, marked: Django would log each one of 400 and above."""
    answer._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark, which it does not document
    return answer
