"""Broken data for the targets: bytes, texts, JSON values and movies."""
