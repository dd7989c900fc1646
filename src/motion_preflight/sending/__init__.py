"""Several requests in one run: which may be sent, the question to the user, and what came of it."""
