"""The browser's half of Link, as files. The frame has a policy of its own that allows nothing inline."""

from pathlib import Path

from brokerage.sandbox.wire import Answer, Request, as_json

FOLDER = Path(__file__).resolve().parent.parent / "link"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors *"
)


def serve(request: Request) -> Answer:
    path = FOLDER / request.params["name"]
    if path.suffix not in TYPES or path.parent != FOLDER or not path.is_file():
        return as_json({"error": "no such file"}, 404)
    headers = {
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }
    return Answer(200, path.read_bytes(), TYPES[path.suffix], headers)
