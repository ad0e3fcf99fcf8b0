"""Does what waits: sends what was left behind, resolves unknown outcomes, applies news. One machine needs no more."""

import os
import signal
import socket
import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from funding.operations.rounds import Rounds


class Command(BaseCommand):
    help = "Send what was left behind, resolve unknown outcomes, apply the broker's news; until told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do one round and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        rounds = Rounds(sender=f"worker {socket.gethostname()[:40]} {os.getpid()}")
        if options["once"]:
            self.stdout.write(f"{rounds.run()} done")
            return
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        self.stdout.write(f"Worker running, a round every {settings.WORKER_INTERVAL} s")
        while not stop.is_set():
            close_old_connections()
            rounds.run()
            stop.wait(settings.WORKER_INTERVAL)
