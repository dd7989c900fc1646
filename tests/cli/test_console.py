"""Sinks: several formats at once, each to its own place, and one that fails in no other's way."""

from __future__ import annotations

import io
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from builders import report

from motion_preflight.cli.console import ReportOutputs
from motion_preflight.formats.style import Style
from motion_preflight.report.totals import Totals, totals
from motion_preflight.request.errors import ManifestInvalid

if TYPE_CHECKING:
    from motion_preflight.formats.writer import Writer
    from motion_preflight.report.findings import Report
    from motion_preflight.submission.receipt import Receipt

NOTHING = totals([], None)
FULL = Path("/dev/full")
full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")


@dataclass
class Plain:
    """A format that is easy to read: a word for each part."""

    size: int = 0  # of a report, beyond its word
    parts: list[str] = field(default_factory=list)

    def begin(self) -> str:
        return self._said("begin ")

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        return self._said(f"{report.label}{' sent' if receipt else ''}{'.' * self.size} ")

    def invalid_entry(self, mistake: ManifestInvalid) -> str:
        return self._said(f"({mistake}) ")

    def failure(self, message: str, place: str | None = None) -> str:
        return self._said(f"[{place or 'run'}: {message}] ")

    def end(self, totals: Totals) -> str:
        return self._said(f"end {totals.verdicts.total()}\n")

    def _said(self, text: str) -> str:
        self.parts.append(text)
        return text


def sinks(
    *places: tuple[str, Path | None], size: int = 0
) -> tuple[ReportOutputs, dict[str, Plain]]:
    """Sinks of plain writers, and those by their names."""
    built: dict[str, Plain] = {}

    def make(name: str, _: Style) -> Writer:
        built[name] = Plain(size)
        return built[name]

    return ReportOutputs(places, make), built


def several(sinks: ReportOutputs, number: int = 3) -> bool:
    """A run of some reports, with a mistake after the first."""
    for index in range(number):
        sinks.report(report(label=f"r{index}"))
        if index == 0:
            sinks.invalid_entry(ManifestInvalid("a.json: bad"))
    return sinks.end(NOTHING)


EXPECTED = "begin r0 (a.json: bad) r1 r2 end 0\n"


def test_every_format_is_written_to_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "a", tmp_path / "b"]
    built, _ = sinks(("a", files[0]), ("out", None), ("b", files[1]))
    assert several(built)
    assert [file.read_text("utf-8") for file in files] == [EXPECTED, EXPECTED]
    assert capsys.readouterr().out == EXPECTED


def test_nothing_is_opened_before_there_is_something_to_write(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("of the last run", encoding="utf-8")
    built, _ = sinks(("a", file))
    assert file.read_text("utf-8") == "of the last run"
    assert built.end(NOTHING)
    assert file.read_text("utf-8") == "begin end 0\n"


def test_a_report_on_stdout_is_there_at_once(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    built, _ = sinks(("out", None), ("a", tmp_path / "a"))
    built.report(report(label="r0"))
    assert capsys.readouterr().out == "begin r0 "
    assert built.end(NOTHING)


def test_room_is_made_on_the_terminal_before_something_is_printed_and_only_then(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cleared = []
    places: list[tuple[str, Path | None]] = [("out", None), ("a", tmp_path / "a")]

    class Silent(Plain):
        def _said(self, text: str) -> str:
            return text if text.startswith("r") else ""

    report_outputs = ReportOutputs(
        places, lambda *_: Silent(), lambda: cleared.append(capsys.readouterr().out)
    )
    several(report_outputs)
    assert cleared == ["", "r0 ", "r1 "]


def test_what_the_receipt_says_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    from builders import intent  # noqa: PLC0415  in a test of imports

    built, _ = sinks(("out", None))
    built.report(report(label="r0"), intent())
    assert capsys.readouterr().out == "begin r0 sent "


@pytest.mark.parametrize(
    "name",
    ["no/folder/a", ".", "x" * 300, pytest.param("/dev/full", marks=full)],
    ids=ascii,
)
def test_a_file_that_cannot_be_written_is_named_once_and_the_others_are_whole(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = tmp_path / "good"
    built, _ = sinks(("bad", tmp_path / name), ("good", good), ("out", None))
    assert not several(built)
    answer = capsys.readouterr()
    assert good.read_text("utf-8") == EXPECTED
    assert answer.out == EXPECTED
    assert answer.err.startswith("motion-preflight: ")
    assert answer.err.endswith(")\n")
    assert answer.err.count("cannot be written (") == 1
    assert "None" not in answer.err
    assert len(answer.err.splitlines()) == 1


@full
def test_a_disk_that_fills_up_on_the_way_is_said_once_and_nothing_is_left_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = tmp_path / "good"
    built, writers = sinks(("bad", FULL), ("good", good), size=5000)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        assert not several(built, 20)
        del built
    assert capsys.readouterr().err == (
        "motion-preflight: /dev/full: cannot be written (No space left on device)\n"
    )
    assert good.read_text("utf-8").endswith("end 0\n")
    assert len(writers["bad"].parts) < len(writers["good"].parts) == 23


def test_text_that_is_no_unicode_is_written_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "a"
    built, _ = sinks(("a", file))
    built.report(report(label="\ud800"))
    assert built.end(NOTHING)
    assert file.read_text("utf-8") == "begin \\ud800 end 0\n"


def test_the_style_of_a_file_is_plain_and_that_of_stdout_is_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", Terminal(io.BytesIO(), encoding="utf-8"))
    styles: dict[str, Style] = {}

    def make(name: str, style: Style) -> Writer:
        styles[name] = style
        return Plain()

    several(ReportOutputs([("out", None), ("a", tmp_path / "a")], make))
    assert styles["out"].colour
    assert styles["a"] == Style()
