"""Does what waits: sends what was left behind, resolves unknown outcomes, applies news, keeps the schedules.

One machine needs one of it; several may run on one PostgreSQL, and do nothing twice.
"""

import logging
import os
import signal
import threading
from argparse import ArgumentParser
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from brokerage import machine_server
from funding.operations import heartbeats
from funding.operations.rounds import Rounds
from funding.operations.worker import Worker

log = logging.getLogger(__name__)

SIGNALS = {signal.SIGTERM, signal.SIGINT}
# Seconds from a signal to the end, whatever a vendor or the database does: what is in hand, then what can be let go of.
TO_FINISH, TO_LEAVE = 8.5, 1.0
LEFT_SOMETHING = 1  # the exit code, where something in hand was left


class Command(BaseCommand):
    help = (
        "Send what was left behind, resolve unknown outcomes, apply the broker's news, keep the schedules; until told "
        "to stop, and then for ten seconds at the most. Exit 0 when all was finished, 1 where something was left."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do one round and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            self.stdout.write(f"{Rounds(sender=heartbeats.name_of_this_process()).run()} done")
            return
        # A thread of its own waits for signals: the main one may be kept by a vendor, or inside the database's library.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self._stop, self._ended = threading.Event(), threading.Event()
        worker = Worker(stop=self._stop)
        threading.Thread(target=self._await_signal, args=(worker,), name="signals", daemon=True).start()
        self.stdout.write(f"Worker running, a round every {settings.WORKER_INTERVAL} s")
        self.stdout.flush()
        try:
            with self._answering_machines(worker):
                worker.run()
        finally:
            self._ended.set()
        self.stdout.write("Worker stopped.")

    def _answering_machines(self, worker: Worker) -> AbstractContextManager[None]:
        if not settings.WORKER_METRICS_PORT:
            return nullcontext()
        host, port = settings.WORKER_METRICS_HOST, settings.WORKER_METRICS_PORT
        return machine_server.listening(host, port, trouble=worker.doing.trouble)

    def _await_signal(self, worker: Worker) -> None:
        """Have the worker end after what is in hand, or, where that takes too long, as if it was killed."""
        name = signal.Signals(signal.sigwait(SIGNALS)).name
        log.info("worker: %s, ending after what is in hand (%s)", name, worker.doing)
        self._stop.set()
        if self._ended.wait(TO_FINISH):
            return
        log.warning("worker: left as it is, for others to find out what became of it: %s", worker.doing)
        leaving = threading.Thread(target=worker.leave, name="leaving", daemon=True)
        leaving.start()
        leaving.join(TO_LEAVE)
        os._exit(LEFT_SOMETHING)
