"""The texts that people read before they apply or agree: one file each, beside this one.

A file begins with lines of the form "name: value" (title, revision, sample, broker_revision), then a line "---", then
the text: paragraphs with an empty line between them, headings behind "# ". The files here are samples; a firm puts its
own into a folder of its own, named by AGREEMENTS_DIR, under the same names. Called by views, forms and operations.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

# What the law wants shown before anybody is asked who they are: 31 CFR 1023.220(a)(5).
IDENTITY_NOTICE = "identity_notice"


class NoSuchText(Exception):
    """There is no text of that name, or its file is not written as it should be; the message says which."""


@dataclass(frozen=True)
class Text:
    """One text as it is shown. `name` is the broker's word for an agreement."""

    name: str
    title: str
    revision: str
    is_sample: bool
    broker_revision: str  # the broker's own name of this revision; empty: its active one
    body: str

    @property
    def digest(self) -> str:
        """Return what stands for exactly these words: SHA-256 in hexadecimal."""
        return hashlib.sha256(f"{self.title}\n{self.revision}\n{self.body}".encode()).hexdigest()


def required() -> list[Text]:
    """Return what every customer has to agree to, in order."""
    return [current(name) for name in settings.AGREEMENTS]


def identity_notice() -> Text:
    """Return the notice about the check of who somebody is."""
    return current(IDENTITY_NOTICE)


def current(name: str) -> Text:
    """Return the text of that name as it stands now. Raises NoSuchText."""
    path = Path(settings.AGREEMENTS_DIR) / f"{name}.txt"
    try:
        changed_at = path.stat().st_mtime_ns
    except OSError:
        raise NoSuchText(f"{path.name}: there is no such file in AGREEMENTS_DIR") from None
    return _read(path, changed_at)


@lru_cache(maxsize=32)
def _read(path: Path, changed_at: int) -> Text:
    """Read a file once for as long as it does not change."""
    head, line, body = path.read_text().partition("\n---\n")
    facts = dict(fact.split(": ", 1) for fact in head.splitlines() if ": " in fact)
    if not line or not body.strip() or not {"title", "revision", "sample"} <= facts.keys():
        raise NoSuchText(f"{path.name}: needs title, revision and sample, then a line ---, then the text")
    return Text(
        name=path.stem,
        title=facts["title"],
        revision=facts["revision"],
        is_sample=facts["sample"] != "no",
        broker_revision=facts.get("broker_revision", ""),
        body=body.strip(),
    )


def blocks(body: str) -> list[tuple[str, str]]:
    """Return a text as ("heading" or "paragraph", words) in order, for a page to lay out."""
    parts = [" ".join(part.split()) for part in body.split("\n\n") if part.strip()]
    return [("heading", part[2:]) if part.startswith("# ") else ("paragraph", part) for part in parts]
