"""Files of users as targets: requests, profiles and settings."""

from __future__ import annotations

import io
import json
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from builders import NOW, OPTIONS, PROFILE, body, case, image, video

from fuzz.corpus import mutations
from fuzz.engine.case import Target, Violation
from fuzz.targets.answers import CONTROL
from fuzz.targets.requests import broken_body, facts
from motion_preflight.batch import report_of
from motion_preflight.errors import SettingsInvalid
from motion_preflight.formats.probe_text import probe_text
from motion_preflight.formats.registry import writer
from motion_preflight.formats.style import Style
from motion_preflight.media.errors import FfprobeMissing
from motion_preflight.media.programs.ffprobe import find_ffprobe
from motion_preflight.provider.profile import Profile, built_in
from motion_preflight.provider.profile_error import ProfileInvalid
from motion_preflight.report.estimate import estimate_cost
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files import quick_count, read_requests
from motion_preflight.request.parse import FIELDS, parse_request
from motion_preflight.settings import load_settings
from motion_preflight.suitability import fits

if TYPE_CHECKING:
    from fuzz.engine.case import Dice


class Manifests(Target):
    """Files of requests of every kind, and stdin."""

    name = "manifests"
    share = 100

    def run(self, dice: Dice) -> None:
        kind = dice.pick("json", "jsonl", "ndjson", "csv", "-", "JSON", "txt", "mp4")
        data = mutations.mutated(dice, _manifest(dice), [], _tokens(dice, kind))
        if dice.likely(0.2):
            data = mutations.nested(dice, dice.few(3000)) + dice.pick(b"", b"\n", data)
        self.inputs[f"requests.{kind}"] = data
        name = str(self.folder / f"requests.{kind}") if kind != "-" else "-"
        if kind != "-":
            Path(name).write_bytes(data)
            quick_count(name)
        before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(data))
        try:
            result = list(read_requests(name))
        finally:
            sys.stdin = before
        if not result:
            raise Violation("neither a request nor why there is none")
        for item in result[:20]:
            if isinstance(item, ManifestInvalid):
                if not str(item) or CONTROL.search(str(item)):
                    raise Violation(f"a message that cannot be shown: {str(item)!r}")
            else:
                json.dumps(item.body, allow_nan=False)
                parse_request(item.body, PROFILE.models)


def _manifest(dice: Dice) -> bytes:
    """A file of requests with nothing wrong, or nearly."""
    bodies = [broken_body(dice) if dice.likely(0.3) else body() for _ in range(dice.few(4))]
    way = dice.randrange(4)
    if way == 0:
        return mutations.as_json(bodies[0])
    if way == 1:
        return json.dumps(bodies, indent=dice.pick(None, 1), ensure_ascii=False).encode(
            "utf-8", "surrogatepass"
        )
    if way == 2:
        return b"\n".join(map(mutations.as_json, bodies))
    rows = [
        ",".join(FIELDS),
        *(",".join(str(item.get(name, "")) for name in FIELDS) for item in bodies),
    ]
    return dice.pick("\n", "\r\n", "\r").join(rows).encode("utf-8", "surrogatepass")


def _tokens(dice: Dice, kind: str) -> tuple[bytes, ...]:
    if dice.likely(0.1):
        return mutations.TOML_TOKENS
    return mutations.CSV_TOKENS if kind == "csv" else mutations.JSON_TOKENS


class Profiles(Target):
    """Profiles of users; one that is taken must serve every rule and format."""

    name = "profiles"
    share = 45

    def run(self, dice: Dice) -> None:
        text = built_in().encode()
        data = text if dice.likely(0.5) else _one_table(dice, text)
        data = mutations.mutated(dice, data, [], mutations.TOML_TOKENS)
        self.inputs["profile.toml"] = data
        file = self.folder / "profile.toml"
        file.write_bytes(data)
        try:
            profile = Profile.load(file)
        except ProfileInvalid:
            return
        measured = facts(dice) if dice.likely(0.5) else (video(), image())
        options = replace(OPTIONS, profile=profile)
        draft = parse_request(body(), profile.models)
        result = report_of(draft, *measured, options, label="a", now=NOW, measured_at=NOW)
        for name in ("text", "json", "markdown"):
            writer(name, profile=profile, style=Style()).report(result)
        for item in measured:
            fit = fits(item, profile=profile, now=NOW)
            probe_text(item, fit, profile, Style())
        estimate_cost(case().draft, video(), profile)


def _one_table(dice: Dice, data: bytes) -> bytes:
    """One table of a profile: what a user changes."""
    tables = data.split(b"\n\n")
    return dice.choice(tables) + b"\n" + (dice.choice(tables) if dice.likely(0.3) else b"")


class Configs(Target):
    """The settings file."""

    name = "config"
    share = 30

    def run(self, dice: Dice) -> None:
        usual = b'ffprobe = "ffprobe"\nmax_cost_per_request = 1.50\nmax_cost_per_day = 20\n'
        data = self.inputs["config.toml"] = mutations.mutated(
            dice, usual, [], mutations.TOML_TOKENS
        )
        folder = self.folder / "config" / "motion-preflight"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_bytes(data)
        with suppress(SettingsInvalid, FfprobeMissing):
            settings = load_settings(spending=dice.likely(0.5))
            for amount in (settings.max_cost_per_request, settings.max_cost_per_day):
                if amount is not None and not 0 <= amount <= 10**9:
                    raise Violation(f"a budget of {amount}")
            find_ffprobe(settings.ffprobe)
