"""What becomes of a cleared request: it is sent once, and the ledger knows of it."""
