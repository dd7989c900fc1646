"""A cleared request is sent once: what it is known by, what may be spent, where it is kept."""
