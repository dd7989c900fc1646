"""An agent's client: the SDK's own, over the pipes of a real server process."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import anyio
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.types import ElicitResult
from processes import surroundings
from warm import warm

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from pathlib import Path

    from mcp.types import CallToolResult

Era = Literal["legacy", "auto"]  # a server that asks by itself, and a call that is made again
YES = ElicitResult(action="accept", content={"yes": True})


@dataclass
class Agent:
    """A connected client, and what its user was asked."""

    client: Client
    user: ElicitResult | None  # what its user answers
    questions: list[str] = field(default_factory=list)

    async def call(self, tool: str, **arguments: Any) -> CallToolResult:
        return await self.client.call_tool(tool, arguments)

    async def document(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What a tool answered that did all that was asked for."""
        result = await self.call(tool, **arguments)
        assert not result.is_error, page(result)
        return dict(result.structured_content)


@asynccontextmanager
async def connected(
    folder: Path,
    *options: str,
    era: Era = "auto",
    user: ElicitResult | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Agent]:
    """An agent at a server whose home is `folder`; `user` is what its user answers to every
    question, `None`: it cannot ask. Its stderr goes to `folder`/stderr.
    """
    agent: Agent

    async def answer(context: Any, params: Any) -> ElicitResult:  # noqa: ARG001  its name is the SDK's
        assert agent.user is not None
        agent.questions.append(params.message)
        return agent.user

    command, *words = warm().command
    parameters = StdioServerParameters(
        command=command,
        args=[*words, "mcp", *options],
        env=surroundings(folder, **(environment or {})),
        cwd=folder,
    )
    with (folder / "stderr").open("w", encoding="utf-8") as errors:
        transport = stdio_client(parameters, errors)
        asked = answer if user else None
        async with Client(transport, mode=era, elicitation_callback=asked) as client:
            agent = Agent(client, user)
            yield agent


def conversation(talk: Callable[[], Awaitable[None]]) -> None:
    """Runs what an agent does."""
    try:
        anyio.run(talk)
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
            (error,) = error.exceptions
        raise error from None


def page(result: CallToolResult) -> str:
    """The text of a result, without its line ends."""
    texts = [block.text for block in result.content if block.type == "text"]
    return " ".join(" ".join(texts).split())
