"""What a clip is good for: a verdict for each orientation, a cost for each model and mode."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from builders import NOW, PROFILE, image, profile, seconds, unmeasured, video
from findings import command

from motion_preflight.media.facts import Durations, Measured, Unmeasured, VideoStream
from motion_preflight.network.errors import Reason
from motion_preflight.provider.profile import ModelEntry, Price, Profile
from motion_preflight.report.findings import Level, Verdict
from motion_preflight.suitability import Suitability, fits
from motion_preflight.text.numbers import AmountRange

PASS, FAIL, UNSURE = Verdict.PASS, Verdict.FAIL, Verdict.UNSURE


def good_for(
    with_profile: Profile = PROFILE, price: str | None = None, **facts: Any
) -> Suitability:
    own = None if price is None else Decimal(price)
    return fits(video(**facts), profile=with_profile, now=NOW, price=own)


@pytest.mark.parametrize(
    ("durations", "image", "orientation_video"),
    [
        pytest.param(seconds("2.999999"), FAIL, FAIL, id="too short"),
        pytest.param(seconds("3"), PASS, PASS, id="the shortest"),
        pytest.param(seconds("10"), PASS, PASS, id="the longest for image"),
        pytest.param(seconds("10.000001"), FAIL, PASS, id="for video only"),
        pytest.param(seconds("30"), FAIL, PASS, id="the longest for video"),
        pytest.param(seconds("30.000001"), FAIL, FAIL, id="too long"),
        pytest.param(seconds("12", video="9.9"), UNSURE, PASS, id="readings that differ"),
        pytest.param(seconds("40", video="20"), FAIL, UNSURE, id="readings far apart"),
        pytest.param(Durations(), UNSURE, UNSURE, id="no duration"),
    ],
)
def test_the_verdict_of_each_orientation(
    durations: Durations, image: Verdict, orientation_video: Verdict
) -> None:
    verdicts = good_for(durations=durations).verdicts
    assert verdicts == {"image": image, "video": orientation_video}


@pytest.mark.parametrize(
    ("facts", "verdict", "rule"),
    [
        ({"size": 10**9}, FAIL, "video-too-large"),
        ({"size": 100_000_000}, UNSURE, "video-too-large"),
        ({"video": None}, FAIL, "video-stream-missing"),
        ({"truncated": True, "truncation": "…"}, UNSURE, "video-truncated"),
        ({"container": "webm"}, PASS, "video-container"),
        ({"location": "clip.mov"}, PASS, "media-extension-misleading"),
        ({"video": VideoStream("h264", 300, 300, 0, None)}, PASS, "video-dimensions"),
        ({"faststart": False}, PASS, "video-not-faststart"),
    ],
)
def test_what_is_wrong_with_the_clip_is_said_once_for_both_orientations(
    facts: dict[str, Any], verdict: Verdict, rule: str
) -> None:
    result = good_for(**facts)
    assert result.verdicts == {"image": verdict, "video": verdict}
    assert [finding.rule for finding in result.findings].count(rule) == 1


def test_a_limit_of_both_orientations_is_said_for_each() -> None:
    rules = [
        (finding.rule, finding.message) for finding in good_for(durations=seconds("31")).findings
    ]
    assert [rule for rule, _ in rules] == ["video-duration-above-maximum"] * 2
    assert '"image" allows 3 to 10 s' in rules[0][1]
    assert '"video" allows 3 to 30 s' in rules[1][1]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({}, id="a good clip"),
        pytest.param({"location": "clip.mp4"}, id="a local clip is not to be published yet"),
        pytest.param({"audio": None}, id="the sound is not asked about"),
        pytest.param({"location": "https://10.0.0.7/clip.mp4"}, id="it was fetched already"),
    ],
)
def test_nothing_is_said_of_a_request_that_was_not_made(facts: dict[str, Any]) -> None:
    result = good_for(**facts)
    assert result.findings == ()
    assert set(result.verdicts.values()) == {PASS}


def test_a_clip_that_is_too_short_is_so_once_for_both_orientations() -> None:
    (finding,) = good_for(durations=seconds("2.9")).findings
    assert finding.rule == "video-duration-below-minimum"
    assert '"video" allows 3 to 30 s' in finding.message
    assert command(finding.remedy)[2:] == ["clip.mp4", "--for", "video", "--slow"]


def test_of_what_is_wrong_for_both_the_command_that_cuts_less_is_kept() -> None:
    small = VideoStream("h264", 300, 300, 0, None)
    findings = good_for(durations=seconds("12"), video=small).findings
    commands = {item.rule: command(item.remedy) for item in findings}
    assert commands["video-duration-above-maximum"][-1] == "image"
    assert commands["video-dimensions"][-1] == "video"


# --- other media --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("medium", "rules"),
    [
        pytest.param(image(), [], id="a good picture"),
        pytest.param(image(location="face.png"), [], id="a local one is not to be published yet"),
        pytest.param(
            image(container="webp", location="a.webp"), [("image-format", Level.WARNING)], id="webp"
        ),
        pytest.param(
            image(video=VideoStream("png", 299, 299, 0, None)),
            [("image-dimensions", Level.WARNING)],
            id="a small one",
        ),
        pytest.param(
            image(truncated=True, truncation="…"), [("image-unreadable", Level.UNSURE)], id="cut"
        ),
        pytest.param(
            unmeasured(Reason.UNSUPPORTED, container="heic", location="a.heic"),
            [("image-unreadable", Level.UNSURE)],
            id="heic",
        ),
        pytest.param(
            unmeasured(Reason.TOO_LARGE, container="png", location="a.png", size=60_000_000),
            [("image-unreadable", Level.UNSURE), ("image-too-large", Level.WARNING)],
            id="a picture too large to be read",
        ),
    ],
)
def test_a_picture_gets_findings_and_neither_verdicts_nor_offers(
    medium: Measured, rules: list[tuple[str, Level]]
) -> None:
    result = fits(medium, profile=PROFILE, now=NOW)
    assert [(finding.rule, finding.level) for finding in result.findings] == rules
    assert {finding.field for finding in result.findings} <= {"image_url"}
    assert result.verdicts == {}
    assert result.offers == ()


@pytest.mark.parametrize(
    ("medium", "rule", "level"),
    [
        (unmeasured(Reason.MISSING, location="clip.mp4"), "media-unreachable", Level.ERROR),
        (unmeasured(Reason.TIMEOUT), "media-unreachable", Level.UNSURE),
        (unmeasured(Reason.NOT_DIRECT), "link-not-direct", Level.ERROR),
        (unmeasured(Reason.UNREADABLE, container="pdf"), "video-unreadable", Level.ERROR),
        (unmeasured(Reason.UNSUPPORTED), "video-unreadable", Level.UNSURE),
        (unmeasured(Reason.TOO_LARGE), "video-too-large", Level.ERROR),
        (
            unmeasured(Reason.NOT_PUBLIC, location="ftp://a.example/b"),
            "url-not-public",
            Level.ERROR,
        ),
    ],
    ids=lambda value: value.reason.name.lower() if isinstance(value, Unmeasured) else "",
)
def test_what_was_not_measured_gets_findings_and_neither_verdicts_nor_offers(
    medium: Measured, rule: str, level: Level
) -> None:
    result = fits(medium, profile=PROFILE, now=NOW)
    assert [(finding.rule, finding.level, finding.field) for finding in result.findings] == [
        (rule, level, "video_url")
    ]
    assert result.verdicts == {}
    assert result.offers == ()


# --- costs --------------------------------------------------------------------------------


def test_the_costs_of_every_model_and_mode_the_cheapest_first() -> None:
    offers = good_for().offers
    assert [(offer.model, offer.mode, offer.amount) for offer in offers] == [
        (model, mode, AmountRange(Decimal(amount), Decimal(amount)))
        for model, mode, amount in (
            ("kling-v2-6-motion-control", "std", "0.45696"),
            ("kling-v2-6-motion-control", "pro", "0.73152"),
            ("kling-v3-motion-control", "std", "0.82304"),
            ("kling-v3-motion-control", "pro", "1.09696"),
        )
    ]


def test_the_order_is_that_of_the_amounts_and_not_of_the_profile() -> None:
    dear = PROFILE.models["kling-v3-motion-control"]
    cheap = PROFILE.models["kling-v2-6-motion-control"]
    free = ModelEntry({"std": Price(Decimal(0), "price-page")})
    models = {"unknown": ModelEntry(), "dear": dear, "cheap": cheap, "free": free}
    offers = good_for(replace(PROFILE, models=models)).offers
    assert [(offer.model, offer.mode) for offer in offers] == [
        ("free", "std"),
        ("cheap", "std"),
        ("cheap", "pro"),
        ("dear", "std"),
        ("dear", "pro"),
        ("unknown", "std"),
        ("unknown", "pro"),
        ("free", "pro"),
    ]


def test_the_users_own_price_is_that_of_every_offer() -> None:
    amounts = {offer.amount for offer in good_for(price="0.5").offers}
    assert amounts == {AmountRange(Decimal(4), Decimal(4))}


def test_a_model_without_a_price_is_offered_without_an_amount() -> None:
    offers = good_for(replace(PROFILE, models={"new-model": ModelEntry()})).offers
    assert [(offer.model, offer.mode, offer.amount) for offer in offers] == [
        ("new-model", "std", None),
        ("new-model", "pro", None),
    ]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"durations": Durations()}, id="no duration"),
        pytest.param({"video": None}, id="no video stream: nothing of it can be billed"),
    ],
)
def test_what_cannot_be_billed_has_no_amount(facts: dict[str, Any]) -> None:
    assert {offer.amount for offer in good_for(**facts).offers} == {None}


def test_a_profile_without_models_offers_nothing() -> None:
    result = good_for(replace(PROFILE, models={}))
    assert result.offers == ()
    assert set(result.verdicts.values()) == {PASS}


def test_the_limits_are_those_of_the_profile() -> None:
    small = profile(video_size={"below": 1_000_000})
    assert set(good_for(small).verdicts.values()) == {FAIL}


V26, V3 = "kling-v2-6-motion-control", "kling-v3-motion-control"


def with_longer_clips(image: int, video: int = 30) -> Profile:
    """A profile in which one model allows more seconds than the other."""
    common = PROFILE.limits.video_duration
    durations = replace(
        common,
        image=replace(common.image, maximum={"": Decimal(image)}),
        video=replace(common.video, maximum={"": Decimal(video)}),
    )
    own = replace(PROFILE.models[V3], limits=replace(PROFILE.limits, video_duration=durations))
    return replace(PROFILE, models=PROFILE.models | {V3: own})


def test_each_model_is_judged_by_its_own_limits() -> None:
    result = good_for(with_longer_clips(image=15), durations=seconds("12"))
    assert result.verdicts == {"image": UNSURE, "video": PASS}
    assert {offer.model: offer.verdicts for offer in result.offers} == {
        V26: {"image": FAIL, "video": PASS},
        V3: {"image": PASS, "video": PASS},
    }
    (finding,) = result.findings
    assert finding.rule == "video-duration-above-maximum"
    assert finding.message.startswith(f"with {V26}: ")


def test_what_is_wrong_for_all_models_is_said_once() -> None:
    result = good_for(with_longer_clips(image=15), container="webm", size=10**9)
    assert result.verdicts == {"image": FAIL, "video": FAIL}
    rules = [finding.rule for finding in result.findings]
    assert {"video-container", "video-too-large"} <= set(rules)
    assert len(rules) == len(set(rules))
    assert not any(finding.message.startswith("with ") for finding in result.findings)


def test_a_picture_is_judged_by_the_limits_of_each_model() -> None:
    common = PROFILE.limits
    small = replace(common, image_side=replace(common.image_side, minimum={"": Decimal(900)}))
    models = PROFILE.models | {V3: replace(PROFILE.models[V3], limits=small)}
    result = fits(image(), profile=replace(PROFILE, models=models), now=NOW)
    (finding,) = result.findings
    assert finding.rule == "image-dimensions"
    assert finding.message.startswith(f"with {V3}: ")


@pytest.mark.parametrize(
    ("location", "message", "remedy"),
    [
        ("www.host-of-clips.com/clip.mp4", "the location is a link without its scheme",
         'write "https://www.host-of-clips.com/clip.mp4"'),
        ('"https://host-of-clips.com/a.mp4?k=secret"', "the location is a link in quotes",
         'write "https://host-of-clips.com/a.mp4?k=…"'),
        ("blob:https://a.com/1", 'the location is a "blob:" link, which lives in one browser',
         "publish the file, and put its direct link there"),
        ("https://a.co/a.mp4,https://a.co/b.mp4", "the location holds 2 links, and takes one",
         "name each by itself"),
    ],
)  # fmt: skip
def test_a_location_that_is_no_link_is_one_finding_that_names_no_field(
    location: str, message: str, remedy: str
) -> None:
    missing = unmeasured(Reason.MISSING, "there is no such file", location=location)
    (finding,) = fits(missing, profile=PROFILE, now=NOW).findings
    assert finding.message.startswith(message)
    assert finding.remedy == remedy


@pytest.mark.parametrize("medium", [video, image])
def test_a_file_that_is_called_like_a_link_is_a_file(medium: Any) -> None:
    read = medium(location="www.host-of-clips.com/clip")
    assert fits(read, profile=PROFILE, now=NOW).findings == ()
