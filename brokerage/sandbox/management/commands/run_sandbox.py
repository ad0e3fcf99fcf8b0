"""`manage.py run_sandbox`: the same as `python -m brokerage.sandbox`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from brokerage.sandbox.__main__ import add_arguments, serve


class Command(BaseCommand):
    help = "Play Plaid and the Broker API on a local port."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        asked = {name: options[name] for name in ("host", "port", "store", "profile", "site")}
        sys.exit(serve(**asked))
