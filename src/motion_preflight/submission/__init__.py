"""Sends a cleared request once: duplicates, budgets, the exchange, and the ledger that keeps it
all.
"""
