"""Closes a banking day: says that everything is explained, or what is not, and keeps that for good."""

import json
import os
import socket
import sys
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.findings import TRY_AGAIN
from accounts.operations import audit
from brokerage import money
from funding import close_statement
from funding.models import DailyClose
from funding.operations import daily_close

USAGE = 2
EXITS = "exit 0 explained; 1 differences; 2 usage; 75 a book could not be compared, try again."


class Command(BaseCommand):
    help = f"Close a banking day, once and for good; {EXITS}"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--date", type=date.fromisoformat, metavar="DATE", help="the day; else the last that ended")
        parser.add_argument("--json", action="store_true", help="the close as one JSON object, for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        day = daily_close.day_of(options["date"] or daily_close.last_ended(timezone.now()))
        audit.command("close_day", day=day.isoformat())
        try:
            close = daily_close.close(day=day, holder=f"close_day {socket.gethostname()[:40]} {os.getpid()}")
        except daily_close.NotOver:
            raise CommandError(f"The banking day {day} has not ended.", returncode=USAGE) from None
        except daily_close.NotCompared as why:
            self.stderr.write(f"{day} is not closed: {why}. Try again.")
            sys.exit(TRY_AGAIN)
        self._tell(close, as_json=options["json"])
        if not close.explained:
            sys.exit(1)

    def _tell(self, close: DailyClose, *, as_json: bool) -> None:
        if as_json:
            kept = close_statement.as_told(close) | {"digest": close.digest}
            self.stdout.write(json.dumps(kept, sort_keys=True, ensure_ascii=False))
            return
        told = close_statement.of(close)
        self.stdout.write(f"Close of {close.day}: {daily_close.in_a_word(close)}")
        for section in told.sections:
            self.stdout.write(section.title)
            for line in section.lines:
                for way, (count, amount) in zip(close_statement.WAYS.values(), line.cells, strict=True):
                    self.stdout.write(
                        f"  {line.title}, {way.lower()}: {count} {money.show(amount)}".replace(":  ", ": ")
                    )
        for book in told.behind:
            self.stdout.write(f"Not gone through in time: {book.lower()}")
        for each in close.differences:
            self.stdout.write(f"{each['severity'].lower()}: {each['title']}: {each['subject']} (break {each['id']})")
        self.stdout.write(f"digest {close.digest}")
