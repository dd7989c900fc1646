"""The names of commands, formats and states, each written only once."""

from __future__ import annotations

from typing import NamedTuple

from motion_preflight.provider.state import State


class Command(NamedTuple):
    """The functions behind a command, as `module:function`. The modules are imported when the
    command is called, so that a check does not wait for the others.
    """

    runs: str  # in the room `commands`
    arguments: str  # adds its arguments to the parser


COMMANDS = {
    "check": Command("check:check", "report_arguments:add_check"),
    "estimate": Command("estimate:estimate", "report_arguments:add_estimate"),
    "probe": Command("probe:probe", "report_arguments:add_probe"),
    "new": Command("new:new", "check_arguments:add_new"),
    "fix": Command("fix:fix", "fix_arguments:add_fix"),
    "publish": Command("publish:publish", "publish_arguments:add_publish"),
    "unpublish": Command("unpublish:unpublish", "publish_arguments:add_unpublish"),
    "rules": Command("info:rules", "page_arguments:add_rules"),
    "schema": Command("info:schema", "page_arguments:add_schema"),
    "doctor": Command("info:doctor", "page_arguments:add_doctor"),
    "submit": Command("submit:submit", "submission_arguments:add_submit"),
    "tasks": Command("tasks:tasks", "submission_arguments:add_tasks"),
    "spend": Command("spend:spend", "spend_arguments:add_spend"),
    "sandbox": Command("sandbox:sandbox", "sandbox_arguments:add_sandbox"),
    "mcp": Command("mcp:mcp", "mcp_arguments:add_mcp"),
    "help": Command("help:help_page", "page_arguments:add_help"),
    "version": Command("help:version", "page_arguments:add_version"),
    "completion": Command("help:completion", "page_arguments:add_completion"),
}
REPORTING = frozenset(("check", "estimate", "submit"))  # commands with every format
TABULAR = frozenset(("spend", "tasks"))  # commands with a table as CSV
ACTIONS = ("list", "show", "wait", "resolve", "forget")  # of `tasks`
LISTING = ("--state", "--limit", "--since", "--until")  # options that only `tasks list` has
STATES = tuple(state.value for state in State)
DIMENSIONS = ("model", "mode", "day", "month", "label")  # by which money is summed
# The extensions by which a word at the place of a command is known to name a medium.
MEDIA_EXTENSIONS = {"mp4", "mov", "m4v", "webm", "mkv", "avi", "flv", "ts", "jpg", "jpeg", "png",
                    "webp", "gif", "heic", "heif", "avif", "bmp", "tif", "tiff"}  # fmt: skip
