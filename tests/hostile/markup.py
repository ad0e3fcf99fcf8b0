"""What in a page runs, or leads anywhere: read by a parser, and held to what our own templates write."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

Attributes = list[tuple[str, str | None]]
# Attributes whose value is an address.
_LEADS = {"href", "src", "action", "formaction", "xlink:href", "poster", "data", "srcset", "ping", "background", "cite"}
_HTMX_LEADS = {"hx-get", "hx-post"}
_NEVER = {"iframe", "object", "embed", "base", "style", "applet", "frame", "math", "video", "audio", "template", "area"}
# A word that no template and no answer of ours has: whatever is hostile carries it.
MARK = "xq7"


class _Reader(HTMLParser):
    """Gathers what a page must not have."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self._script = False

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        names = {name for name, _ in attrs}
        self._script = tag == "script"
        if tag in _NEVER or MARK in tag or not re.fullmatch(r"[a-z][a-z0-9-]*", tag):
            self._say(tag, attrs)
        if tag == "script" and "src" not in names:
            self._say(tag, attrs)
        if tag == "meta" and "http-equiv" in names:
            self._say(tag, attrs)
        for name, value in attrs:
            self._look_at(tag, name, value or "")

    def _look_at(self, tag: str, name: str, value: str) -> None:
        handler = name.startswith("on") or (name.startswith("hx-on") or (name == "hx-vals" and value.startswith("js")))
        if handler or name in ("style", "srcdoc") or MARK in name or not re.fullmatch(r"[a-z][a-z0-9:_-]*", name):
            self._say(tag, [(name, value)])
        if name in _LEADS | _HTMX_LEADS and not leads_somewhere_good(value):
            self._say(tag, [(name, value)])

    def handle_data(self, data: str) -> None:
        if self._script and data.strip():
            self.wrong.append(f"a script of {data[:80]!r}")
        self._script = False

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.wrong.append(f"a comment of {data[:80]!r}")

    def handle_decl(self, decl: str) -> None:
        if decl.lower() != "doctype html":
            self.wrong.append(f"a declaration of {decl[:80]!r}")

    def handle_pi(self, data: str) -> None:
        self.wrong.append(f"an instruction of {data[:80]!r}")

    def unknown_decl(self, data: str) -> None:
        self.wrong.append(f"a declaration of {data[:80]!r}")

    def _say(self, tag: str, attrs: Attributes) -> None:
        self.wrong.append(f"<{tag} {attrs}"[:200])


def leads_somewhere_good(url: str) -> bool:
    """Tell whether an address is on this site, or is one that our own templates write."""
    if url != url.strip() or re.search(r"[\x00-\x1f\\]", url) or url.startswith("//"):
        return False
    parts = urlsplit(url)
    if parts.scheme in ("", "mailto"):
        return not parts.netloc
    return parts.scheme in ("http", "https") and MARK not in parts.netloc


def wrong_with(page: str) -> list[str]:
    """Return what in a page would run, or was never written by a template of ours."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.wrong
