"""Choosing a document to send to the broker; what the file is, is told by its content."""

import uuid
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts import files
from accounts.documents_asked import Asked, Paper

_ACCEPT = "image/jpeg,image/png,application/pdf"  # an iPhone turns its own photos into JPEGs for it
_OLD_PAGE = "This page is out of date. Choose your file once more."
_NO_FILE = "Choose a photo or a PDF of the document."


class UploadForm(forms.Form):
    """Which document, and the file."""

    paper = forms.ChoiceField(
        label="Which document is it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of these", "invalid_choice": "Choose one of these"},
    )
    file = forms.FileField(
        label="The file",
        help_text="A photo (JPEG or PNG) or a PDF, up to 10 MB. All four corners and every word must be seen.",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": _ACCEPT}),
        error_messages={"required": _NO_FILE, "invalid": _NO_FILE, "missing": _NO_FILE},
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _OLD_PAGE, "invalid": _OLD_PAGE})

    def __init__(self, *args: Any, asked: Asked, **more: Any) -> None:
        super().__init__(*args, **more)
        self.asked = asked
        self.initial["form_key"] = uuid.uuid4()
        paper = cast(forms.ChoiceField, self.fields["paper"])
        paper.choices = [(each.key, each.label) for each in asked.papers]
        if asked.code == "SELFIE_VERIFICATION":
            self.fields[
                "file"
            ].help_text = "A photo (JPEG or PNG) of your face, up to 10 MB, by itself and in good light."
        if len(asked.papers) == 1:
            self.initial["paper"] = asked.papers[0].key
            paper.widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Say that the file has to be chosen again, which a browser never keeps, where something else was wrong."""
        answers: dict[str, Any] = super().clean() or {}
        if self.errors and "file" not in self.errors:
            self.add_error("file", "Choose your file once more: it is not kept between two tries.")
        return answers

    def clean_paper(self) -> Paper:
        """Return the document that was chosen."""
        return self.asked.paper(self.cleaned_data["paper"])

    def clean_file(self) -> files.FitFile:
        """Return the file as it can be sent."""
        sent: UploadedFile = self.cleaned_data["file"]
        if (sent.size or 0) > files.MOST_BYTES:
            raise ValidationError("The file is larger than 10 MB. Choose a smaller one, or take a photo of it.")
        try:
            return files.fit_for_the_broker(sent.read())
        except files.FileNotTaken as refusal:
            raise ValidationError(refusal.customer_message) from None
