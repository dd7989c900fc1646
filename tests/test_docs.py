"""README and documentation say what the program says: examples, tables, help, and exit codes."""

from __future__ import annotations

import argparse
import ast
import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from paths import ROOT
from processes import customer, run_script, surroundings

import motion_preflight
import motion_preflight.asyncio
from motion_preflight import NotCleared, NotSent, Profile, Receipt, Report, State, preflight
from motion_preflight.cli import exit_codes
from motion_preflight.cli.parser import parser, with_command
from motion_preflight.formats.names import FORMATS
from motion_preflight.media.programs.ffmpeg import from_fix_extra
from motion_preflight.media.programs.ffprobe import bundled
from motion_preflight.rules import RULES
from motion_preflight.sandbox.fault_table import FAULTS
from motion_preflight.sandbox.server import Sandbox

DOCS = ROOT / "docs"
CACHE = ".mypy_cache"
RULE_PAGES = DOCS / "rules"
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {
    str(page.relative_to(ROOT)): page.read_text(encoding="utf-8")
    for page in (ROOT / "README.md", *sorted(DOCS.glob("*.md")), RULE_PAGES / "index.md")
}
TOP_LEVEL = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")


def blocks(language: str) -> list[tuple[str, str]]:
    """Page and text of every block of code in a language."""
    pattern = re.compile(rf"^```{language}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [(page, match[1]) for page in PAGES for match in pattern.finditer(PAGES[page])]


def test_examples_tables_and_help_are_those_of_the_program() -> None:
    if sys.version_info >= (3, 13):
        pytest.skip("argparse lays its help out differently from Python 3.13 on")
    if bundled("ffprobe") is None:
        pytest.skip("the examples are those of the bundled ffprobe, which is not installed")
    if from_fix_extra() is None:
        pytest.skip("the examples are those of the ffmpeg of the extra fix, which is not installed")
    done = run_script("make_docs.py", "--check")
    assert done.returncode == 0, f"run scripts/make_docs.py ({done.stdout}{done.stderr})"


def test_the_man_page_is_that_of_the_parser() -> None:
    if sys.version_info >= (3, 13):
        pytest.skip("argparse lays its help out differently from Python 3.13 on")
    done = run_script("make_man.py", "--check")
    assert done.returncode == 0, f"run scripts/make_man.py ({done.stdout}{done.stderr})"


def test_every_rule_has_its_page_and_no_page_is_left_of_one_that_is_gone() -> None:
    pages = {page.stem for page in RULE_PAGES.glob("*.md")} - {"index"}
    assert pages == {module.RULE.id for module in RULES}


def test_a_page_that_is_out_of_date_is_named_and_renewed(tmp_path: Path) -> None:
    """In a checkout whose other pages are none, so that no example is run."""
    for name in ("scripts", "docs"):
        (tmp_path / name).mkdir()
    for name in ("scripts/make_docs.py", "mkdocs.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "README.md").touch()
    rules = tmp_path / "docs" / "rules"
    shutil.copytree(RULE_PAGES, rules)
    changed, gone = rules / "video-too-large.md", rules / "a-rule-that-is-gone.md"
    before = changed.read_text(encoding="utf-8")
    for page in (changed, gone):
        page.write_text("old", encoding="utf-8")
    done = run_script("make_docs.py", "--check", root=tmp_path)
    names = sorted(str(page.relative_to(tmp_path)) for page in (changed, gone))
    assert (done.returncode, sorted(done.stdout.split())) == (1, names), done.stderr
    assert gone.exists()
    assert run_script("make_docs.py", root=tmp_path).returncode == 0
    assert changed.read_text(encoding="utf-8") == before
    assert not gone.exists()


def _parser_commands(of: argparse.ArgumentParser, *above: str) -> Iterator[str]:
    yield " ".join(above)
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from _parser_commands(inner, *above, name)


def test_the_command_line_page_has_every_command_and_action() -> None:
    headings = re.findall(
        r"^##+ motion-preflight ?(.*)$", PAGES["docs/command-line.md"], re.MULTILINE
    )
    assert headings == list(_parser_commands(parser()))
    assert {"", "check", "submit", "tasks resolve"} <= set(headings)


def test_the_reference_has_every_public_name() -> None:
    written = PAGES["docs/reference.md"].partition("<!-- /reference -->")[0]
    places = re.findall(r"(?m)^::: motion_preflight\S*\.(\w+)$", written)
    assert sorted(places) == sorted(motion_preflight.__all__)
    awaited = re.findall(r"(?m)^::: motion_preflight\.asyncio\.(\w+)$", PAGES["docs/reference.md"])
    assert awaited == motion_preflight.asyncio.__all__


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 200


def _printing() -> list[tuple[str, str, str]]:
    """Page, code and output of every example that says what it prints."""
    pattern = re.compile(r"```python\n([^`]*?)```\n\nprints `(.*?)`", re.DOTALL)
    return [(page, match[1], match[2]) for page in PAGES for match in pattern.finditer(PAGES[page])]


@pytest.mark.parametrize(
    ("code", "printed"),
    [pytest.param(code, printed, id=page) for page, code, printed in _printing()],
)
def test_an_example_prints_what_its_page_says(code: str, printed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == printed


def test_the_pages_with_examples_that_print_are_these() -> None:
    assert [page for page, *_ in _printing()] == [
        "README.md",
        "docs/library.md",
        "docs/programs.md",
        "docs/testing.md",
    ]


def test_the_examples_are_typed(tmp_path: Path) -> None:
    """As strictly as mypy can, each as a module of its own."""
    examples = [*blocks("python"), *blocks("py")]
    for number, (page, code) in enumerate(examples):
        name = f"{Path(page).stem.lower().replace('-', '_')}_{number}.py"
        (tmp_path / name).write_text(code, encoding="utf-8")
    options = ["--strict", "--config-file=pyproject.toml", f"--cache-dir={CACHE}"]
    command = [sys.executable, "-m", "mypy", *options, *map(str, sorted(tmp_path.glob("*.py")))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(examples)} source files" in done.stdout


def _example_of(section: str) -> str:
    """The code below a heading of the page about other programs."""
    text = PAGES["docs/programs.md"].partition(f"\n## {section}\n")[2]
    return text.partition("```python\n")[2].partition("```")[0]


def test_the_example_of_httpx_sends_what_is_cleared_once_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTION_PREFLIGHT_STATE", str(tmp_path))
    names: dict[str, Any] = {}
    exec(compile(_example_of("httpx"), "docs/programs.md", "exec"), names)
    with Sandbox() as sandbox:
        request, path = _served(sandbox), "/v1/videos/generations"
        with names["guarded_client"]("sk-example", sandbox.base, allow_private=True) as client:
            assert client.post(path, json=request).status_code == 200
            with pytest.raises(NotCleared, match="mode is null"):
                client.post(path, json={**request, "mode": None})
            with pytest.raises(NotSent):
                client.post(path, json=request)
    assert [json.loads(post.body) for post in sandbox.posts] == [request]


def test_the_example_of_fastapi_answers_with_the_document() -> None:
    names: dict[str, Any] = {}
    exec(compile(_example_of("FastAPI"), "docs/programs.md", "exec"), names)

    async def ask(request: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(names["app"])
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return await client.post("/check", json=request)

    private = {"image_url": "https://127.0.0.1/a.png", "video_url": "https://127.0.0.1/b.mp4"}
    answer = asyncio.run(ask(private)).json()
    assert Report.from_dict(answer).to_dict() == answer
    assert answer["verdict"] == "fail"
    refused = asyncio.run(ask({**private, "video_url": "/etc/passwd"}))
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "video_url must be an https link",
    )


def test_the_example_of_pytest_passes(tmp_path: Path) -> None:
    file = tmp_path / "test_requests.py"
    file.write_text(_example_of("pytest"), encoding="utf-8")
    options = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={tmp_path}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, file],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "3 passed" in done.stdout, done.stdout


def test_the_examples_of_tests_pass(tmp_path: Path) -> None:
    """In a folder that knows nothing of this one."""
    examples = [text for page, text in blocks("python") if page == "docs/testing.md"]
    tests = [text for text in examples if "def test_" in text]
    for number, text in enumerate(tests):
        (tmp_path / f"test_example_{number}.py").write_text(text, encoding="utf-8")
    (conftest,) = [text for text in examples if "pytest_plugins" in text]
    (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        f"--rootdir={tmp_path}",
        "-W",
        "error",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, tmp_path],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "5 passed" in done.stdout, done.stdout + done.stderr


def _served(sandbox: Sandbox) -> dict[str, str]:
    """A request whose media the sandbox serves."""
    return {
        "model": "kling-v2-6-motion-control",
        "prompt": "a dancer on a rooftop at dusk",
        "image_url": sandbox.media_url("image.png"),
        "video_url": sandbox.media_url("clip-8s.mp4"),
        "character_orientation": "image",
        "mode": "std",
    }


def test_the_library_example_mends_a_clip(tmp_path: Path, media: Path) -> None:
    if from_fix_extra() is None:
        pytest.skip("the extra fix is not installed")
    shutil.copy(media / "clip-12s.mp4", tmp_path / "dance.mp4")
    code = next(text for _, text in blocks("py") if "import fix" in text)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[0] == "dance-for-image.mp4"
    assert (tmp_path / "dance-for-image.mp4").is_file()


def test_the_library_example_sends_and_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = next(text for _, text in blocks("py") if "receipt = submit" in text)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/library.md", "exec"), names)
    with Sandbox(polls=0) as sandbox:
        for name, value in surroundings(tmp_path, **customer(sandbox, tmp_path)).items():
            monkeypatch.setenv(name, value)
        receipt = names["pay_for"](preflight(_served(sandbox), allow_private=True))
    assert isinstance(receipt, Receipt)
    assert receipt.state is State.COMPLETED
    assert len(sandbox.posts) == 1


def test_the_example_of_other_machines_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its cluster is threads here; test_cluster.py has a real one."""
    code = next(text for _, text in blocks("py") if "get_executor" in text)

    class Client(nullcontext[Any]):
        def __init__(self, address: str) -> None:
            super().__init__(self)
            assert address == "tcp://scheduler:8786"

        def get_executor(self) -> ThreadPoolExecutor:
            return ThreadPoolExecutor(2)

    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(Client=Client))
    file = ROOT / "fixtures" / "requests" / "pass" / "worked-example-image.json"
    body = json.loads(file.read_text(encoding="utf-8"))
    body["video_url"], body["image_url"] = (
        str(file.parent / body[name]) for name in ("video_url", "image_url")
    )
    names: dict[str, Any] = {}
    exec(compile(code, "docs/batches.md", "exec"), names)
    names["check_on_cluster"]([body, body])
    assert capsys.readouterr().out == "request[0] pass\nrequest[1] pass\n"


def test_what_python_examples_import_is_there() -> None:
    examples = [*blocks("py"), *blocks("python")]
    assert len(examples) >= 4
    for page, text in examples:
        for node in ast.walk(ast.parse(text, page)):
            if isinstance(node, ast.ImportFrom) and node.module == "motion_preflight":
                for name in node.names:
                    assert hasattr(motion_preflight, name.name), f"{page}: {name.name}"


def _commands() -> Iterator[tuple[str, str]]:
    """Page and line of every command of the program that a page shows."""
    for page, text in blocks("sh"):
        for line in text.splitlines():
            if "motion-preflight " in line:
                yield page, line.partition("motion-preflight ")[2]


def test_every_command_of_the_pages_is_one_that_the_program_takes() -> None:
    shown = list(_commands())
    assert len(shown) >= 8
    for page, line in shown:
        words = shlex.split(line, comments=True)
        assert parser().parse_args(with_command(words)), f"{page}: {line}"


def test_every_script_of_the_pages_is_there_and_can_be_run() -> None:
    scripts = {
        name for text in PAGES.values() for name in re.findall(r"scripts/(\w+)\b(?!\.)", text)
    }
    assert {"preflight", "test", "demo", "docs", "sandbox"} <= scripts
    for name in scripts:
        assert (ROOT / "scripts" / name).stat().st_mode & 0o111, name


def test_every_fault_that_a_page_names_is_one() -> None:
    named = {
        name for text in PAGES.values() for name in re.findall(r"--fault '?([a-z0-9-]+)", text)
    }
    assert {"cut-after", "stall"} <= named <= set(FAULTS)


def test_the_example_of_a_request_is_one() -> None:
    configurations = {"docs/agents.md"}  # tests/mcp_server/test_tools.py reads that one
    examples = [(page, text) for page, text in blocks("json") if page not in configurations]
    assert examples
    for page, text in examples:
        findings = preflight(json.loads(text), timeout=1).findings
        wrong = [finding for finding in findings if finding.rule.startswith("request-")]
        assert not wrong, f"{page}: {wrong}"


def test_the_example_of_a_workflow_uses_inputs_and_outputs_that_the_action_has() -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    page, text = blocks("yaml")[0]
    assert set(yaml.safe_load(text)[1]["with"]) <= set(action["inputs"])
    after = PAGES[page].partition(text)[2].partition("\n## ")[0]
    for name in ("exit-code", "report"):
        assert f"`{name}`" in after
        assert name in action["outputs"]


def test_the_table_of_formats_has_every_format() -> None:
    table = PAGES["docs/batches.md"].partition("| `--format` | is for |")[2].partition("\n\n")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == FORMATS


def test_the_profile_example_is_taken(tmp_path: Path) -> None:
    (example,) = [text for page, text in blocks("toml") if page == "docs/profiles.md"]
    file = tmp_path / "profile.toml"
    file.write_text(example, encoding="utf-8")
    price = Profile.load(file).price("kling-v3-motion-control", "std")
    assert price is not None
    assert str(price.per_second) == "0.099"


@pytest.mark.parametrize("page", ["README.md", "docs/exit-codes.md"])
def test_the_exit_codes_are_those_of_the_program_and_of_its_help(page: str) -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGES[page], re.MULTILINE)}
    names = (
        "OK", "BROKEN", "CANNOT_RUN", "UNSURE", "OVER_BUDGET", "UNKNOWN", "BUG", "INTERRUPTED",
    )  # fmt: skip
    assert documented == {getattr(exit_codes, name) for name in names}
    assert all(re.search(rf"\b{code}\b", parser().format_help()) for code in documented)


def test_links_lead_to_files_that_are_there() -> None:
    names = [*TOP_LEVEL, *(str(page.relative_to(ROOT)) for page in DOCS.rglob("*.md"))]
    for name in names:
        text = (ROOT / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:\s]+)[)#]", text):
            assert (ROOT / name).parent.joinpath(target).exists(), f"{name}: {target}"


def test_the_readme_links_every_page() -> None:
    linked = set(re.findall(r"(?<!!)\[[^][]*\]\((docs/[^)#]+)", README))
    contributors = {"docs/style.md"}  # CONTRIBUTING.md links it
    assert linked == set(PAGES) - {"README.md"} - contributors
    assert "(docs/style.md)" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_contributing_has_a_heading_for_each_task() -> None:
    headings = re.findall(
        r"^## (.*)$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    tasks = (
        "Add a rule",
        "Add a format",
        "Add a limit",
        "Run one test",
        "Build the docs",
        "Release",
    )
    assert set(tasks) <= set(headings)


def test_what_contributing_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:src|tests|scripts|docs|fixtures)/[\w./-]+)`", text)
    assert len(paths) > 10
    for path in paths:
        if "the_rule" not in path and "NAME" not in path:  # names that a contributor chooses
            assert (ROOT / path).exists(), path


@pytest.mark.parametrize("script", ["preflight", "test", "demo"])
def test_the_readme_opens_with_these_scripts(script: str) -> None:
    opening = README.partition("```sh")[2].partition("```")[0]
    assert f"scripts/{script}" in opening
    assert (ROOT / "scripts" / script).stat().st_mode & 0o111


class _Addresses(HTMLParser):
    """What a page of the site links, and what a browser fetches with it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.assets: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href" if tag in {"a", "link"} else "src")
        if address:
            (self.links if tag == "a" else self.assets).add(address)


def _build_site(root: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Builds the site of a checkout as `scripts/docs` does, with no host that could be reached."""
    if find_spec("properdocs") is None:
        pytest.skip("the builder of the site is not installed; scripts/docs installs and runs it")
    nowhere = "http://127.0.0.1:9"
    return subprocess.run(
        [
            *(sys.executable, "-m", "properdocs", "build", "--strict"),
            *("--config-file", str(root / "mkdocs.yml"), "--site-dir", str(folder)),
        ],
        env=os.environ | dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), nowhere),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = _build_site(ROOT, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_a_link_that_leads_nowhere_stops_the_build(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    shutil.copytree(DOCS, checkout / "docs")
    (checkout / "scripts").mkdir()
    for name in ("mkdocs.yml", "scripts/docs_hook.py", "scripts/docs_fields.py", *TOP_LEVEL):
        shutil.copy(ROOT / name, checkout / name)
    for name in ("src", "tests"):
        (checkout / name).symlink_to(ROOT / name)
    with (checkout / "docs" / "check.md").open("a", encoding="utf-8") as page:
        page.write("\n[gone](submit.md#a-heading-that-is-gone)\n")
    done = _build_site(checkout, tmp_path / "site")
    assert done.returncode == 1
    assert "'submit.md#a-heading-that-is-gone'" in done.stderr
    assert "Aborted" in done.stdout + done.stderr


def test_the_script_that_builds_the_site_stops_at_warnings() -> None:
    command = (ROOT / "scripts" / "docs").read_text(encoding="utf-8").rpartition("exec ")[2]
    assert "properdocs build" in command
    assert "--strict" in command
    assert "--quiet" not in command  # the builder counts only the warnings that it shows


def test_the_site_is_built_without_a_warning_and_has_every_page(site: Path) -> None:
    expected = {page.relative_to(DOCS).with_suffix(".html") for page in DOCS.rglob("*.md")}
    expected |= {Path("repository", name).with_suffix(".html") for name in TOP_LEVEL[1:]}
    built = {page.relative_to(site) for page in site.rglob("*.html")}
    assert built == expected - {Path("repository/README.html")} | {
        Path("rules/index.html"), Path("index.html"), Path("404.html"),
    }  # fmt: skip


def test_a_page_of_the_site_fetches_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        outside = {address for address in _Addresses(page).assets if re.match(r"\w*:?//", address)}
        assert not outside, page.name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//|@import", sheet.read_text("utf-8")), sheet


def test_every_link_within_the_site_leads_to_something(site: Path) -> None:
    for page in site.rglob("*.html"):
        if page.name == "404.html":  # its links are those of the root of a host
            continue
        for link in _Addresses(page).links:
            target = unquote(link.partition("#")[0])
            if target and ":" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {link}"


def test_the_site_describes_every_public_name(site: Path) -> None:
    reference = (site / "reference.html").read_text(encoding="utf-8")
    for name in motion_preflight.__all__:
        value = getattr(motion_preflight, name)
        assert f'id="{value.__module__}.{value.__qualname__}"' in reference, name


def test_the_site_explains_a_field_by_the_comment_beside_it(site: Path) -> None:
    reference = (site / "reference.html").read_text(encoding="utf-8")
    field = reference.partition('id="motion_preflight.media.facts.MediaFacts.version"')[2]
    assert "A text that changes when the bytes may have changed" in field[:2000]


def test_the_demo_goes_as_it_should() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "demo.py"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("Everything went as it should.\n")
