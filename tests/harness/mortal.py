"""A process whose forks do one piece of the site's work each, and die where they are told to.

Run by `mortals` as `python -m tests.harness.mortal`; a line of JSON in is a wish, a line of JSON out is what became of
it. Django and the vendors' SDKs are loaded once, so that a fork costs a tenth of a second.
"""

import importlib
import json
import os
import sys
import traceback
from datetime import datetime
from typing import Any

import django
import environ
import time_machine

from tests.harness.points import Watch

LOADED = (
    "brokerage.gateways.broker_client",
    "brokerage.gateways.plaid_client",
    "brokerage.urls",
    "tests.harness.works",
)


def main() -> None:
    environ.Env.read_env = lambda *args, **kwargs: None  # a developer's own `.env` decides nothing here
    django.setup()
    for name in LOADED:
        importlib.import_module(name)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_became_of(json.loads(line))) + "\n")
        sys.stdout.flush()


def _became_of(wish: dict[str, Any]) -> dict[str, Any]:
    """Let a fork do it; return the points it has passed, if it lived to tell, and its exit code."""
    hearing, telling = os.pipe()
    child = os.fork()
    if not child:
        _live(wish, telling)
    os.close(telling)
    with os.fdopen(hearing) as told:
        points = told.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {"points": json.loads(points or "[]"), "code": code}


def _live(wish: dict[str, Any], telling: int) -> None:
    """Do the work, tell of it, and end without a word to what the parent has open."""
    try:
        work = getattr(importlib.import_module("tests.harness.works"), wish["work"])
        with time_machine.travel(datetime.fromisoformat(wish["now"]), tick=False):
            watch = Watch(tuple(wish["die"]) if wish["die"] else None)
            work(**wish["of"])
        os.write(telling, json.dumps(watch.points).encode())
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    main()
