"""A command that follows one of the broker's streams; the two that do say which, and in what words."""

import json
import os
import signal
import socket
import sys
import threading
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.findings import TRY_AGAIN, BrokerAway
from accounts.operations.account_changes import Change
from accounts.operations.following import Follower, Stopped, StreamRetired
from accounts.operations.leases import HeldByAnother
from accounts.operations.streams import Stream


class FollowingCommand(BaseCommand):
    """Follows `stream` until told to stop, a line for each change."""

    stream: Stream

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="read what was said up to now, and stop")
        parser.add_argument("--json", action="store_true", help="one JSON object a line, for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        self._as_json: bool = options["json"]
        self._stop = threading.Event()
        holder = f"follower {socket.gethostname()[:40]} {os.getpid()}"
        self._follower = Follower(stream=self.stream, holder=holder, tell=self._tell, stopped=self._stop.is_set)
        before = {name: signal.signal(name, self._on_signal) for name in (signal.SIGTERM, signal.SIGINT)}
        try:
            with suppress(Stopped):
                self._follow(once=options["once"])
        except HeldByAnother:
            self.stderr.write("Another process follows this stream already.")
        except StreamRetired:
            raise CommandError("The broker has retired this stream: our code has to read another one.") from None
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)

    def _follow(self, *, once: bool) -> None:
        if not once:
            self._follower.run(pause=lambda wait: self._stop.wait(wait.total_seconds()))
            return
        try:
            count = self._follower.read_once()
        except BrokerAway as away:
            self.stderr.write(f"The broker is away, try again: {away}")
            sys.exit(TRY_AGAIN)
        self.stdout.write(json.dumps({"events": count}) if self._as_json else f"{count} read")

    def _on_signal(self, *_: Any) -> None:
        """End after what is in hand; while nothing comes, the follower looks up every second."""
        self._stop.set()

    def _tell(self, account_id: str, event_id: str, changes: list[Change]) -> None:
        for change in changes:
            told = {"account": account_id, "event": event_id, **vars(change)}
            self.stdout.write(json.dumps(told) if self._as_json else f"the broker's account {account_id} {change}")
        self.stdout.flush()
