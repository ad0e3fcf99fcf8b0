"""Reads every login at a bank again at Plaid; takes over, and reports, each difference."""

from funding import break_kinds
from funding.management.reconciling import EXITS, ReconcileCommand


class Command(ReconcileCommand):
    help = f"Read every login at a bank again at Plaid; {EXITS}"
    areas = (break_kinds.ITEMS,)
