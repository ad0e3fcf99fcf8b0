"""How far the broker's news has been read."""

from datetime import datetime

from django.db import models
from django.utils import timezone


class StreamCursor(models.Model):
    """How far one of the broker's event streams has been read; never ahead of what has been applied."""

    name = models.CharField(max_length=40, primary_key=True)
    ulid = models.CharField(max_length=26)
    reading_since = models.DateTimeField(default=timezone.now)  # what was said before this was never read here
    read_until = models.DateTimeField()  # everything the broker said from then to this has been applied

    def __str__(self) -> str:
        return f"{self.name} up to {self.read_until:%Y-%m-%d %H:%M:%S} UTC"

    @classmethod
    def has_read(cls, name: str, *, since: datetime, until: datetime) -> bool:
        """Say whether a stream has been read, without a gap, from before `since` to beyond `until`."""
        return cls.objects.filter(name=name, reading_since__lte=since, read_until__gt=until).exists()
