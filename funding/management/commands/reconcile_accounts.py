"""Compares brokerage accounts, their people and applications with the broker; mends or reports each difference."""

from funding import break_kinds
from funding.management.reconciling import EXITS, ReconcileCommand


class Command(ReconcileCommand):
    help = f"Compare brokerage accounts, their people and applications with the broker; {EXITS}"
    areas = (break_kinds.PEOPLE,)
