"""Follows the broker's news of brokerage accounts as it comes; one process is enough, and a second one leaves."""

import json
import os
import signal
import socket
import sys
import threading
from argparse import ArgumentParser
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from accounts.findings import TRY_AGAIN, BrokerAway
from accounts.operations.account_changes import Change
from accounts.operations.following import Follower, Stopped, StreamRetired
from accounts.operations.leases import HeldByAnother


class Command(BaseCommand):
    help = (
        "Follow the broker's news of accounts until told to stop, a line for each change; exit 0 when stopped, or when "
        "another process follows already; 1 where the stream is no more; 2 usage; 75 (with --once) the broker is away."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="read what was said up to now, and stop")
        parser.add_argument("--json", action="store_true", help="one JSON object a line, for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        self._as_json: bool = options["json"]
        self._stop = threading.Event()
        holder = f"follower {socket.gethostname()[:40]} {os.getpid()}"
        self._follower = Follower(holder=holder, tell=self._tell, stopped=self._stop.is_set)
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
            self._follower.run(pause=self._pause)
            return
        try:
            count = self._follower.read_once()
        except BrokerAway as away:
            self.stderr.write(f"The broker is away, try again: {away}")
            sys.exit(TRY_AGAIN)
        self.stdout.write(json.dumps({"events": count}) if self._as_json else f"{count} read")

    def _pause(self, wait: timedelta) -> None:
        self._stop.wait(wait.total_seconds())
        close_old_connections()

    def _on_signal(self, *_: Any) -> None:
        """End at once while nothing is in hand, and otherwise after what is."""
        self._stop.set()
        if self._follower.waiting:
            raise Stopped

    def _tell(self, account_id: str, event_id: str, changes: list[Change]) -> None:
        for change in changes:
            told = {"account": account_id, "event": event_id, **vars(change)}
            self.stdout.write(json.dumps(told) if self._as_json else f"the broker's account {account_id} {change}")
        self.stdout.flush()
