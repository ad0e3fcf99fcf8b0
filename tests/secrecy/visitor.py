"""Somebody with a browser before the running site, who keeps every page that they were shown.

Takes the place of Django's test client in the steps of tests/journeys/people.py.
"""

import http.client
from contextlib import closing
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import uuid4

from tests.harness.site import CSRF

KEYS = ("sessionid", "browser")  # cookies that open something


class Page:
    """What came: as Django's test client gives it."""

    def __init__(self, asked: str, answer: http.client.HTTPResponse) -> None:
        self.asked = asked
        self.status_code = answer.status
        self.headers = answer.headers
        self.content = answer.read()

    def __getitem__(self, header: str) -> str:
        return str(self.headers[header])

    def came(self, status: int, *, to: str = "", says: str = "") -> "Page":
        """Fail unless it is the answer that a flow goes on from; return it."""
        seen = (self.asked, self.status_code, self.headers.get("Location"))
        assert self.status_code == status, (*seen, self.content.decode(errors="replace")[-3000:])
        assert not to or urlsplit(self["Location"]).path == to, seen
        assert says in self.content.decode(errors="replace"), (says, *seen)
        return self


class Visitor:
    """One browser. `name` tells whose canaries it may see; `host` is by what name it knows the site."""

    def __init__(self, port: int, name: str, session: str = "", *, host: str = "") -> None:
        self.name = name
        self.pages: list[Page] = []
        self.port = port
        self.host = host or f"127.0.0.1:{port}"
        self.cookies = {"csrftoken": CSRF} | ({"sessionid": session} if session else {})
        self.keys = {session} if session else set()  # of every session that it had, and by which it is known again

    def get(self, path: str, headers: dict[str, str] | None = None) -> Page:
        return self._ask("GET", path, headers=headers)

    def post(self, path: str, data: dict[str, Any] | None = None, *, follow: bool = False, csrf: bool = True) -> Page:
        """Send a form; a value that is a list is many, one that is a file (name, kind, bytes) is sent as one."""
        fields = {**(data or {}), **({"csrfmiddlewaretoken": self.cookies["csrftoken"]} if csrf else {})}
        if any(isinstance(value, tuple) for value in fields.values()):
            body, kind = _multipart(fields)
        else:
            body, kind = urlencode(fields, doseq=True).encode(), "application/x-www-form-urlencoded"
        page = self._ask("POST", path, body, {"Content-Type": kind})
        while follow and page.status_code in (301, 302):
            page = self.get(urljoin(path, page["Location"]))
        return page

    def send(self, path: str, body: bytes, **headers: str) -> Page:
        """Send anything at all."""
        return self._ask("POST", path, body, {name.replace("_", "-"): value for name, value in headers.items()})

    def _ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Page:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        always = {"Host": self.host, "Cookie": cookies, "Origin": f"http://{self.host}"}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as line:
            line.request(method, path, body, {**always, **(headers or {})})
            page = Page(f"{method} {path}", line.getresponse())
        for each in page.headers.get_all("Set-Cookie", []):
            got = {name: morsel.value for name, morsel in SimpleCookie(each).items()}
            self.cookies |= got
            self.keys |= {value for name, value in got.items() if name in KEYS and value}
        self.pages.append(page)
        return page


def _multipart(fields: dict[str, Any]) -> tuple[bytes, str]:
    border = uuid4().hex
    parts = []
    for name, value in fields.items():
        if isinstance(value, tuple):
            file, kind, content = value
            head, body = f'name="{name}"; filename="{file}"\r\nContent-Type: {kind}', content
        else:
            head, body = f'name="{name}"', str(value).encode()
        parts.append(f"--{border}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + body + b"\r\n")
    return b"".join([*parts, f"--{border}--\r\n".encode()]), f"multipart/form-data; boundary={border}"
