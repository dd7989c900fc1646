"""The server: it hands each call to its tool in a thread, and puts the tool's question to the user
in the way that the client's version of the protocol has.
"""

from __future__ import annotations

import logging
import secrets
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio
import mcp.types as protocol
from anyio import from_thread, to_thread
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from motion_preflight.errors import PreflightError
from motion_preflight.formats.tool import tool_document
from motion_preflight.mcp.answer import Answer, refusal
from motion_preflight.mcp.arguments import read_arguments
from motion_preflight.mcp.call import Call
from motion_preflight.mcp.consent import FORM, YES
from motion_preflight.mcp.errors import CallCancelled, ConsentUnavailable, QuestionOpen
from motion_preflight.mcp.resources import pages, text_of
from motion_preflight.mcp.tools import INSTRUCTIONS, tools
from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server.context import ServerRequestContext

    from motion_preflight.mcp.reading import Surroundings
    from motion_preflight.mcp.standard_input import StandardInput
    from motion_preflight.mcp.tools import Tool

    Context = ServerRequestContext[Any]

_AT_ONCE = 8  # calls; others wait
_TELLING = 0.5  # seconds between two looks at how far a call has come
_OPEN = 32  # questions whose answers may still come
_NOT_FOUND = -32602
_CONSENT = "consent"  # the key of the question in an answer that asks


class Asked(NamedTuple):
    """A question, and the call that it belongs to."""

    tool: str
    arguments: dict[str, Any]
    question: str


@dataclass(slots=True)
class Agency:
    """What the handlers share."""

    here: Surroundings
    tools: dict[str, Tool]
    open: OrderedDict[str, Asked]
    threads: anyio.CapacityLimiter
    consents: anyio.Lock  # one question at a time, and one paid run

    async def list_tools(self, _: Context, __: object) -> protocol.ListToolsResult:
        """Every tool."""
        return protocol.ListToolsResult(tools=[_listed(tool) for tool in self.tools.values()])

    async def call_tool(
        self, context: Context, params: protocol.CallToolRequestParams
    ) -> protocol.CallToolResult | protocol.InputRequiredResult:
        """What a tool answers, or the question that has to be answered first."""
        tool = self.tools.get(params.name)
        if tool is None:
            names = ", ".join(self.tools)
            raise MCPError(_NOT_FOUND, f"there is no tool of this name; there are: {names}")
        arguments = params.arguments or {}
        ask = self._asker(context, params) if tool.asks and _can_ask(context) else None
        try:
            read = read_arguments(tool.name, tool.takes, arguments)
            work = partial(_guarded, tool, read, self.here)
            if not tool.asks:
                return _result(await self._run(Call(ask), work, context))
            async with self.consents:
                return _result(await self._run(Call(ask), work, context))
        except PreflightError as error:
            return _result(refusal(tool.answers, error.in_words_of_command()))
        except QuestionOpen as open_question:
            question = str(open_question)
            token = secrets.token_urlsafe(24)
            self.open[token] = Asked(tool.name, arguments, question)
            while len(self.open) > _OPEN:
                self.open.popitem(last=False)
            form = protocol.ElicitRequestFormParams(message=question, requested_schema=FORM)
            requests: protocol.InputRequests = {_CONSENT: protocol.ElicitRequest(params=form)}
            return protocol.InputRequiredResult(input_requests=requests, request_state=token)

    async def list_resources(self, _: Context, __: object) -> protocol.ListResourcesResult:
        """Every resource."""
        return protocol.ListResourcesResult(
            resources=[
                protocol.Resource(
                    uri=page.uri, name=page.name, description=page.about, mime_type=page.kind
                )
                for page in pages()
            ]
        )

    async def read_resource(
        self, _: Context, params: protocol.ReadResourceRequestParams
    ) -> protocol.ReadResourceResult:
        """The text of a resource."""
        page = next((page for page in pages() if page.uri == str(params.uri)), None)
        if page is None:
            raise MCPError(_NOT_FOUND, "there is no resource of this name; the list has them all")
        try:
            text = text_of(page)
        except PreflightError as error:
            raise MCPError(_NOT_FOUND, error.in_words_of_command()) from None
        contents = protocol.TextResourceContents(uri=page.uri, mime_type=page.kind, text=text)
        return protocol.ReadResourceResult(contents=[contents])

    async def _run(self, call: Call, work: Callable[[Call], Answer], context: Context) -> Answer:
        """Runs a call in a thread, and tells the client how far it is; when the client takes it
        back, the call is ended, and waited for.
        """

        async def watch() -> None:
            try:
                await _tell_progress(call, context)
            finally:
                call.cancel()

        ended: Exception | None = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch)
            try:
                answer = await to_thread.run_sync(call.run, work, limiter=self.threads)
            except (PreflightError, QuestionOpen, CallCancelled) as error:
                ended = error  # raised outside, where no group is made of it
            finally:
                call.end()
                tasks.cancel_scope.cancel()
        if ended is not None:
            raise ended
        return answer

    def _asker(
        self, context: Context, params: protocol.CallToolRequestParams
    ) -> Callable[[str], bool]:
        """How a thread puts a question: at once, where the protocol lets a server ask; else the
        call ends with the question, and is made again with the answer.
        """
        if context.session.can_send_request:
            return lambda question: from_thread.run(_elicited, context, question)
        asked = self.open.pop(params.request_state or "", None)
        reply = (params.input_responses or {}).get(_CONSENT)

        def answered(question: str) -> bool:
            # Only the very question that this server asked about the very same call is answered.
            if asked != Asked(params.name, params.arguments or {}, question):
                raise QuestionOpen(question)
            return isinstance(reply, protocol.ElicitResult) and _is_yes(reply)

        return answered


async def serve(here: Surroundings, stdin: StandardInput) -> None:
    """Serves one client on stdin and stdout, until it closes stdin."""
    _keep_quiet()
    agency = Agency(here, tools(), OrderedDict(), anyio.CapacityLimiter(_AT_ONCE), anyio.Lock())
    server = Server[Any](
        "motion-preflight",
        version=tool_document()["version"] or "",
        instructions=INSTRUCTIONS,
        on_list_tools=agency.list_tools,
        on_call_tool=agency.call_tool,
        on_list_resources=agency.list_resources,
        on_read_resource=agency.read_resource,
    )
    source: Any = stdin  # it has what is used of a file
    lines: Any = anyio.wrap_file(source)
    async with stdio_server(stdin=lines) as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def _guarded(tool: Tool, arguments: Any, here: Surroundings, call: Call) -> Answer:  # noqa: ANN401  those of the tool
    """What a tool answers, or that it met a bug of ours: the client sees no traceback."""
    try:
        return tool.function(arguments, call, here)
    except (PreflightError, QuestionOpen, CallCancelled):
        raise
    except Exception as error:  # whatever it is, the agent gets one sentence
        if call.cancelled:
            raise CallCancelled from error
        sent = "; the tool tasks shows what was sent" if tool.asks else ""
        return refusal(tool.answers, f"a bug of ours: {type(error).__name__}{sent}")


async def _tell_progress(call: Call, context: Context) -> None:
    """Tells a client that wants to know how far a call has come, as long as this is not
    cancelled.
    """
    told = float("-inf")
    while True:
        await anyio.sleep(_TELLING)
        progress = call.progress
        if progress is not None and progress.done > told:  # the protocol wants it to grow
            told = progress.done
            with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                await context.session.report_progress(*progress)


async def _elicited(context: Context, question: str) -> bool:
    """Asks the user through the client."""
    try:
        answer = await context.session.elicit_form(
            question, FORM, related_request_id=context.request_id
        )
    except MCPError as error:
        raise ConsentUnavailable(
            f"nothing left this machine: the client could not ask its user (error {error.code})"
        ) from None
    return _is_yes(answer)


def _is_yes(answer: protocol.ElicitResult) -> bool:
    """Whether the form was sent, and yes stands in it."""
    return answer.action == "accept" and (answer.content or {}).get(YES) is True


def _can_ask(context: Context) -> bool:
    """Whether the client shows a form to its user. An older one names no kinds."""
    capabilities = context.session.client_capabilities
    elicitation = capabilities.elicitation if capabilities else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def _listed(tool: Tool) -> protocol.Tool:
    return protocol.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.about,
        input_schema=tool.input_schema(),
        output_schema=tool.output_schema(),
        annotations=protocol.ToolAnnotations(
            read_only_hint=not tool.changes,
            destructive_hint=tool.asks,
            idempotent_hint=not tool.asks,
            open_world_hint=tool.goes_out,
        ),
    )


def _result(answer: Answer) -> protocol.CallToolResult:
    return protocol.CallToolResult(
        content=[protocol.TextContent(text=answer.page)],
        structured_content=dict(answer.document),
        is_error=answer.failed,
    )


def _keep_quiet() -> None:
    """Takes the SDK's own words off stderr: they would show tracebacks, and what was sent."""
    logger = logging.getLogger("mcp")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
