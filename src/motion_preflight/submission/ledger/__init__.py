"""The ledger on the disk: what was to be sent, what was sent, and what came of it."""
