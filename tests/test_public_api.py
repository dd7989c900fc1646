"""The public names, sorted, documented, and without another library's exceptions behind them."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import pickle
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import body
from public_values import reachable

import motion_preflight
from motion_preflight import errors
from motion_preflight.errors import PreflightError
from motion_preflight.media.programs.ffprobe import find_ffprobe

NAMES = [
    "Authority",
    "ClearedRequest",
    "Cost",
    "CredentialsMissing",
    "DestinationInvalid",
    "Estimate",
    "FfmpegFailed",
    "FfmpegMissing",
    "FfprobeFailed",
    "FfprobeMissing",
    "Finding",
    "Fix",
    "InsufficientBalance",
    "LedgerUnusable",
    "Level",
    "LinkNotProved",
    "ManifestInvalid",
    "MediaFacts",
    "MotionControlRequest",
    "NotCleared",
    "NotResolved",
    "NotSent",
    "NotSentReason",
    "OutcomeUnknown",
    "PreflightError",
    "ProbeError",
    "Profile",
    "ProfileInvalid",
    "PublishError",
    "PublishOptions",
    "Published",
    "RateLimited",
    "Receipt",
    "Rejected",
    "Report",
    "ReportInvalid",
    "RequestInvalid",
    "SettingsInvalid",
    "SourceError",
    "SourceTimeout",
    "SourceUnreachable",
    "State",
    "StoreError",
    "StoreProgramMissing",
    "StoreRefused",
    "StoreUnreachable",
    "SubmitError",
    "TaskFailed",
    "Unmeasured",
    "Unpublished",
    "Verdict",
    "check",
    "estimate",
    "fix",
    "fix_request",
    "preflight",
    "preflight_many",
    "probe",
    "publish",
    "resolve",
    "submit",
    "unpublish",
    "wait",
]


def test_the_public_names_are_these() -> None:
    assert motion_preflight.__all__ == NAMES == sorted(NAMES)


def test_every_public_name_is_there_and_documented() -> None:
    documents = {name: inspect.getdoc(getattr(motion_preflight, name)) for name in NAMES}
    assert [name for name, document in documents.items() if not document] == []


def test_only_public_names_are_listed() -> None:
    listed = [name for name in dir(motion_preflight) if not name.startswith("__")]
    assert listed == NAMES


@pytest.mark.process
def test_the_package_imports_next_to_nothing_before_a_name_is_used() -> None:
    """Then only what the name needs: a check needs no httpx, and one class alone pydantic."""
    code = """
import sys
before = set(sys.modules)
import motion_preflight
print(sorted(name for name in sys.modules.keys() - before
    if name.startswith("motion_preflight")))
sending = {"publish", "resolve", "submit", "unpublish", "wait"}
heavy = {"httpx", "pydantic", "sqlite3", "PIL", "logging"}
for name in {*motion_preflight.__all__} - sending - {"MotionControlRequest"}:
    getattr(motion_preflight, name)
print(sorted(heavy & (sys.modules.keys() - before)))
for name in sending:
    getattr(motion_preflight, name)
print("httpx" in sys.modules, "pydantic" in sys.modules)
"""
    at_the_door = ["motion_preflight", "motion_preflight.text", "motion_preflight.text.presentable"]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(at_the_door), "[]", "True False"]


def test_type_hints_can_be_read_of_everything_public_and_of_the_values_in_it() -> None:
    """As frameworks and serializers read them: none may stand where only type checkers look."""
    names = {value.__name__ for value in reachable()}
    assert {*NAMES, "AmountRange", "CheckOptions", "ProbeKeywords", "Transfer"} <= names


def test_help_is_complete_and_speaks_of_what_is_public() -> None:
    functions = [getattr(motion_preflight, name) for name in NAMES if name.islower()]
    assert [one for one in functions if " at 0x" in str(inspect.signature(one))] == []
    values = [getattr(motion_preflight, name) for name in NAMES]
    texts = [
        inspect.getdoc(member) or "" for value in values for member in _documented_members(value)
    ]
    called = {name for text in texts for name in re.findall(r"`(\w+)\(", text)}
    assert called <= {*NAMES, "str"}
    assert [text for text in texts if _COMMANDS.search(text)] == []
    init = motion_preflight.MotionControlRequest.__init__
    assert "ValidationError" not in (inspect.getdoc(init) or "")


def _documented_members(value: Any) -> list[Any]:
    own = vars(value).items() if inspect.isclass(value) else ()
    return [value, *(member for name, member in own if not name.startswith("_"))]


@pytest.mark.parametrize("name", ["check", "estimate", "fix", "preflight", "probe"])
def test_options_are_keyword_only(name: str) -> None:
    parameters = inspect.signature(getattr(motion_preflight, name)).parameters.values()
    assert all(
        parameter.kind is parameter.KEYWORD_ONLY
        for parameter in parameters
        if parameter.default is not parameter.empty
    )


_COMMANDS = re.compile(r"motion-preflight [a-z]|(?<![\w-])--?[a-z]")
# The files of requests are read by the commands alone; `cli`, `mcp` and `sending` are commands.
_OF_THE_COMMAND = ("cli/", "mcp/", "sending/", "sandbox/", "request/files/")


def _texts_of_exceptions(tree: ast.Module, names: set[str]) -> Iterator[str]:
    """The text of each argument of an exception that is made here."""
    for node in ast.walk(tree):
        name = node.func if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and isinstance(name, ast.Name) and name.id in names:
            for part in ast.walk(ast.List([*node.args])):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def test_no_exception_of_the_library_speaks_of_the_command_line() -> None:
    """A command has its own words for it, in `in_command`."""
    package = Path(motion_preflight.__file__).parent
    names = {name for name in NAMES if _is_exception(name)} | {
        "CannotFix",
        "LedgerLost",
        "CallFailed",
    }
    texts = [
        text
        for path in sorted(package.rglob("*.py"))
        if not path.relative_to(package).as_posix().startswith(_OF_THE_COMMAND)
        for text in _texts_of_exceptions(ast.parse(path.read_text("utf-8")), names)
    ]
    assert len(texts) > 200
    assert [text for text in texts if _COMMANDS.search(text)] == []


def test_the_exception_tree_is_the_one_that_is_drawn() -> None:
    drawn = re.findall(r"^[│├└─ ]*([A-Z]\w+) {3,}", errors.__doc__ or "", re.MULTILINE)
    kinds = {name: getattr(motion_preflight, name) for name in drawn}
    assert len(drawn) == 32
    assert all(issubclass(kind, PreflightError) for kind in kinds.values())
    exported = {name for name in motion_preflight.__all__ if _is_exception(name)}
    assert exported == set(drawn)
    assert issubclass(kinds["SourceUnreachable"], ConnectionError)
    assert issubclass(kinds["SourceTimeout"], TimeoutError)
    assert issubclass(kinds["FfprobeMissing"], FileNotFoundError)
    assert issubclass(kinds["FfmpegMissing"], FileNotFoundError)


def _is_exception(name: str) -> bool:
    value = getattr(motion_preflight, name)
    return isinstance(value, type) and issubclass(value, Exception)


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("not-there.mp4", motion_preflight.SourceUnreachable),
        ("http://127.0.0.1/clip.mp4", motion_preflight.SourceError),
        ("ftp://apimart-user.com/clip.mp4", motion_preflight.SourceError),
    ],
)
def test_probe_raises_its_own_errors(location: str, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        motion_preflight.probe(location)
    assert str(raised.value)


@pytest.mark.parametrize(
    ("medium", "kind"),
    [(b"x", "bytes"), (None, "NoneType"), (7, "int"), (["clip.mp4"], "list")],
)
def test_probe_says_what_a_medium_is(medium: Any, kind: str) -> None:
    with pytest.raises(TypeError, match=f"^a medium is a path or a URL, not {kind}$"):
        motion_preflight.probe(medium)


def test_probe_takes_no_path_of_bytes(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").touch()
    with os.scandir(os.fsencode(tmp_path)) as entries:
        (entry,) = entries
    with pytest.raises(TypeError, match=r"^a medium is a path or a URL, not bytes$"):
        motion_preflight.probe(entry)  # type: ignore[arg-type]  # the point of it


@pytest.mark.process
@pytest.mark.parametrize("name", ["not-there.mp4", "garbage.mp4", "empty.mp4"])
def test_an_exception_about_a_medium_names_it(name: str, media: Path) -> None:
    with pytest.raises(PreflightError) as raised:
        motion_preflight.probe(media / name)
    assert str(raised.value).startswith(f"{media / name}: ")


@pytest.mark.process
def test_a_path_may_be_text_or_a_path(media: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('name = "mine"\n', encoding="utf-8")
    ffprobe = Path(find_ffprobe(None))
    for kind in (str, Path):
        profile = motion_preflight.Profile.load(kind(mine))
        options: Any = {"profile": profile, "ffprobe": kind(ffprobe), "folder": kind(media)}
        request = body(video_url=kind("clip-8s.mp4"), image_url=kind("image.png"))
        report = motion_preflight.preflight(request, **options)
        assert (report.verdict, report.options.profile.name) == ("pass", "mine")
        assert report.body["video_url"] == "clip-8s.mp4"
        fixed = motion_preflight.fix_request(request, folder=kind(media), dry_run=True)
        assert fixed.request["video_url"] == "clip-8s.mp4"
    (report,) = motion_preflight.preflight_many([request], **options)
    assert report.verdict == "pass"
    assert motion_preflight.fix(media / "clip-8s.mp4", dry_run=True, ffprobe=ffprobe).changes == ()


@pytest.mark.parametrize("name", ["folder", "ffprobe", "ffmpeg"])
def test_an_option_that_is_no_path_is_named(name: str) -> None:
    options: Any = {name: b"x"}
    with pytest.raises(TypeError, match=f"^{name} must be a path, not bytes$"):
        motion_preflight.preflight({}, **options)


@pytest.mark.process
def test_probe_says_that_a_file_is_no_medium(media: Path) -> None:
    with pytest.raises(motion_preflight.FfprobeFailed, match="no video or picture"):
        motion_preflight.probe(str(media / "garbage.mp4"))


@pytest.mark.process
def test_requests_and_reports_can_be_pickled(media: Path) -> None:
    request = motion_preflight.MotionControlRequest(**body(video_url=str(media / "clip-8s.mp4")))
    report = motion_preflight.preflight(
        request.model_copy(update={"image_url": str(media / "image.png")})
    )
    assert pickle.loads(pickle.dumps(request)) == request
    assert pickle.loads(pickle.dumps(report)) == report
    with pytest.raises(motion_preflight.RequestInvalid) as invalid:
        motion_preflight.MotionControlRequest()  # type: ignore[call-arg]  # the point of it
    assert str(pickle.loads(pickle.dumps(invalid.value))) == str(invalid.value)


def test_no_ffprobe_says_what_brings_one(tmp_path: Path) -> None:
    with pytest.raises(motion_preflight.FfprobeMissing, match="settings cannot be run"):
        motion_preflight.probe("clip.mp4", ffprobe=str(tmp_path / "no-ffprobe"))


def test_a_name_stays_what_it_is_when_every_module_is_imported() -> None:
    """A module of the same name would take its place as soon as somebody imports it."""
    before = {name: getattr(motion_preflight, name) for name in NAMES}
    for module in pkgutil.iter_modules(motion_preflight.__path__):
        if module.name != "__main__":
            importlib.import_module(f"motion_preflight.{module.name}")
    after = {name: getattr(motion_preflight, name) for name in NAMES}
    assert [name for name in NAMES if after[name] is not before[name]] == []
    assert [name for name in NAMES if inspect.ismodule(after[name])] == []
