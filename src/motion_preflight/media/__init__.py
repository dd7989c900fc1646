"""A location → facts."""
