"""Compares bank accounts (ACH relationships) with the broker and their logins; mends or reports each difference."""

from funding import break_kinds
from funding.management.reconciling import EXITS, ReconcileCommand


class Command(ReconcileCommand):
    help = f"Compare bank accounts with the broker; {EXITS}"
    areas = (break_kinds.LINKS,)
