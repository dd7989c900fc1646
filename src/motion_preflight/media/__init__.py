"""Measures media: from a location to the facts of the medium there."""
