"""Who may be contacted, and what the answers of a host mean."""
