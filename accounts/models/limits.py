"""How often something was done lately, counted where every process counts."""

from django.db import models


class ActionCount(models.Model):
    """How often one thing was done in one window of time. Rows of windows that are over are deleted."""

    key = models.CharField(max_length=120)  # what is limited, and for whom by id; never an address or a name
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "begins_at", "ends_at"], name="one_count_per_key_and_window")
        ]
        indexes = [models.Index(fields=["ends_at"], name="action_count_over")]

    def __str__(self) -> str:
        return f"{self.key}: {self.count} until {self.ends_at:%Y-%m-%d %H:%M:%S} UTC"
