"""Text that a CI runner cannot mistake for one of its commands.

GitHub's runner reads every line that a step prints. A line that begins with `::name::`, with or
without white space before it, is a command, and so is `##[name]` anywhere in a line. Azure
Pipelines and TeamCity read `##vso[…]` and `##teamcity[…]`. A field or a file may have such a name,
so a blank is put between the two signs.
"""

from __future__ import annotations

import re

# White space and our own colour codes, which a runner may strip before it looks for a command.
_BEFORE = re.compile(r"(?:\s|\x1b\[[0-9;]{0,20}m)*")
_ANYWHERE = re.compile(r"#(?=#[A-Za-z0-9_.-]{0,40}\[)")


def without_commands(text: str) -> str:
    """The text with each `::name::` that begins a line as `: :name::`, and each `##[` as `# #[`."""
    if "::" in text:
        text = "\n".join(map(_without_command, text.split("\n")))
    return without_commands_inside(text)


def without_commands_inside(text: str) -> str:
    """The same for text that never begins a line: only each `##[` becomes `# #[`."""
    return _ANYWHERE.sub("# ", text) if "##" in text else text


def json_without_commands(text: str) -> str:
    """The same for JSON, whose values must not change: the `#` is written as its JSON escape."""
    return _ANYWHERE.sub(r"\\u0023", text) if "##" in text else text


def _without_command(line: str) -> str:
    begins = _BEFORE.match(line)
    start = begins.end() if begins else 0
    if line.startswith("::", start) and "::" in line[start + 2 :]:
        return f"{line[:start]}: {line[start + 1 :]}"
    return line
