"""Receiving files: in memory, without their names, and of what is too much the size alone."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.files.uploadhandler import StopUpload
from django.test import RequestFactory
from pytest_django import Settings

from accounts.files import MOST_BYTES
from accounts.memory_upload import MOST_READ, MemoryOnly


def received(*files: bytes, name: str = "passport.pdf") -> list[UploadedFile]:
    """Return what a view finds of files that a browser sends."""
    sent = [SimpleUploadedFile(name, content, "application/pdf") for content in files]
    return RequestFactory().post("/", {"file": sent}).FILES.getlist("file")


@pytest.mark.parametrize("size", [0, 1, MOST_BYTES])
def test_a_file_is_received_whole_and_in_memory(size: int) -> None:
    [file] = received(bytes(size))

    assert (file.size, len(file.read())) == (size, size)
    assert isinstance(file.file, io.BytesIO)


def test_its_name_and_what_the_browser_calls_it_are_dropped() -> None:
    [file] = received(b"x", name="../../Ada Okafor 444-55-4321.pdf")

    assert (file.name, file.content_type) == ("file", "")


def test_of_what_is_too_much_the_size_is_told_and_nothing_is_kept() -> None:
    [file] = received(bytes(MOST_BYTES + 1))

    assert (file.size, file.read()) == (MOST_BYTES + 1, b"")


def test_all_files_of_a_request_count_together() -> None:
    first, second = received(bytes(6 * 1024 * 1024), bytes(6 * 1024 * 1024))

    assert len(first.read()) == 6 * 1024 * 1024
    assert second.read() == b""


def test_what_does_not_end_takes_no_more_memory_and_is_cut_off() -> None:
    handler = MemoryOnly()
    handler.new_file("file", "x", "")
    for _ in range(MOST_READ // handler.chunk_size):
        handler.receive_data_chunk(bytes(handler.chunk_size), 0)
    assert handler._kept.tell() == MOST_BYTES

    with pytest.raises(StopUpload):
        handler.receive_data_chunk(b"x", 0)


def test_no_handler_of_the_site_writes_to_disk(settings: Settings) -> None:
    assert settings.FILE_UPLOAD_HANDLERS == ["accounts.memory_upload.MemoryOnly"]
