"""Matches the broker's cash with the transfers it was booked for; reports what is left on either side."""

from funding import break_kinds
from funding.management.reconciling import EXITS, ReconcileCommand


class Command(ReconcileCommand):
    help = f"Match the broker's cash with transfers; {EXITS}"
    areas = (break_kinds.CASH,)
