"""Who may be contacted, how a GET is made, and what the answer of a host means."""
