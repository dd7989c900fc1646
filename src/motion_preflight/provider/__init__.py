"""The provider: its profile, its HTTP interface, what its answers mean, and other sellers of the
same models.
"""
