"""The command line before its parser reads it: what a word that is left out means."""

from __future__ import annotations

import pytest

from motion_preflight.cli.commands.help import commands_of
from motion_preflight.cli.names import ACTIONS, LISTING
from motion_preflight.cli.parser import parser, with_command
from motion_preflight.cli.usage import options_of


@pytest.mark.parametrize(
    "words",
    [
        "--since 2026-09-01",
        "--until=2026-09-01 --state failed",
        "--format csv --limit 5",
        "--verbose --state wait",
    ],
)
def test_tasks_with_an_option_of_its_list_means_the_list(words: str) -> None:
    assert with_command(["tasks", *words.split()]) == ["tasks", "list", *words.split()]


@pytest.mark.parametrize(
    "words", ["", "-h", "--format json wait", "wait --since 2026-09-01", "list --limit 5", "--sins"]
)
def test_other_words_of_tasks_stay_as_they_are(words: str) -> None:
    assert with_command(["tasks", *words.split()]) == ["tasks", *words.split()]


def test_the_names_of_actions_and_of_the_options_of_the_list_are_those_of_the_parser() -> None:
    tasks = commands_of(parser("tasks"))["tasks"]
    actions = commands_of(tasks)
    assert tuple(actions) == ACTIONS
    others = set[str]().union(*(options_of(actions[name]) for name in ACTIONS if name != "list"))
    assert options_of(actions["list"]) - others == set(LISTING)


def test_a_list_without_its_word_is_parsed_as_one() -> None:
    words = with_command(["tasks", "--format", "csv", "--limit", "5"])
    options = parser("tasks").parse_args(words)
    assert (options.action, options.limit, options.format) == ("list", 5, [("csv", None)])
