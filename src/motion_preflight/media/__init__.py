"""A location → the facts of the medium there."""
