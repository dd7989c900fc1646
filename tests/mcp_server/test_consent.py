"""`submit` and `publish`: the user's settings and the user's yes, in both ways to ask that the
protocol has.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from agents import YES, Agent, Era, connected, conversation, page
from mcp.types import ElicitRequest, ElicitResult, InputRequiredResult
from object_servers import S3Server, no_cloud
from paths import FIXTURES
from processes import KEY, customer, ledger_rows, served

from motion_preflight.sandbox.server import Sandbox

MEDIA = FIXTURES / "media"
ERAS = pytest.mark.parametrize("era", ["legacy", "auto"])
BUDGET = "max_cost_per_day = 5.00\n"
NOT_YES = {
    "declined": ElicitResult(action="decline"),
    "closed": ElicitResult(action="cancel"),
    "sent without a yes": ElicitResult(action="accept", content={"yes": False}),
    "sent empty": ElicitResult(action="accept"),
    "another word": ElicitResult(action="accept", content={"yes": "true"}),
}


@dataclass
class Household:
    """A user with an account at the sandbox, and the settings of an agent's server."""

    sandbox: Sandbox
    folder: Path
    environment: dict[str, str]

    def setting(self, text: str) -> None:
        file = self.folder / "config" / "motion-preflight" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def agent(self, era: Era = "auto", user: ElicitResult | None = None) -> Any:
        options = ("--allow-private",)
        return connected(self.folder, *options, era=era, user=user, environment=self.environment)

    @property
    def paid(self) -> int:
        return sum(post.task_id is not None for post in self.sandbox.posts)


@pytest.fixture
def household(tmp_path: Path) -> Iterator[Household]:
    with Sandbox(media=MEDIA, polls=0) as sandbox:
        yield Household(sandbox, tmp_path, customer(sandbox, tmp_path))


@ERAS
def test_a_yes_sends_each_request_once(household: Household, era: Era) -> None:
    household.setting(BUDGET)
    requests = [served(household.sandbox, number) for number in range(2)]

    async def talk() -> None:
        async with household.agent(era, YES) as agent:
            document = await agent.document("submit", requests=requests)
            states = [report["receipt"]["state"] for report in document["reports"]]
            assert states == ["submitted", "submitted"]
            (question,) = agent.questions
            first, *others = question.splitlines()
            base = household.sandbox.base
            assert first == f"Send 2 paid requests (request[0], request[1]), USD 0.91, to {base}?"
            assert len(others) == 2
            assert "clip-8s.mp4" in others[0]
            assert KEY not in question
            again = await agent.document("submit", requests=requests[:1])
            assert again["reports"][0]["receipt"]["already_done"] is True
            assert len(agent.questions) == 1  # there was nothing to pay for
            done = await agent.document("tasks", wait_seconds=30)
            assert {task["state"] for task in done["tasks"]} == {"completed"}
            spent = await agent.document("spend")
            assert spent["total"]["billed"] > 0
            assert spent["total"]["count"] == 2

    conversation(talk)
    assert household.paid == 2


@ERAS
def test_whatever_is_no_yes_sends_nothing(household: Household, era: Era) -> None:
    household.setting(BUDGET)

    async def talk() -> None:
        async with household.agent(era, YES) as agent:
            for name, answer in NOT_YES.items():
                agent.user = answer
                result = await agent.call("submit", requests=[served(household.sandbox)])
                assert result.is_error, name
                assert "the user did not say yes" in page(result)
                assert result.structured_content["reports"][0]["receipt"] is None
            assert len(agent.questions) == len(NOT_YES)

    conversation(talk)
    assert not household.sandbox.posts
    assert ledger_rows(household.folder) == []


@ERAS
def test_a_client_that_cannot_ask_is_told_so(household: Household, era: Era) -> None:
    household.setting(BUDGET + 'publish = "s3://any/clips"\n')

    async def talk() -> None:
        async with household.agent(era) as agent:
            for tool, more in (
                ("submit", {"requests": [served(household.sandbox)]}),
                ("publish", {"media": [str(MEDIA / "clip-8s.mp4")]}),
            ):
                result = await agent.call(tool, **more)
                assert result.is_error
                assert "does not support elicitation" in page(result)
                assert f"`motion-preflight {tool} " in page(result)

    conversation(talk)
    assert not household.sandbox.requests


def test_without_a_budget_or_a_destination_nobody_is_asked(household: Household) -> None:
    async def talk() -> None:
        async with household.agent(user=YES) as agent:
            sent = await agent.call("submit", requests=[served(household.sandbox)])
            assert "no budget is set" in page(sent)
            assert "max_cost_per_day = 5.00" in page(sent)
            published = await agent.call("publish", media=[str(MEDIA / "clip-8s.mp4")])
            assert 'publish = "s3://BUCKET/PREFIX"' in page(published)
            assert sent.is_error
            assert published.is_error
            assert agent.questions == []

    conversation(talk)
    assert not household.sandbox.requests


def test_a_budget_holds_for_the_whole_life_of_the_server(household: Household) -> None:
    household.setting("max_requests = 2\nmax_cost_per_request = 1.00\n")
    sandbox = household.sandbox

    async def talk() -> None:
        async with household.agent(user=YES) as agent:
            await agent.document("submit", requests=[served(sandbox, 1)])
            over = await agent.call("submit", requests=[served(sandbox, 2), served(sandbox, 3)])
            assert "at most 1 may be sent" in page(over)
            await agent.document("submit", requests=[served(sandbox, 2)])
            ended = await agent.call("submit", requests=[served(sandbox, 3)])
            assert "max_requests allows 2 in one run" in page(ended)
            assert len(agent.questions) == 2

    conversation(talk)
    assert household.paid == 2


def test_what_does_not_pass_is_not_sent_and_not_asked_about(household: Household) -> None:
    household.setting(BUDGET)
    sandbox = household.sandbox
    short = served(sandbox, video_url=sandbox.media_url("clip-2.9s.mp4"))

    async def talk() -> None:
        async with household.agent(user=YES) as agent:
            result = await agent.call("submit", requests=[short, served(sandbox)])
            assert result.is_error
            assert "video-duration-below-minimum" in page(result)
            key = await agent.call("submit", requests=[served(sandbox, prompt=KEY)])
            assert KEY not in page(key)
            assert agent.questions == []

    conversation(talk)
    assert not sandbox.posts


def test_a_balance_that_may_not_do_stands_in_the_question(tmp_path: Path) -> None:
    with Sandbox(media=MEDIA, balance=Decimal("0.50")) as sandbox:
        household = Household(sandbox, tmp_path, customer(sandbox, tmp_path))
        household.setting(BUDGET)

        async def talk() -> None:
            async with household.agent(user=NOT_YES["declined"]) as agent:
                result = await agent.call("submit", requests=[served(sandbox)])
                assert "the balance is 0.5" in agent.questions[0]
                assert "the balance is 0.5" in page(result)

        conversation(talk)


def test_an_unknown_outcome_is_told_and_never_sent_again(tmp_path: Path) -> None:
    with Sandbox(media=MEDIA, faults=["cut-after*1"]) as sandbox:
        household = Household(sandbox, tmp_path, customer(sandbox, tmp_path))
        household.setting(BUDGET)

        async def talk() -> None:
            async with household.agent(user=YES) as agent:
                for command in ("resolve", "show"):  # what was sent; what is in the way
                    result = await agent.call("submit", requests=[served(sandbox)])
                    assert result.is_error
                    assert f"`motion-preflight tasks {command} " in page(result)
                assert len(agent.questions) == 1

        conversation(talk)
        assert len(sandbox.posts) == 1


def test_an_answer_counts_for_its_own_question_only(household: Household) -> None:
    """The client makes the call again with the answer: neither another call, nor an answer that was
    used, nor one to a question that was never asked is a yes.
    """
    household.setting(BUDGET)
    cheap, other = served(household.sandbox, 1), served(household.sandbox, 2)

    async def talk() -> None:
        async with household.agent(user=YES) as agent:
            session = agent.client.session

            async def send(request: dict[str, Any], state: str | None) -> Any:
                answers = {"consent": YES} if state is not None else None
                return await session.call_tool(
                    "submit",
                    {"requests": [request]},
                    input_responses=answers,
                    request_state=state,
                    allow_input_required=True,
                )

            first = await send(cheap, None)
            assert isinstance(first, InputRequiredResult)
            assert isinstance((first.input_requests or {})["consent"], ElicitRequest)
            for request, state in ((other, first.request_state), (cheap, ""), (cheap, "forged")):
                assert isinstance(await send(request, state), InputRequiredResult)
            used = await send(cheap, first.request_state)  # spent on the other call above
            assert isinstance(used, InputRequiredResult)
            assert not household.sandbox.posts
            assert not (await send(cheap, used.request_state)).is_error

    conversation(talk)
    assert household.paid == 1


def test_publishing_asks_and_proves(moto_s3: S3Server, household: Household) -> None:
    bucket = moto_s3.new_bucket()
    household.environment |= no_cloud(household.folder) | moto_s3.environment(household.folder)
    household.environment |= {
        "HOME": str(household.folder),
        "XDG_CONFIG_HOME": str(household.folder / "config"),
    }
    household.setting(f'publish = "s3://{bucket}/clips"\n{BUDGET}')
    clip, short = (household.folder / name for name in ("clip-8s.mp4", "clip-2.9s.mp4"))
    for file in (clip, short):
        shutil.copyfile(MEDIA / file.name, file)

    async def declined() -> None:
        async with household.agent(user=NOT_YES["declined"]) as agent:
            result = await agent.call("publish", media=[str(clip), str(short)])
            assert result.is_error
            assert len(agent.questions) == 1
            local = served(household.sandbox, video_url=str(clip))
            await agent.call("submit", requests=[local])
            assert agent.questions[1].startswith("Publish 1 file (")

    async def accepted() -> None:
        async with household.agent(user=YES) as agent:
            result = await agent.call("publish", media=[str(clip), str(short)])
            good, bad = result.structured_content["published"]
            assert good["link"]
            assert bad["link"] is None
            assert f"Publish 1 file (0.0 MB) to s3://{bucket}/clips?" in agent.questions[0]
            assert str(clip) in agent.questions[0]
            assert str(short) not in agent.questions[0]
            await whole_way(agent)

    async def whole_way(agent: Agent) -> None:
        local = served(household.sandbox, video_url=str(clip))
        document = await agent.document("submit", requests=[local])
        assert document["reports"][0]["receipt"]["state"] == "submitted"
        assert f"to s3://{bucket}/clips, then send 1 paid request" in agent.questions[-1]

    conversation(declined)
    assert moto_s3.names(bucket) == []
    conversation(accepted)
    assert len(moto_s3.names(bucket)) == 1
    assert household.paid == 1
