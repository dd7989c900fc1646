"""Mends a medium: what has to change, how it is made, and the proof that the result passes."""
