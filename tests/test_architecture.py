"""Arrows go one way: pure modules import no I/O, and one module owns each library."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import motion_preflight

PACKAGE = Path(motion_preflight.__file__).parent
MODULES = {
    ".".join(("motion_preflight", *path.relative_to(PACKAGE).with_suffix("").parts)): path
    for path in PACKAGE.rglob("*.py")
}
# Functions of values: nothing of the world is imported, not even when it is first needed.
PURE = [
    "errors", "facts", "request", "report", "estimate", "budget", "fits", "rules", "formats",
    "source.address", "source.location", "source.signature", "media.picture_headers",
    "media.png_data", "ffprobe_json", "media.clip_facts", "media.packet_clock", "media.streams",
    "media.containers.first_sample", "media.containers.keyframes", "media.containers.matroska",
    "media.containers.mp4_boxes", "media.containers.mp4_entries", "media.containers.mp4_fragments",
    "media.containers.mp4_header", "media.containers.mp4_moov", "media.containers.mp4_samples",
    "media.containers.mp4_tables", "media.containers.mp4_tracks",
    "provider", "receipt", "answers", "identity", "network", "submission.fingerprint", "text",
    "redaction", "exit_codes",
]  # fmt: skip
WORLD = {"httpx", "httpcore", "socket", "subprocess", "tempfile", "urllib.request", "ffmpeg",
         "platformdirs", "pathlib", "threading", "time"}  # fmt: skip
OWNERS = {
    "ffmpeg": {"motion_preflight.probe"},
    "httpx": {
        "motion_preflight.api",
        "motion_preflight.source.web",
        "motion_preflight.source.transport",
    },
    "sqlite3": {
        "motion_preflight.ledger",
        "motion_preflight.ledger_file",
        "motion_preflight.memo",
    },
    "tqdm": {"motion_preflight.progress"},
    "distributed": {"motion_preflight.commands.cluster"},
    "fcntl": {"motion_preflight.run_lock"},
    "PIL": {"motion_preflight.media.pixels"},
    "pillow_heif": {"motion_preflight.media.pixels"},
    "httpcore": {
        "motion_preflight.api",
        "motion_preflight.source.web",
        "motion_preflight.source.transport",
        "motion_preflight.source.connection",
    },
    "platformdirs": {"motion_preflight.settings"},
    "argparse": {"motion_preflight.arguments"},
    "pydantic": {"motion_preflight.motion_control_request", "motion_preflight.profile"},
}
# What a layer may know of the project; who is not named here is at the top and may know all.
LAYERS = {
    "errors": set(),
    "facts": {"errors"},
    "network": {"network", "text"},
    "source": {"source", "facts", "errors", "network", "text"},
    "child": set(),
    "probe": {"child", "errors", "source"},
    "media": {"child", "errors", "facts", "ffprobe_json", "media", "memo", "probe", "source"},
    "ffprobe_json": {"facts", "media"},
    "measure": {"errors", "facts", "ffprobe_json", "media", "probe", "redaction", "source", "text"},
    "instruments": {"child", "facts", "measure", "probe", "settings", "source"},
    "request": {"errors", "provider", "source", "text"},
    "motion_control_request": {"errors", "request"},
    "profile": {"errors"},
    "report": {"errors", "facts", "source", "text"},
    "estimate": set(),
    "budget": {"estimate", "report"},
    "submission": {
        "api", "errors", "facts", "identity", "receipt", "source", "submission", "tasks", "text"
    },
    "receipt": {"submission"},
    "text": {"text"},
    "identity": {"text"},
    "redaction": {"text"},
    "provider": {"provider", "receipt", "redaction", "source"},
    "answers": {"provider", "receipt", "source"},
    "run_lock": set(),
    "ledger_file": set(),
    "ledger_rows": {"estimate", "ledger_file", "receipt", "submission"},
    "ledger": {
        "budget", "errors", "ledger_file", "ledger_rows", "receipt", "run_lock", "submission"
    },
    "api_key": {"errors"},
    "api": {"answers", "api_key", "errors", "network", "provider", "redaction", "source", "text"},
    "exchange": {"answers", "api", "errors", "provider", "receipt"},
    "tasks": {"answers", "api", "errors", "ledger", "provider", "receipt", "redaction", "settings"},
    "download": {"redaction", "source"},
    "manifest": {"errors", "manifest", "request", "source"},
    "memo": set(),
    "crew": {"errors", "facts", "instruments", "measure", "source"},
    "batch": {
        "crew", "instruments", "manifest", "media", "preflight", "report", "request", "settings",
    },
}  # fmt: skip


def imports(path: Path, *, typing_too: bool = False) -> set[str]:
    """The modules that a file imports when it runs; those for types only if asked for."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if node in for_types and not typing_too:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def area(module: str) -> str:
    return module.removeprefix("motion_preflight.").partition(".")[0]


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_imports_nothing_of_the_world(name: str) -> None:
    full = f"motion_preflight.{name}"
    chosen = [path for module, path in MODULES.items() if f"{module}.".startswith(f"{full}.")]
    assert chosen
    for path in chosen:
        allowed = (
            {"shutil"} if path.name == "style.py" else set()
        )  # it asks how wide the terminal is
        touched = {each for each in imports(path) if each in WORLD - allowed}
        assert not touched, f"{path.name} imports {touched}"


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_has_its_owners(library: str) -> None:
    users = {
        module
        for module, path in MODULES.items()
        if any(each.partition(".")[0] == library for each in imports(path))
    }
    assert users == OWNERS[library]


@pytest.mark.parametrize("layer", LAYERS)
def test_arrows_go_one_way(layer: str) -> None:
    for module, path in MODULES.items():
        if area(module) != layer:
            continue
        known = {area(each) for each in imports(path) if each.startswith("motion_preflight.")}
        assert known <= LAYERS[layer], f"{module} knows {known - LAYERS[layer]}"


def test_a_local_check_imports_no_more_than_it_needs(tmp_path: Path) -> None:
    code = (
        "import sys; from motion_preflight.cli import run; "
        f"run(['probe', {str(tmp_path / 'no.mp4')!r}]); "
        "print([m for m in ('httpx', 'httpcore', 'ssl', 'pydantic', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not {path.stem for path in MODULES.values()} & {
        "utils", "util", "helpers", "core", "common", "manager", "misc", "base",
    }  # fmt: skip
