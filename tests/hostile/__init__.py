"""Hosts, names and files that mean harm."""
