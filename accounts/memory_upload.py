"""How files that a browser sends are received: in memory, up to a size, without their names, and never on disk.

Named in settings, so that it holds for every page: no document that somebody sends by whatever door comes to rest.
"""

import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from accounts.files import MOST_BYTES

NAME = "file"
# Past this the connection is cut: to read on for a clear answer costs more than it is worth.
MOST_READ = 64 * 1024 * 1024


class MemoryOnly(FileUploadHandler):
    """Keeps one request's files in memory; of what is too much, its size alone, so that the form can say so."""

    chunk_size = 256 * 1024

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._kept = io.BytesIO()
        self._received = self._size = 0

    def new_file(self, field_name: str, file_name: str, content_type: str, *args: Any, **more: Any) -> None:
        """Begin a file; its name is dropped, and what the browser says it is."""
        super().new_file(field_name, NAME, "", None, None, None)
        self._kept, self._size = io.BytesIO(), 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece, unless all files of this request together are too much."""
        self._size += len(raw_data)
        self._received += len(raw_data)
        if self._received > MOST_READ:
            raise StopUpload(connection_reset=True)
        if self._received <= MOST_BYTES:
            self._kept.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file; an empty one with its true size where it was too much."""
        if self._received > MOST_BYTES:
            self._kept = io.BytesIO()
        self._kept.seek(0)
        return InMemoryUploadedFile(self._kept, self.field_name, NAME, "", self._size, None)
