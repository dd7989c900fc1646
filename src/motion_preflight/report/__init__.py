"""The result of a check: findings, an estimate, totals, and whether the request may be sent."""
