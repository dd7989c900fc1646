"""The tools: names, what an agent reads about each, what it takes and what it answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from motion_preflight.formats.schemas import schema_text
from motion_preflight.mcp import arguments as taken
from motion_preflight.mcp.following import spend, tasks
from motion_preflight.mcp.making import fix, publish
from motion_preflight.mcp.paying import Purse, submit
from motion_preflight.mcp.reading import check, estimate, probe
from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from motion_preflight.mcp.answer import Answer, DocumentName
    from motion_preflight.mcp.call import Call
    from motion_preflight.mcp.reading import Surroundings

INSTRUCTIONS = """\
Checks requests for motion control (a picture of a person, a clip with a motion) before they are \
sent to a provider that bills by the second, and sends them once.
Order: probe the media; check the requests; where a finding says so, fix the file and publish it; \
check again; then submit, and follow with tasks. A check costs nothing and takes a moment.
Read the verdict: pass, fail, or unsure (not measurable, or it depends on how the provider \
measures). Tell the user what was measured and the cost range as it stands here; promise nothing.
publish and submit ask the user. Never call submit again for a request whose outcome is unknown.\
"""
_CHECKED = (
    "Fields of a request are those of the provider's API (resource motion-preflight://schemas/"
    "request). Media are absolute paths or links."
)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, as `tools/list` shows it, and its function."""

    name: str
    title: str
    about: str
    takes: type[taken.Arguments]
    answers: DocumentName
    function: Callable[[Any, Call, Surroundings], Answer]
    changes: bool = False  # something on this machine or elsewhere
    asks: bool = False  # the user, before anything leaves the machine
    goes_out: bool = True  # contacts hosts

    def input_schema(self) -> dict[str, Any]:
        """What it takes."""
        return self.takes.model_json_schema()

    def output_schema(self) -> dict[str, Any]:
        """What it answers: the schema of the command's document. Its names are left out, because a
        client that compiles the schemas of all tools together takes none twice.
        """
        schema: dict[str, Any] = json.loads(schema_text(self.answers))
        return {name: value for name, value in schema.items() if name not in {"$schema", "$id"}}


_MEASURING = (
    Tool(
        "probe", "Measure media",
        "The facts of clips and pictures, and what a clip is good for: the verdict for each "
        "orientation, the cost for each model and mode. Contents are never returned.",
        taken.ProbeArguments, "facts", probe,
    ),
    Tool(
        "check", "Check requests",
        "Probes the media of requests, applies the rules, estimates the cost. Nothing is sent. "
        f"Each finding says what was measured, what is allowed and what to do. {_CHECKED}",
        taken.CheckArguments, "report", check,
    ),
    Tool(
        "estimate", "Estimate the cost",
        "The billable seconds and the cost of requests, as ranges over what can be measured. "
        f"Nothing is sent. {_CHECKED}",
        taken.EstimateArguments, "report", estimate,
    ),
)  # fmt: skip
_MAKING = (
    Tool(
        "fix", "Make media fit",
        "Makes local clips and pictures fit by the smallest change, measures each result, and "
        "puts it beside its source under a name of its own. Nothing is overwritten. A link is "
        "not mended: it has to be downloaded first.",
        taken.FixArguments, "fix", fix, changes=True, goes_out=False,
    ),
    Tool(
        "publish", "Publish files",
        "Puts local files that pass where the provider can fetch them, proves each link, and "
        "returns it. The destination is the user's setting. The user is asked first.",
        taken.PublishArguments, "publish", publish, changes=True, asks=True,
    ),
)  # fmt: skip
_LEDGER = (
    Tool(
        "tasks", "Follow tasks",
        "What became of requests that were sent: state, task, cost, files. With wait_seconds "
        "the provider is asked about the unfinished ones. Results are downloaded by the user: "
        "`motion-preflight tasks wait ID --download DIR`.",
        taken.TasksArguments, "tasks", tasks,
    ),
    Tool(
        "spend", "Sum up the money",
        "What was estimated, billed, unknown and not sent, by month, day, model, mode, label, "
        "as the ledger of this machine has it.",
        taken.SpendArguments, "spend", spend, goes_out=False,
    ),
)  # fmt: skip


def tools() -> dict[str, Tool]:
    """Every tool by its name; `submit` counts what is sent while the server runs."""
    purse = Purse()

    def submitted(arguments: taken.SubmitArguments, call: Call, here: Surroundings) -> Answer:
        return submit(arguments, call, here, purse)

    paying = Tool(
        "submit", "Send paid requests",
        "Checks requests and sends those that pass to the provider, each once. THIS COSTS "
        "MONEY: it needs a budget in the user's settings, and the user is asked with count and "
        "total. All are sent or none. One that is identical to an earlier one is not paid "
        f"twice. {_CHECKED}",
        taken.SubmitArguments, "report", submitted, changes=True, asks=True,
    )  # fmt: skip
    return {tool.name: tool for tool in (*_MEASURING, *_MAKING, paying, *_LEDGER)}
