"""Takes the second factor from somebody who has lost both app and recovery codes, where the desk can't be reached."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.operations import second_factor


class Command(BaseCommand):
    help = (
        "Remove the second factor of one person, who is told; for when nobody of ops can do it at the desk. Exit 0 "
        "when it is gone, 1 when there is none, 2 on wrong usage."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the address that they sign in with")
        parser.add_argument("--because", required=True, help="why, and how you know who it is; kept for good")
        parser.add_argument("--dry-run", action="store_true", help="say whether there is one, and write nothing")
        parser.add_argument("--json", action="store_true", help="one JSON object, for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        email = User.objects.normalize_email(options["email"])
        person = User.objects.filter(email=email).first()
        if person is None:
            raise CommandError("nobody signs in with this address", returncode=2)
        if not second_factor.is_on(person):
            raise CommandError(f"user {person.pk} has no second factor")
        if not options["dry_run"]:
            self._remove(person, options["because"])
        said = {"user": str(person.pk), "removed": not options["dry_run"]}
        done = "would be removed" if options["dry_run"] else "removed"
        self.stdout.write(json.dumps(said) if options["json"] else f"user {person.pk}: second factor {done}")

    def _remove(self, person: User, because: str) -> None:
        try:
            second_factor.remove(about=person, by=None, because=because.strip()[:300])
        except second_factor.NotSetUp:
            raise CommandError(f"user {person.pk}: somebody else was faster") from None
