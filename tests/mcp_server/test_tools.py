"""The tools that cost nothing, called by the SDK's own client."""

from __future__ import annotations

import json
import re
import shutil
import socket
import tomllib
from pathlib import Path
from threading import Event

import pytest
from agents import Era, connected, conversation, page
from builders import body
from mcp.types import TextResourceContents
from paths import FIXTURES, ROOT
from peers import Peer, answer, read_request
from processes import customer, served

from motion_preflight.cli.parser import parser
from motion_preflight.formats.schemas import SCHEMAS, schema_text
from motion_preflight.mcp.arguments import read_arguments
from motion_preflight.mcp.tools import tools
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.rules import RULES
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.settings import Settings

MEDIA = FIXTURES / "media"
CLIP, PICTURE = str(MEDIA / "clip-8s.mp4"), str(MEDIA / "image.png")


def test_the_tools_answer_with_the_documents_of_the_commands(tmp_path: Path) -> None:
    """The client holds each answer against the schema of its tool, and refuses one that differs."""

    async def talk() -> None:
        async with connected(tmp_path) as agent:
            probed = await agent.document("probe", media=[CLIP, PICTURE])
            assert [report["error"] for report in probed["reports"]] == [None, None]
            assert probed["reports"][0]["fits"] == {"image": "pass", "video": "pass"}
            request = body(video_url=CLIP, image_url=PICTURE)
            result = await agent.call("check", requests=[request, body(video_url="/no/such.mp4")])
            document = result.structured_content
            assert [one["verdict"] for one in document["reports"]] == ["pass", "fail"]
            assert [one["label"] for one in document["reports"]] == ["request[0]", "request[1]"]
            assert "media-unreachable" in page(result)
            estimated = await agent.call("estimate", requests=[request])
            assert estimated.structured_content["summary"]["amount"]["high"] > 0
            assert "USD" in page(estimated)
            listed = await agent.document("tasks")
            assert listed["tasks"] == []
            assert (await agent.document("spend", by=["model"]))["total"]["count"] == 0
            wrong = await agent.call("spend", since="2026-09-30", until="2026-09-01")
            assert page(wrong) == "since 2026-09-30 lies after until 2026-09-01"

    conversation(talk)
    assert (tmp_path / "stderr").read_text() == ""


@pytest.mark.parametrize("era", ["legacy", "auto"])
def test_a_client_that_wants_it_is_told_how_far_a_call_has_come(tmp_path: Path, era: Era) -> None:
    """The host of the second clip answers when it was told of the first one."""
    told: list[tuple[float, float | None, str | None]] = []
    heard = Event()

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))
        heard.set()

    def host(sock: socket.socket) -> None:
        read_request(sock)
        assert heard.wait(60)
        sock.sendall(answer(404, b"no"))

    with Peer(host) as peer:
        requests = [
            body(video_url=CLIP, image_url=PICTURE),
            body(video_url=f"{peer.base}/clip.mp4", image_url=PICTURE),
        ]

        async def talk() -> None:
            async with connected(tmp_path, "--allow-private", era=era) as agent:
                result = await agent.client.call_tool(
                    "check", {"requests": requests}, progress_callback=hear
                )
                reports = dict(result.structured_content)["reports"]
                assert [report["verdict"] for report in reports] == ["pass", "fail"]

        conversation(talk)
    assert told[:1] == [(1, 2, "request[0]: pass")]
    assert told == sorted(set(told))


def test_what_a_tool_is_and_takes_stands_in_the_list(tmp_path: Path) -> None:
    async def talk() -> None:
        async with connected(tmp_path) as agent:
            tools = {tool.name: tool for tool in (await agent.client.list_tools()).tools}
            every = ["probe", "check", "estimate", "fix", "publish", "submit", "tasks", "spend"]
            assert list(tools) == every
            asking = {"publish", "submit"}
            for name, tool in tools.items():
                assert tool.annotations
                assert tool.annotations.read_only_hint == (name not in {*asking, "fix"})
                assert tool.annotations.destructive_hint == (name in asking)
                assert tool.output_schema
                assert "$id" not in tool.output_schema  # a client compiles them together
                taken = json.dumps(tool.input_schema["properties"])
                for word in ("key", "base_url", "destination", "allow_private", "output", "again"):
                    assert f'"{word}"' not in taken

    conversation(talk)


def test_rules_and_schemas_are_resources(tmp_path: Path) -> None:
    async def talk() -> None:
        async with connected(tmp_path) as agent:
            listed = (await agent.client.list_resources()).resources
            assert len(listed) == 1 + len(RULES) + len(SCHEMAS)
            texts = {}
            for name in ("rules", "rules/video-too-large", "schemas/report"):
                uri = f"motion-preflight://{name}"
                (text,) = (await agent.client.read_resource(uri)).contents
                assert isinstance(text, TextResourceContents)
                texts[name] = text.text
            assert len(json.loads(texts["rules"])["rules"]) == len(RULES)
            assert texts["rules/video-too-large"].startswith("video-too-large")
            assert texts["schemas/report"] == schema_text("report")
            with pytest.raises(Exception, match="no resource of this name"):
                await agent.client.read_resource("motion-preflight://schemas/../settings")

    conversation(talk)


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("check", {"requests": [{}], "allow_private": True}, "check takes no allow_private"),
        ("submit", {"requests": [{}], "api_key": "k"}, "submit takes no api_key"),
        ("publish", {"media": ["a.mp4"], "to": "s3://mine"}, "publish takes no to"),
        ("fix", {"media": ["a.mp4"], "output": "/etc/x"}, "fix takes no output"),
        ("probe", {"media": ["a.mp4"] * 21}, "at most 20"),
        ("probe", {"media": ["a" * 9000]}, "at most 8192"),
        ("check", {"requests": [{}] * 101}, "at most 100"),
        ("check", {}, "check needs requests"),
        ("spend", {"by": ["weather"]}, "spend: by.0: Input should be 'model'"),
        ("tasks", {"wait_seconds": 1e9}, "less than or equal to 600"),
    ],
)
def test_arguments_that_no_tool_takes_are_refused(
    tool: str, arguments: dict[str, object], words: str
) -> None:
    with pytest.raises(ManifestInvalid, match=words):
        read_arguments(tool, tools()[tool].takes, arguments)


def test_a_refused_call_answers_in_words_and_with_its_document(tmp_path: Path) -> None:
    async def talk() -> None:
        async with connected(tmp_path) as agent:
            result = await agent.call("check", requests=[{}], api_key="sk-secret-of-the-user")
            assert result.is_error
            assert (
                page(result) == "check takes no api_key; it takes requests, strict, scan, content"
            )
            assert result.structured_content["errors"][0]["message"] == page(result)
            with pytest.raises(Exception, match="there is no tool of this name"):
                await agent.call("shell", command="id")

    conversation(talk)


def test_a_private_host_is_contacted_only_where_the_user_allows_it(tmp_path: Path) -> None:
    with Sandbox(media=MEDIA) as sandbox:
        request = served(sandbox)

        async def talk(*options: str) -> str:
            environment = customer(sandbox, tmp_path)
            async with connected(tmp_path, *options, environment=environment) as agent:
                document = (await agent.call("check", requests=[request])).structured_content
                return str(document["reports"][0]["verdict"])

        async def both() -> None:
            assert await talk() == "fail"
            assert not sandbox.requests
            assert await talk("--allow-private") == "pass"

        conversation(both)


def test_a_result_lies_beside_its_source_and_overwrites_nothing(tmp_path: Path) -> None:
    clip = tmp_path / "holiday" / "long.mp4"
    clip.parent.mkdir()
    shutil.copyfile(MEDIA / "clip-30.1s.mp4", clip)
    before = clip.read_bytes()
    (clip.parent / "long-for-video.mp4").write_text("mine")

    async def talk() -> None:
        async with connected(tmp_path) as agent:
            planned = await agent.document("fix", media=[str(clip)], dry_run=True)
            assert planned["fixes"][0]["output"] is None
            made = await agent.document("fix", media=[str(clip)], orientation="video")
            assert made["fixes"][0]["output"] == str(clip.parent / "long-for-video-2.mp4")
            failed = await agent.call("fix", media=["https://example.com/clip.mp4", PICTURE])
            assert failed.is_error
            assert "download it" in page(failed)

    conversation(talk)
    assert clip.read_bytes() == before
    assert (clip.parent / "long-for-video.mp4").read_text() == "mine"
    assert {file.name for file in clip.parent.iterdir()} == {
        "long.mp4", "long-for-video.mp4", "long-for-video-2.mp4",
    }  # fmt: skip


def test_no_content_of_a_file_is_returned(tmp_path: Path) -> None:
    """Whatever path is named: the key's own file, a device, a pipe, a link to the key."""
    secret = "sk-0123456789-of-the-user"
    key = tmp_path / "key"
    key.write_text(secret)
    (tmp_path / "dance.mp4").symlink_to(key)
    paths = [str(key), str(tmp_path / "dance.mp4"), "/etc/passwd", "/dev/zero", "/dev/stdin"]
    paths += ["/proc/self/environ", f"file://{key}", "../key"]

    async def talk() -> None:
        environment = {"APIMART_API_KEY_FILE": str(key), "APIMART_API_KEY": ""}
        async with connected(tmp_path, environment=environment) as agent:
            texts = []
            for name in ("probe", "fix"):
                result = await agent.call(name, media=paths)
                texts += [page(result), json.dumps(result.structured_content)]
            request = body(video_url=str(key), image_url="/etc/passwd")
            result = await agent.call("check", requests=[request])
            texts += [page(result), json.dumps(result.structured_content)]
            for text in texts:
                assert secret not in text
                assert "root:" not in text

    conversation(talk)
    assert {file.name for file in tmp_path.iterdir()} <= {"key", "dance.mp4", "stderr", "state"}


def test_the_page_for_agents_can_be_pasted() -> None:
    text = (ROOT / "docs" / "agents.md").read_text(encoding="utf-8")
    (pasted,) = re.findall(r"^```json\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    server = json.loads(pasted)["mcpServers"]["motion-preflight"]
    assert server["command"] == "motion-preflight"
    assert parser().parse_args(server["args"]).command == "mcp"
    (settings,) = re.findall(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert set(tomllib.loads(settings)) <= set(Settings.__slots__)
    assert re.findall(r"(?m)^\| `(\w+)` \|", text) == list(tools())
