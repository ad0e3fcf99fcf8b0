"""The provider as a process of its own, and the handle by which a test tells it whom to sign in, and how to lie."""

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from tests.harness.environment import ROOT

CLIENT_ID, CLIENT_SECRET = "brokerage-under-test", "secret of the/client+%"
_FIRST_LINE = re.compile(r"Provider on (http://127\.0\.0\.1:\d+) ")


class Provider:
    """`provider.person("ada", groups=["ops"])`, `provider.lies(claims={"iss": "x"})`, `provider.sign_in(client)`."""

    def __init__(self, url: str, shape: str) -> None:
        self.url = url
        self.shape = shape
        self.where = urlsplit(url)

    def control(self, **said: Any) -> list[str]:
        """Tell the provider something; return what it was asked since the last time."""
        asked: list[str] = self._control(said)["asked"]
        return asked

    def handed(self) -> list[dict[str, Any]]:
        """Return every answer with tokens that it has given since it runs."""
        answers: list[dict[str, Any]] = self._control({})["handed"]
        return answers

    def _control(self, said: dict[str, Any]) -> Any:
        return json.loads(self._ask("POST", "/control/", json.dumps(said))[1])

    def reset(self) -> None:
        self.person("ada")
        self.control(lies={}, who="ada")

    def person(self, name: str, **record: Any) -> None:
        self.control(people={name: {"sub": f"sub-of-{name}", "email": f"{name}@example.com"} | record}, who=name)

    def lies(self, **lies: Any) -> None:
        self.control(lies=lies)

    def visit(self, address: str) -> str:
        """Follow an address as a browser would, until the provider sends it away; return where to."""
        while address.startswith(self.url):
            parts = urlsplit(address)
            status, body, location = self._ask_all("GET", f"{parts.path}?{parts.query}")
            assert status in (302, 303), (status, body[:500])
            address = location if "://" in location else f"{self.url}{location}"
        return address

    def sign_in(self, client: Client, address: str = "/sign-in/") -> Any:
        """Walk to the provider and back, as one who agrees to everything; return the answer at the end of it."""
        begun = client.get(address)
        assert begun.status_code == 302, begun.content
        return client.get(self.come_back(begun["Location"]))

    def come_back(self, address: str) -> str:
        """Return the path of ours, with a code, to which the provider sends who goes to `address`."""
        back = urlsplit(self.visit(address))
        assert (back.netloc, back.path) == ("testserver", "/sign-in/return/"), back
        return f"{back.path}?{back.query}"

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        return self._ask_all(method, path, body)[:2]

    def _ask_all(self, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
        line = http.client.HTTPConnection(str(self.where.hostname), self.where.port, timeout=10)
        try:
            line.request(method, path, body)
            answer = line.getresponse()
            return answer.status, answer.read().decode(), answer.headers.get("Location", "")
        finally:
            line.close()


@contextmanager
def running_provider(folder: Path, shape: str) -> Iterator[Provider]:
    """Run a provider, Cognito-shaped or plain, on a free port until the block ends; its log lies in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "provider.log"
    command = [sys.executable, "-m", "tests.harness.openid", shape, str(folder)]
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            line = process.stdout.readline() if process.stdout else ""
            match = _FIRST_LINE.match(line)
            assert match, f"the provider did not start: {line}{log.read_text()}"
            yield Provider(match[1], shape)
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
