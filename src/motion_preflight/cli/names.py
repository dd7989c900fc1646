"""The names of commands, formats and states, each written only once."""

from __future__ import annotations

from motion_preflight.provider.state import State

# Command → the module and function that run it. The module is imported when the command is called,
# so that a check does not wait for the others.
COMMANDS = {
    "check": "check:check",
    "probe": "probe:probe",
    "estimate": "estimate:estimate",
    "new": "new:new",
    "fix": "fix:fix",
    "publish": "publish:publish",
    "unpublish": "unpublish:unpublish",
    "rules": "info:rules",
    "schema": "info:schema",
    "doctor": "info:doctor",
    "submit": "submit:submit",
    "tasks": "tasks:tasks",
    "spend": "spend:spend",
    "sandbox": "sandbox:sandbox",
    "mcp": "mcp:mcp",
    "help": "help:help_page",
    "version": "help:version",
    "completion": "help:completion",
}
REPORTING = frozenset(("check", "estimate", "submit"))  # commands with every format
TABULAR = frozenset(("spend", "tasks"))  # commands with a table as CSV
STATES = tuple(state.value for state in State)
DIMENSIONS = ("model", "mode", "day", "month", "label")  # by which money is summed
