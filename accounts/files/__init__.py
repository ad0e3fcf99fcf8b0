"""What a file really is, by its content: a document fit for the broker, or a reason in plain words why not.

Called by forms. Neither the file's name nor what the browser says of it is believed. Everything happens in memory, and
what is wrong with a file is said without a word of what is in it.
"""

from dataclasses import dataclass, field

from accounts.files import kinds, pdf, pictures
from accounts.files.refusal import MOST_BYTES, FileNotTaken

__all__ = ["MOST_BYTES", "FileNotTaken", "FitFile", "fit_for_the_broker"]


@dataclass(frozen=True)
class FitFile:
    """A PDF as it came, or a picture drawn anew."""

    content: bytes = field(repr=False)
    content_type: str

    @property
    def size(self) -> int:
        return len(self.content)


def fit_for_the_broker(content: bytes) -> FitFile:
    """Return what can be sent for a file of this content. Raises FileNotTaken."""
    if not content:
        raise FileNotTaken("The file is empty. Choose another one.")
    if len(content) > MOST_BYTES:
        raise FileNotTaken("The file is larger than 10 MB. Choose a smaller one, or take a photo of the document.")
    if content.startswith(pdf.BEGINS):
        pdf.require_plain(content)
        return FitFile(content, "application/pdf")
    if content.startswith(pictures.BEGINNINGS):
        return FitFile(pictures.drawn_anew(content), "image/jpeg")
    raise FileNotTaken(kinds.why_not(content))
