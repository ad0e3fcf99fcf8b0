"""Compares transfers that may still change with the broker; mends or reports each difference."""

from funding import break_kinds
from funding.management.reconciling import EXITS, ReconcileCommand


class Command(ReconcileCommand):
    help = f"Compare transfers with the broker; {EXITS}"
    areas = (break_kinds.TRANSFERS,)
