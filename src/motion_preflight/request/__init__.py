"""A request body as somebody wrote it: it is parsed, its mistakes are named, and a typed model of
it is offered.
"""
