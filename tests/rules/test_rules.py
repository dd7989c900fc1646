"""The engine: which rules there are, in which order they speak, and what never happens."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from builders import (
    IMAGE_URL,
    MISSING,
    NOW,
    OPTIONS,
    PROFILE,
    VIDEO_URL,
    body,
    case,
    image,
    seconds,
    unmeasured,
    video,
    with_stream,
)
from findings import mending, well_formed

from motion_preflight import rules
from motion_preflight.media.facts import Decoded, Durations, MediaFacts, Unmeasured, VideoStream
from motion_preflight.network.errors import Reason
from motion_preflight.network.transfer import Transfer
from motion_preflight.pipeline import check
from motion_preflight.report.findings import Authority, Finding, Level, Report, Verdict
from motion_preflight.request.parse import parse_request
from motion_preflight.rules import RULES, run_rules
from motion_preflight.rules.rule import RuleContext

IDS = [module.RULE.id for module in RULES]
SERIOUS = {Level.ERROR, Level.UNSURE}


def needing(*needs: str) -> set[str]:
    """The ids of the rules that need one of these."""
    return {module.RULE.id for module in RULES if set(module.RULE.needs) & set(needs)}


def stream(width: int | None, height: int | None) -> VideoStream:
    return VideoStream("h264", width, height, None, None)


LONG_AGO = "https://apimart-user.com/x.avi?Expires=1600000000&Signature=s"
BOT = f"https://api.telegram.org/file/bot123456789:{'AbCdEfG' * 5}/videos/clip.mp4"
CASES: dict[str, RuleContext] = {
    "passes": case(),
    "declared as any bytes": case(
        video=video(transfer=Transfer(1, 1, 206, "application/octet-stream", "", None))
    ),
    "the token of a bot in the path": case(video=video(location=BOT)),
    "an empty request": case(draft=parse_request({}, PROFILE.models)),
    "every field wrong": case(
        body(model=1, prompt=2, image_url="", video_url=None, mode="x", character_orientation=0)
    ),
    "unknown fields": case(body(seed=1, promt="x")),
    "paths": case(video=video(location="a.mov"), image=image(location="b.gif")),
    "a link with something around it": case(body(video_url=f" {VIDEO_URL}")),
    "a bot's link": case(video=video(location=f"https://a.co/file/bot12345678:{'aB3' * 11}/a")),
    "old links": case(video=video(location=LONG_AGO), image=image(location=LONG_AGO)),
    "private links": case(
        video=video(location="https://10.0.0.1/a"), image=image(location="ftp://a.example/b")
    ),
    "everything unknown": case(
        video=MediaFacts("a", None, None, None, None, "ffprobe"),
        image=MediaFacts("b", None, None, None, None, "ffprobe"),
    ),
    "streams of unknown sizes": case(
        video=video(video=stream(None, None), durations=Durations(), audio=None, size=None),
        image=image(video=stream(None, None)),
    ),
    "tiny": case(
        video=video(video=stream(1, 1), durations=seconds("0.000001"), size=1),
        image=image(video=stream(1, 1), size=1),
    ),
    "huge": case(
        video=video(video=stream(65535, 65535), durations=seconds("86400"), size=10**15),
        image=image(video=stream(65535, 1), size=10**15),
    ),
    "readings that differ": case(
        body(character_orientation="image"),
        video=video(durations=seconds("12", video="2", scan="40"), truncated=True, truncation="…"),
    ),
    "let through": case(video=video(durations=seconds("30.05")), tolerance=Decimal(1)),
    "just let through": case(video=video(durations=seconds("2.5")), tolerance=Decimal(1)),
    "other kinds": case(
        video=video(container="matroska", faststart=False),
        image=image(
            container="webp", truncated=True, truncation="its end is missing", transparent=True
        ),
    ),
    "locked": case(video=with_stream(encrypted=True)),
    "several tracks and a few frames": case(video=with_stream(tracks=3, frames=9, index=2)),
    "one frame of an unknown codec": case(
        video=replace(with_stream(frames=1, codec=None), undecodable="no reader knows its codec")
    ),
    "a scan that failed": case(video=video(unscanned="it took too long", clock_jump="it jumps")),
    "a scan that decoded a part": case(video=video(decoded=Decoded(200, 40))),
    "no video stream": case(video=video(video=None, audio=None)),
    "a long prompt": case(body(prompt="x" * 9999)),
    "no prompt": case(body(prompt=MISSING)),
    "a contradiction": case(
        video=video(contradiction="its header says 90,000 seconds", faststart=False)
    ),
    "a contradiction without a duration": case(
        video=video(contradiction="its header says 90,000 seconds", durations=Durations())
    ),
    "swapped media": case(
        video=unmeasured(Reason.UNREADABLE, "it is a PNG picture", container="png"),
        image=unmeasured(Reason.UNREADABLE, "it is mp4, not a picture", container="mp4"),
    ),
    "pages of well-known sites": case(
        video=unmeasured(Reason.TIMEOUT, location="https://youtu.be/1"),
        image=unmeasured(Reason.DENIED, location="https://drive.google.com/file/d/1/view"),
    ),
    "names with backticks": case(
        body(video_url="a`b.webm", image_url="a`b.webp"),
        video=video(container="webm", location="a`b.webm"),
        image=image(container="webp", location="a`b.webp"),
    ),
    "all of it wrong, and cut short": case(
        body(character_orientation="image"),
        video=video(
            container="3gp",
            contradiction="its header says 90,000 seconds",
            durations=seconds("12"),
            faststart=False,
            size=10**9,
            truncated=True,
            truncation="…",
            video=stream(300, 300),
        ),
    ),
    "all of it wrong": case(
        body(character_orientation="image"),
        video=video(
            container="3gp",
            contradiction="its header says 90,000 seconds",
            durations=seconds("12"),
            faststart=False,
            size=10**9,
            video=stream(300, 300),
        ),
        image=image(container="webp", video=stream(100, 100)),
    ),
    "an old price": case(now=NOW + dt.timedelta(days=999)),
} | {
    f"{medium}: {reason}": replace(case(), **{medium: unmeasured(reason)})  # type: ignore[arg-type]
    for medium in ("video", "image")
    for reason in Reason
}


def report(checked: RuleContext) -> Report:
    findings, skipped = run_rules(checked)
    return Report(
        "it",
        checked.draft.body,
        findings,
        skipped,
        checked.video,
        checked.image,
        None,
        OPTIONS,
        NOW,
        NOW,
    )


def finding(level: Level) -> Finding:
    return Finding("a-rule", level, None, "message", "remedy", Authority.APIMART, "source")


# --- the list -----------------------------------------------------------------------------


def test_every_rule_of_the_package_is_in_the_list_once() -> None:
    """A module is a rule when it declares one; what helps several rules declares none."""
    modules = [
        import_module(f"{rules.__name__}.{entry.name}") for entry in iter_modules(rules.__path__)
    ]
    declared = [module.RULE.id for module in modules if hasattr(module, "RULE")]
    assert sorted(IDS) == sorted(declared)
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("name", IDS)
def test_a_rule_has_its_page_and_its_tests(name: str) -> None:
    module = import_module(f"motion_preflight.rules.{name.replace('-', '_')}")
    assert module.RULE.id == name
    assert module.__doc__
    title, empty, *page = module.__doc__.split("\n")
    assert title
    assert not title.endswith(".")
    assert not empty
    assert "\n".join(page).strip().endswith(".")
    assert (Path(__file__).parent / f"test_{name.replace('-', '_')}.py").is_file()


@pytest.mark.parametrize("module", RULES, ids=IDS)
def test_who_says_so_fits_where_it_is_from(module: Any) -> None:
    """A rule of a provider's cites its page; an inferred one says why."""
    cited = {Authority.APIMART: "motion-control-page", Authority.KLING: "kling-page"}
    expected = cited.get(module.RULE.authority)
    if expected:
        assert module.RULE.source == expected
        assert str(PROFILE.sources[expected].as_of) in module.RULE.cited(PROFILE)
    else:
        assert module.RULE.source not in PROFILE.sources
        assert module.RULE.cited(PROFILE) == module.RULE.source


# --- what holds of every case -------------------------------------------------------------


def test_the_builders_make_a_case_in_which_every_rule_is_silent() -> None:
    assert run_rules(case()) == ((), ())


@pytest.mark.parametrize("checked", CASES.values(), ids=CASES)
def test_every_finding_is_well_formed_and_no_rule_speaks_above_its_level(
    checked: RuleContext,
) -> None:
    modules = {module.RULE.id: module for module in RULES}
    for rule in run_rules(checked)[0]:
        well_formed(modules[rule.rule], rule)


@pytest.mark.parametrize("checked", CASES.values(), ids=CASES)
def test_findings_and_skipped_rules_stand_in_the_order_of_the_list(checked: RuleContext) -> None:
    findings, skipped = run_rules(checked)
    for ids in ([item.rule for item in findings], [item.rule for item in skipped]):
        assert ids == sorted(ids, key=IDS.index)


@pytest.mark.parametrize("checked", CASES.values(), ids=CASES)
def test_a_skipped_rule_says_why_and_nothing_else(checked: RuleContext) -> None:
    findings, skipped = run_rules(checked)
    assert all(item.because for item in skipped)
    assert not {item.rule for item in skipped} & {item.rule for item in findings}


@pytest.mark.parametrize("checked", CASES.values(), ids=CASES)
def test_no_rule_says_the_same_twice(checked: RuleContext) -> None:
    findings = run_rules(checked)[0]
    assert len(findings) == len(set(findings))


@pytest.mark.parametrize("checked", CASES.values(), ids=CASES)
def test_one_command_mends_everything_about_a_medium(checked: RuleContext) -> None:
    findings = run_rules(checked)[0]
    for field in ("video_url", "image_url"):
        assert len(mending(findings, field)) <= 1


@pytest.mark.parametrize("checked", CASES.values(), ids=CASES)
def test_a_clip_that_is_cut_short_gets_no_command(checked: RuleContext) -> None:
    if isinstance(checked.video, MediaFacts) and checked.video.truncated:
        assert mending(run_rules(checked)[0], "video_url") == set()


def test_check_is_the_same_engine() -> None:
    short = video(durations=seconds("2.9"))
    findings = check(body(), short, image(), profile=PROFILE, now=NOW)
    assert findings == run_rules(case(video=short))[0]


OLD: dict[str, Any] = {"profile": PROFILE, "now": NOW + dt.timedelta(days=999)}


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        pytest.param({}, ["price-outdated"], id="the profile's price"),
        pytest.param({"price": Decimal("0.1")}, [], id="a price of one's own is not old"),
        pytest.param({"price": Decimal(0)}, [], id="a price of nothing is one"),
        pytest.param({"price": 1}, [], id="an integer"),
        pytest.param({"price": None}, ["price-outdated"], id="none"),
    ],
)
def test_check_takes_a_price(options: dict[str, Any], rules: list[str]) -> None:
    findings = check(body(), video(), image(), **OLD, **options)
    assert [item.rule for item in findings] == rules


@pytest.mark.parametrize(
    ("tolerance", "level"),
    [(Decimal(0), Level.ERROR), (0, Level.ERROR), (Decimal("0.1"), Level.NOTE), (1, Level.NOTE)],
    ids=["no tolerance", "integer 0", "a tenth", "integer 1"],
)
def test_check_takes_a_tolerance(tolerance: Any, level: Level) -> None:
    short = video(durations=seconds("2.9"))
    findings = check(body(), short, image(), profile=PROFILE, now=NOW, tolerance=tolerance)
    assert [item.level for item in findings] == [level]


# --- silence means checked and fine -------------------------------------------------------


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("field", ["video_url", "image_url"])
def test_each_reason_is_spoken_for_by_exactly_one_finding(field: str, reason: Reason) -> None:
    name = field.removesuffix("_url")
    values = reason is not Reason.NOT_GIVEN
    location = {"video_url": VIDEO_URL, "image_url": IMAGE_URL}[field] if values else None
    failed = Unmeasured(location, reason, "why it failed")
    checked = case(body(**({} if values else {field: MISSING})), **{name: failed})
    serious = [rule for rule in run_rules(checked)[0] if rule.level in SERIOUS]
    assert [seriou.field for seriou in serious] == [field]
    assert report(checked).verdict is not Verdict.PASS


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("name", ["video", "image"])
def test_an_unmeasured_medium_never_passes_whatever_the_rules_say(
    name: str, reason: Reason
) -> None:
    media: dict[str, Any] = {"video": video(), "image": image()} | {name: unmeasured(reason)}
    silent = Report("it", {}, (), (), media["video"], media["image"], None, OPTIONS, NOW, NOW)
    assert silent.verdict is Verdict.UNSURE


@pytest.mark.parametrize("reason", Reason)
def test_the_rules_of_an_unmeasured_video_are_skipped_with_the_reason(reason: Reason) -> None:
    failed = unmeasured(reason, "the host did not answer in time", size=5_000_000)
    skipped = {rule.rule: rule.because for rule in run_rules(case(video=failed))[1]}
    assert set(skipped) == needing("video", "video stream", "duration")
    for because in skipped.values():
        assert because == "the video was not measured: the host did not answer in time"


@pytest.mark.parametrize(
    "medium",
    [
        pytest.param(unmeasured(Reason.TIMEOUT), id="not measured"),
        pytest.param(video(size=None), id="measured all the same"),
    ],
)
def test_a_size_that_is_not_known_skips_the_rule_of_it(medium: object) -> None:
    skipped = {rule.rule: rule.because for rule in run_rules(case(video=medium))[1]}
    assert skipped.get("video-too-large") == "the size of the video is not known"


@pytest.mark.parametrize("reason", Reason)
def test_the_rules_of_an_unmeasured_image_are_skipped_with_the_reason(reason: Reason) -> None:
    failed = unmeasured(reason, "there is no such file")
    skipped = {rule.rule: rule.because for rule in run_rules(case(image=failed))[1]}
    assert set(skipped) == needing("image", "image size")
    assert skipped.pop("image-too-large") == "the size of the image is not known"
    assert set(skipped.values()) == {"the image was not measured: there is no such file"}


@pytest.mark.parametrize(
    ("checked", "skipped", "because"),
    [
        pytest.param(
            case(video=video(video=None)),
            needing("video stream"),
            "the video has no video stream",
            id="no video stream",
        ),
        pytest.param(
            case(video=video(durations=seconds(None, audio="8"))),
            needing("duration"),
            "no duration could be read from the video",
            id="no duration",
        ),
        pytest.param(
            case(body(character_orientation="left")),
            needing("orientation"),
            "character_orientation is not known",
            id="no orientation",
        ),
    ],
)
def test_a_rule_that_lacks_one_thing_says_which(
    checked: RuleContext, skipped: set[str], because: str
) -> None:
    result = run_rules(checked)[1]
    assert {item.rule for item in result} == skipped
    assert {item.because for item in result} == {because}


# --- the verdict --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "verdict", "strict"),
    [
        ([], Verdict.PASS, Verdict.PASS),
        ([Level.NOTE], Verdict.PASS, Verdict.PASS),
        ([Level.WARNING], Verdict.PASS, Verdict.FAIL),
        ([Level.UNSURE], Verdict.UNSURE, Verdict.UNSURE),
        ([Level.ERROR], Verdict.FAIL, Verdict.FAIL),
        ([Level.NOTE, Level.WARNING, Level.UNSURE], Verdict.UNSURE, Verdict.FAIL),
        ([Level.UNSURE, Level.ERROR], Verdict.FAIL, Verdict.FAIL),
    ],
    ids=lambda value: "+".join(value) or "none" if isinstance(value, list) else str(value),
)
def test_the_verdict_follows_from_the_worst_level(
    levels: list[Level], verdict: Verdict, strict: Verdict
) -> None:
    findings = tuple(finding(level) for level in levels)
    for is_strict, expected in ((False, verdict), (True, strict)):
        answer = Report(
            "it",
            {},
            findings,
            (),
            video(),
            image(),
            None,
            replace(OPTIONS, strict=is_strict),
            NOW,
            NOW,
        )
        assert answer.verdict is expected
        assert answer.findings == findings  # strictness changes no level


def test_an_error_fails_though_a_medium_was_not_measured() -> None:
    answer = Report(
        "it",
        {},
        (finding(Level.ERROR),),
        (),
        unmeasured(Reason.TIMEOUT),
        image(),
        None,
        OPTIONS,
        NOW,
        NOW,
    )
    assert answer.verdict is Verdict.FAIL


def test_levels_weigh_from_note_to_error() -> None:
    weights = [Level.NOTE, Level.WARNING, Level.UNSURE, Level.ERROR]
    assert sorted(Level, key=lambda level: level.weight) == weights


@pytest.mark.parametrize("module", RULES, ids=IDS)
def test_a_rule_that_would_speak_above_its_level_is_stopped(module: Any) -> None:
    above = [level for level in Level if level.weight > module.RULE.level.weight]
    for level in above:
        with pytest.raises(AssertionError, match="speaks above its level"):
            module.RULE.finding(case(), level, None, "message", "remedy")
