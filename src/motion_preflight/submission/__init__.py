"""A cleared request is sent once: what it is known by."""
