"""What is shown as targets: secrets in no text, and hostile texts in every format."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from builders import PROFILE, body, finding, image, intent, report, video
from pages import Page
from pydantic import TypeAdapter

from fuzz.corpus import mutations
from fuzz.engine.case import Target, Violation
from fuzz.targets.requests import broken_body, facts, known_text
from motion_preflight.formats.document import tasks_document
from motion_preflight.formats.json import json_text
from motion_preflight.formats.names import FORMATS, Detail
from motion_preflight.formats.receipt_list import list_text
from motion_preflight.formats.receipts import show_text
from motion_preflight.formats.registry import writer
from motion_preflight.formats.schema import ReportDocument, ReportsDocument, TasksDocument
from motion_preflight.formats.style import Style
from motion_preflight.provider.state import State
from motion_preflight.report.findings import Level, Report, Verdict
from motion_preflight.report.totals import totals
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.redacted_body import redacted_body
from motion_preflight.text.locations import (
    printable,
    redacted,
    redacted_text,
    sanitize_external_text,
)
from motion_preflight.text.redaction import mask_secrets, url_secrets

if TYPE_CHECKING:
    from fuzz.engine.case import Dice

_WORDS = "abAB01-_/+=%. "
_HOSTS = ("example.com", "Example.COM:8443", "[2001:db8::1]", "drive.google.com", "127.0.0.1",
          "www.dropbox.com", "a.s3.amazonaws.com", "例え.jp", "h")  # fmt: skip
_PATHS = (
    "/",
    "",
    "/clip.mp4",
    "/a b.mp4",
    "/file/d/1/view",
    "/s/x/a.mp4",
    "//x",
    "/%2e%2e/`x`.mp4",
)
_NAMES = ("token", "X-Amz-Signature", "sig", "Expires", "se", "dl", "raw", "", "q", "n" * 50, "a b")
_ODD = ("&amp;", "\\", "\t", "\u202e", "\u200b", '"', "<", ">", "'", "`", "|", "=", "%00", "\ud800",
        "]", ")", ",", ";", "https://", "@")  # fmt: skip
_DOCUMENT, _LINE = TypeAdapter(ReportsDocument), TypeAdapter(ReportDocument)
_TASKS = TypeAdapter(TasksDocument)
_COMMAND = re.compile(r"::(error|warning|notice) [^\n]*?::[^\n]*")
_STYLED = re.compile("\x1b\\[[0-9;]+m")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]")


class Redaction(Target):
    """Secrets in links and in the words of others: none may come through."""

    name = "redaction"
    share = 110
    processor = 2.0

    def run(self, dice: Dice) -> None:
        if dice.likely(0.4):
            self._pieces(dice)
            return
        link, secrets = signed(dice)
        self.note_input("link.txt", link)
        shown = [redacted(link), *map(str, redacted_body({"video_url": link}).values())]
        if re.fullmatch(r"(?i)https?://\S+", link):
            shown += [
                redacted_text(f"see {link}"),
                sanitize_external_text(f"see {link} twice {link}"),
            ]
        message = mask_secrets(sanitize_external_text(f"cannot fetch {link}"), url_secrets([link]))
        request = body(video_url=link) if dice.likely(0.5) else body(image_url=link)
        clip = video(location=request["video_url"])
        checked = report(request, video=clip, image=image(location=request["image_url"]))
        shown += [message, *(_written(name, [checked]) for name in FORMATS)]
        for text in shown:
            for secret in secrets:
                if secret in text:
                    raise Violation(f"the secret {secret!r} is shown: {text[:200]!r}")

    def _pieces(self, dice: Dice) -> None:
        secrets = [_word(dice, dice.randint(8, 60)) for _ in range(dice.few(3))]
        answer = "".join(
            dice.pick(
                mutations.text(dice)[:50], secret, secret[dice.randrange(8) :][: dice.few(50)]
            )
            for secret in secrets * dice.few(4)
        )
        self.note_input("said.txt", (answer, secrets))
        shown = mask_secrets(answer, secrets)
        for secret in secrets:
            size = 24 if " " in secret else 8
            size = min(size, len(secret))
            if any(secret[at : at + size] in shown for at in range(len(secret) - size + 1)):
                raise Violation(f"a piece of {secret!r} is left: {shown!r}")


def _word(dice: Dice, length: int) -> str:
    signs = _WORDS if dice.likely(0.3) else _WORDS[:-1]
    return "".join(dice.choice(signs) for _ in range(length)).strip().rjust(8, "z")


def signed(dice: Dice) -> tuple[str, list[str]]:
    """A link that carries secrets where links carry them, and those."""
    secrets: list[str] = []

    def secret() -> str:
        built = f"s3c{dice.randrange(16**9):09x}"
        secrets.append(built)
        return (dice.choice(_ODD) if dice.likely(0.3) else "") + built

    scheme = dice.pick(
        "https://", "https://", "http://", "HTTPS://", " https://", "ftp://", "s3://"
    )
    link = scheme
    if dice.likely(0.3):
        link += dice.pick(f"user:{secret()}@", f"{secret()}@", f"{secret()}:@", f"u:{secret()}:x@")
    link += dice.choice(_HOSTS) + dice.choice(_PATHS)
    if dice.likely(0.8):
        parts = (f"{dice.choice(_NAMES)}={secret()}" for _ in range(dice.few(4)))
        link += "?" + dice.pick("&", ";", "&&").join(parts)
    if dice.likely(0.3):
        link += f"#{dice.pick('', 'a=', 'a?b=')}{secret()}"
    return link, secrets


def _written(name: str, built: list[Report], *, colour: bool = False) -> str:
    """Reports in a format, as they are written."""
    style = Style(colour=colour)
    to = writer(name, profile=PROFILE, style=style)
    parts = [to.begin(), *map(to.report, built), to.end(totals(built, None))]
    return "".join(parts)


class Formats(Target):
    """Reports and receipts with any text at any place."""

    name = "formats"
    share = 60
    processor = 4.0

    def run(self, dice: Dice) -> None:
        built = [_report(dice) for _ in range(dice.randrange(4))]
        mistakes = [
            ManifestInvalid(f"{mutations.text(dice)}: {mutations.text(dice)}")
        ] * dice.randrange(2)
        receipts = [intent(**_receipt(dice)) for _ in built]
        name, style = dice.choice(FORMATS), Style(colour=dice.likely(0.3), unicode=dice.likely(0.8))
        self.note_input("report.txt", (name, built, mistakes, receipts))
        to = writer(name, profile=PROFILE, style=style, detail=dice.choice(list(Detail)))
        parts = [to.begin(), *map(to.invalid_entry, mistakes)]
        for item, receipt in zip(built, receipts, strict=True):
            parts.append(to.report(item, receipt if dice.likely(0.5) else None))
        text = "".join([*parts, to.end(totals(built, None))])
        self.inputs[f"written.{name}"] = text.encode("utf-8", "surrogatepass")
        _CHECKS[name](text, built, mistakes)
        for shown in (
            list_text(receipts, style),
            *(show_text(receipt, style) for receipt in receipts),
        ):
            _readable(_STYLED.sub("", shown))
        _TASKS.validate_python(
            json.loads(json_text(tasks_document(receipts)), parse_constant=_no_constant)
        )


def _report(dice: Dice) -> Report:
    clip, picture = facts(dice)
    findings = [
        finding(dice.choice(list(Level)), field=dice.pick(None, "prompt"), message=_line(dice),
                remedy=_line(dice))
        for _ in range(dice.randrange(5))
    ]  # fmt: skip
    label = dice.pick(
        "a.json", "a.jsonl:17", "-:2", mutations.text(dice), f"{mutations.text(dice)}.csv:3"
    )
    request, strict = broken_body(dice), dice.likely(0.3)
    return report(request, label=label, strict=strict, video=clip, image=picture,
                  findings=dice.pick(None, findings))  # fmt: skip


def _line(dice: Dice) -> str:
    """What a rule may say. Between backticks stand commands, which are ours alone."""
    return printable(mutations.text(dice)).replace("`", "'") or "a"


def _receipt(dice: Dice) -> dict[str, Any]:
    names = ("label", "origin", "error", "task_id", "request_id")
    built: dict[str, Any] = {name: known_text(dice) for name in names if dice.likely(0.5)}
    files = tuple(known_text(dice) for _ in range(dice.randrange(3)))
    return built | {"state": dice.choice(list(State)), "files": files, "body": broken_body(dice)}


def _no_constant(word: str) -> None:
    raise Violation(f"{word} is no JSON")


def _json(text: str, built: list[Report], _mistakes: list[ManifestInvalid]) -> None:
    if not text.isascii() or len(json.loads(text, parse_constant=_no_constant)["reports"]) != len(
        built
    ):
        raise Violation("not every report is in the JSON document")
    _DOCUMENT.validate_python(json.loads(text, parse_constant=_no_constant))
    for item in built:
        _read_back(item)


def _read_back(item: Report) -> None:
    """A report is read from what it wrote, and shown in one line and as a page as before."""
    read = Report.from_dict(item.to_dict())
    if (read.to_dict(), read.verdict) != (item.to_dict(), item.verdict):
        raise Violation("a report is another one after it was read from its document")
    if not repr(item).isprintable():
        raise Violation("a report is more than a line in a log")
    # A document does not say that a check was strict, unless a warning alone fails it.
    if not item.options.strict and (str(read), repr(read)) != (str(item), repr(item)):
        raise Violation("a report that was read is shown otherwise")


def _jsonl(text: str, built: list[Report], mistakes: list[ManifestInvalid]) -> None:
    lines = [json.loads(line, parse_constant=_no_constant) for line in text.splitlines()]
    reports = [line for line in lines if "error" not in line]
    if (len(reports), len(lines)) != (len(built), len(built) + len(mistakes)):
        raise Violation("not a line for each report and each mistake")
    for line in reports:
        _LINE.validate_python(line)


def _csv(text: str, built: list[Report], mistakes: list[ManifestInvalid]) -> None:
    _readable(text)
    header, *rows = csv.reader(io.StringIO(text))
    expected = len(built) + len(mistakes)
    if (len(rows), text.count("\n")) != (expected, expected + 1):
        raise Violation("not a row for each report and each mistake")
    for cell in (cell for row in rows for cell in row):
        if cell.startswith(("=", "+", "-", "@")):
            raise Violation(f"a cell that is calculated: {cell[:100]!r}")
    if any(len(row) != len(header) for row in rows):
        raise Violation("a row with other cells")


def _sarif(text: str, built: list[Report], mistakes: list[ManifestInvalid]) -> None:
    (run,) = json.loads(text, parse_constant=_no_constant)["runs"]
    results = run["results"]
    shown = [
        finding
        for item in built
        for finding in item.findings
        if finding.level is not Level.NOTE or item.verdict is not Verdict.PASS
    ]
    if len(results) < len(mistakes) + len(shown):
        raise Violation("not every finding is in the SARIF document")
    for result in results:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        if not result["message"]["text"] or not re.fullmatch("[!-~]*", uri):
            raise Violation(f"a result without a text, or at {uri!r}")


def _junit(text: str, built: list[Report], mistakes: list[ManifestInvalid]) -> None:
    root = ET.fromstring(text)
    if not text.isascii() or len(root.findall("testsuite/testcase")) != len(built) + len(mistakes):
        raise Violation("not a case for each report")
    if sum(int(suite.get("tests", "0")) for suite in root) != int(root.get("tests", "-1")):
        raise Violation("the suites do not add up")


def _github(text: str, _made: list[Report], _mistakes: list[ManifestInvalid]) -> None:
    for line in text.splitlines():
        if not _COMMAND.fullmatch(line):
            raise Violation(f"no command: {line[:100]!r}")
    _readable(text)


def _markdown(text: str, _made: list[Report], _mistakes: list[ManifestInvalid]) -> None:
    _readable(text)
    for line in text.splitlines():
        if line.startswith("|") and line.count("|") not in {4, 5}:
            raise Violation(f"a row with other cells: {line[:200]!r}")


def _html(text: str, built: list[Report], _mistakes: list[ManifestInvalid]) -> None:
    _readable(text)
    try:
        page = Page(text)
    except AssertionError as error:
        raise Violation(f"markup that is not ours: {str(error)[:200]}") from None
    if page.tags.count("article") != len(built):
        raise Violation("not a card for each report")


def _text(text: str, _made: list[Report], _mistakes: list[ManifestInvalid]) -> None:
    _readable(_STYLED.sub("", text))


def _readable(text: str) -> None:
    match = _CONTROL.search(text)
    if match:
        raise Violation(
            f"a sign that drives a terminal: {text[max(match.start() - 40, 0) :][:80]!r}"
        )


_CHECKS = {"json": _json, "jsonl": _jsonl, "csv": _csv, "sarif": _sarif, "junit": _junit,
           "github": _github, "markdown": _markdown, "html": _html, "text": _text}  # fmt: skip
