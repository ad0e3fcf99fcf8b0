"""Pages about money: the overview, the bank account, deposits and withdrawals, the list of transfers."""
