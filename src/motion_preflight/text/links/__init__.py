"""What a link says by its text alone: its signature, its end, its mistakes, its secrets."""
