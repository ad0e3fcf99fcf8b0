"""Holds all our books against the vendors': people, logins, bank accounts, transfers, cash, in this order."""

from funding import break_kinds
from funding.management.reconciling import EXITS, ReconcileCommand


class Command(ReconcileCommand):
    help = f"Hold all books against the vendors' ({', '.join(break_kinds.AREAS)}); {EXITS}"
    areas = break_kinds.AREAS
