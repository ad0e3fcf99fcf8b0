"""Start the sandbox, say where it listens, stop when told."""

import argparse
import logging
import os
import signal
import sqlite3
import sys
import threading

from brokerage.sandbox.books import Books
from brokerage.sandbox.pace import PROFILES
from brokerage.sandbox.server import SandboxServer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=9555, help="port to listen on; 0 picks a free one")
    parser.add_argument("--store", default="sandbox.sqlite3", help="file that keeps the sandbox's books")
    parser.add_argument("--profile", choices=sorted(PROFILES), default=None, help="how fast banks are (default: fast)")
    parser.add_argument("--site", default=None, help="address of the site that the desk's stories lead to")


def serve(*, host: str, port: int, store: str, profile: str | None, site: str | None = None) -> int:
    """Serve until SIGTERM or SIGINT; answer the exit code.

    Without a profile the books keep the one they were last run with.
    """
    if os.environ.get("BROKERAGE_ENV") == "production":
        return _refuse("The sandbox plays banks and brokers and does not start where BROKERAGE_ENV is production.")
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        books = Books(store, profile=profile)
    except sqlite3.Error as problem:
        return _refuse(f"Cannot open the sandbox's store {store}: {problem}.")
    try:
        server = SandboxServer((host, port), books)
    except (OSError, OverflowError) as problem:
        books.close()
        return _refuse(f"Cannot listen on {host}:{port}: {_said(problem)}. Choose another with --port.")
    if site:
        books.set_setting("site_url", site)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    server.start()
    print(f"Sandbox on {server.url} (profile {books.setting('profile')}, store {store})", flush=True)
    stop.wait()
    server.stop()
    return 0


def _said(problem: Exception) -> str:
    return (getattr(problem, "strerror", None) or str(problem)).lower()


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m brokerage.sandbox", description=__doc__)
    add_arguments(parser)
    options = parser.parse_args()
    return serve(**vars(options))


if __name__ == "__main__":
    sys.exit(main())
