"""A wrong or missing field is an error; a near miss is named and everything else still checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from builders import MISSING, body, case
from findings import findings_of, single

from motion_preflight.report.findings import Level
from motion_preflight.request.parse import parse_request
from motion_preflight.rules import request_invalid
from motion_preflight.rules.rule import RuleContext

MODELS = ("kling-v3-motion-control", "kling-v2-6-motion-control")
OPTIONS = {
    "model": "--model",
    "image_url": "--image",
    "video_url": "--video",
    "character_orientation": "--orientation",
    "mode": "--mode",
    "prompt": "--prompt",
}

if TYPE_CHECKING:
    from collections.abc import Callable


def todo(verb: str, field: str) -> str:
    """The remedy for a field that nothing near stands for; some have an option of the program."""
    option = f" (on the command line: {OPTIONS[field]})" if field in OPTIONS else ""
    return f"{verb} {field} in the request{option}"


def written(**fields: Any) -> RuleContext:
    return case(body(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="every field"),
        pytest.param({"prompt": MISSING}, id="no prompt"),
        pytest.param({"keep_original_sound": MISSING}, id="no sound"),
        pytest.param({"keep_original_sound": "no"}, id="sound no"),
        pytest.param({"model": "kling-v3-motion-control"}, id="the other model"),
        pytest.param({"character_orientation": "image"}, id="orientation image"),
        pytest.param({"mode": "pro"}, id="mode pro"),
        pytest.param({"watermark_info": {"enabled": False}}, id="watermark off"),
        pytest.param({"seed": 3}, id="an unknown field is another rule's"),
        pytest.param({"prompt": ""}, id="an empty prompt is another rule's"),
    ],
)
def test_what_the_page_allows_is_silent(fields: dict[str, Any]) -> None:
    assert findings_of(request_invalid, written(**fields)) == []


@pytest.mark.parametrize(
    ("field", "allowed"),
    [
        ("model", ""),
        ("image_url", ""),
        ("video_url", ""),
        ("character_orientation", '"image", "video"'),
        ("mode", '"std", "pro"'),
    ],
)
def test_a_missing_required_field_is_an_error_that_says_what_is_allowed(
    field: str, allowed: str
) -> None:
    finding = single(findings_of(request_invalid, written(**{field: MISSING})))
    assert (finding.level, finding.field) == (Level.ERROR, field)
    assert finding.message.startswith(f"{field} is missing")
    assert allowed in finding.message
    assert finding.remedy == todo("add", field)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("videourl", "video_url"),
        ("video-url", "video_url"),
        ("video", "video_url"),
        ("Image_URL", "image_url"),
        ("image", "image_url"),
        ("orientation", "character_orientation"),
        ("characterOrientation", "character_orientation"),
        ("Mode", "mode"),
        ("model_name", "model"),
    ],
)
def test_a_field_under_another_name_is_to_be_written_as_it_is(name: str, field: str) -> None:
    renamed = written(**{field: MISSING, name: body()[field]})
    finding = single(findings_of(request_invalid, renamed))
    assert (finding.level, finding.field) == (Level.ERROR, field)
    assert finding.message.startswith(f"{field} is missing")
    assert finding.remedy == f'write "{field}" in place of "{name}"'


def test_a_wrong_field_beside_another_name_of_it_is_to_be_corrected() -> None:
    both = written(video_url="", videourl="https://apimart-user.com/clip.mp4")
    assert single(findings_of(request_invalid, both)).remedy == todo("correct", "video_url")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("video`url", "video'url", id="a backtick would end a command"),
        pytest.param("video\x1burl", "video\ufffdurl", id="a control character"),
        pytest.param("video" + "_" * 99 + "url", "video" + "_" * 55, id="a long one is cut"),
    ],
)
def test_the_other_name_cannot_drive_a_terminal_or_fill_it(name: str, shown: str) -> None:
    renamed = written(**{"video_url": MISSING, name: "https://apimart-user.com/clip.mp4"})
    finding = single(findings_of(request_invalid, renamed))
    assert finding.remedy == f'write "video_url" in place of "{shown}"'


@pytest.mark.parametrize(
    ("field", "value", "shown", "near"),
    [
        pytest.param("mode", "standard", '"standard"', "std", id="a synonym"),
        pytest.param("mode", "PRO", '"PRO"', "pro", id="capitals"),
        pytest.param("mode", "ｐｒｏ", '"ｐｒｏ"', "pro", id="wide letters"),
        pytest.param(
            "model",
            "kling–v2‑6–motion‑control",
            '"kling–v2‑6–motion‑control"',
            MODELS[1],
            id="dashes of a word processor",
        ),
        pytest.param("mode", " std ", '"std"', "std", id="white space"),
        pytest.param("mode", "professional", '"professional"', "pro", id="the long word"),
        pytest.param("mode", "4k", '"4k"', None, id="another provider's word"),
        pytest.param("mode", "", '""', None, id="an empty word"),
        pytest.param("mode", True, "true (a boolean)", None, id="a boolean that means nothing"),
        pytest.param("mode", 1, "1 (a number)", None, id="a number"),
        pytest.param("mode", None, "null", None, id="null"),
        pytest.param("mode", ["std"], "a list", None, id="a list"),
        pytest.param("mode", {"is": "std"}, "an object", None, id="an object"),
        pytest.param("keep_original_sound", True, "true (a boolean)", "yes", id="boolean yes"),
        pytest.param("keep_original_sound", False, "false (a boolean)", "no", id="boolean no"),
        pytest.param("keep_original_sound", "on", '"on"', "yes", id="on"),
        pytest.param("keep_original_sound", "False", '"False"', "no", id="false in words"),
        pytest.param("keep_original_sound", None, "null", None, id="sound null"),
        pytest.param("character_orientation", "Video", '"Video"', "video", id="orientation"),
        pytest.param("character_orientation", "photo", '"photo"', "image", id="a photo"),
        pytest.param("character_orientation", "left", '"left"', None, id="another orientation"),
        pytest.param(
            "model",
            "kling-v2.6-motion-control",
            '"kling-v2.6-motion-control"',
            "kling-v2-6-motion-control",
            id="a model with a dot",
        ),
        pytest.param("model", "sora-2", '"sora-2"', None, id="an unknown model"),
        pytest.param("model", "x" * 90, f'"{"x" * 80}…"', None, id="a long value is cut"),
    ],
)
def test_a_wrong_word_is_shown_with_what_is_allowed_and_what_was_probably_meant(
    field: str, value: object, shown: str, near: str | None
) -> None:
    finding = single(findings_of(request_invalid, written(**{field: value})))
    assert (finding.level, finding.field) == (Level.ERROR, field)
    assert f"{field} is {shown}" in finding.message
    assert "allowed: " in finding.message
    if near:
        assert f'"{near}"' in finding.message
        assert finding.remedy == (
            f'write "{near}" (the other rules were checked as if it were there)'
        )
    else:
        words = " or ".join(finding.message.partition("allowed: ")[2].split(", "))
        assert finding.remedy == f"write {words}"


@pytest.mark.parametrize("model", ["sora-2", "", " ", MISSING, 3, None])
def test_a_wrong_model_is_answered_with_every_model_of_the_profile(model: object) -> None:
    finding = single(findings_of(request_invalid, written(model=model)))
    assert finding.field == "model"
    assert all(f'"{model}"' in finding.message for model in MODELS)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("prompt", None, "prompt is null; it must be text"),
        ("image_url", "", "image_url is empty"),
        ("video_url", " \t\n", "video_url is empty"),
    ],
)
def test_a_wrong_type_is_an_error_that_says_the_right_one(
    field: str, value: object, message: str
) -> None:
    finding = single(findings_of(request_invalid, written(**{field: value})))
    assert (finding.level, finding.field) == (Level.ERROR, field)
    assert finding.message.startswith(message)
    assert finding.remedy == todo("correct", field)


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (True, 'write {"enabled": true}'),
        (False, 'write {"enabled": false}'),
        ("maybe", 'write {"enabled": true} or {"enabled": false}; in a CSV, true or false'),
        (None, 'write {"enabled": true} or {"enabled": false}; in a CSV, true or false'),
    ],
)
def test_a_watermark_that_is_no_object_is_told_what_to_write_in_json_and_in_csv(
    value: object, remedy: str
) -> None:
    finding = single(findings_of(request_invalid, written(watermark_info=value)))
    assert (finding.level, finding.field) == (Level.ERROR, "watermark_info")
    assert '; it must be an object like {"enabled": false}' in finding.message
    assert finding.remedy == remedy


@pytest.mark.parametrize(
    ("name", "model"),
    [("v3", MODELS[0]), ("V3", MODELS[0]), ("3", MODELS[0]), ("3.0", MODELS[0]),
     ("v2.6", MODELS[1]), ("2.6", MODELS[1]), ("v2-6", MODELS[1])],
)  # fmt: skip
def test_a_version_alone_is_the_one_model_that_has_it(name: str, model: str) -> None:
    finding = single(findings_of(request_invalid, written(model=name)))
    assert finding.remedy.startswith(f'write "{model}" (the other rules')


@pytest.mark.parametrize(
    "name", ["kling-v9", "kling-v9-motion-control", "v9", "v1.6", "kling-v2-1"]
)
def test_a_version_that_no_model_has_is_not_said_to_fit(name: str) -> None:
    finding = single(findings_of(request_invalid, written(model=name)))
    assert finding.remedy.startswith(f'write "{MODELS[1]}" or "{MODELS[0]}": no model here is of ')
    assert "fits" not in finding.remedy


def test_a_version_beside_the_name_of_a_model_is_a_part_of_it() -> None:
    finding = single(findings_of(request_invalid, written(model="kling", version="2.6")))
    assert finding.remedy.startswith(f'write "{MODELS[1]}" (its version is a part of its name; ')
    finding = single(findings_of(request_invalid, written(model="kling", version="9")))
    assert f'"{MODELS[0]}"' in finding.remedy


@pytest.mark.parametrize(
    ("field", "name", "value", "remedy"),
    [
        ("image_url", "input_urls", ["https://a.co/me.png"],
         ('write "image_url": "https://a.co/me.png" in place of "input_urls" (image_url takes '
         "the link itself, as text)")),
        ("video_url", "video_urls", [{"url": "https://a.co/c.mp4?k=secret"}],
         ('write "video_url": "https://a.co/c.mp4?k=…" in place of "video_urls" (video_url takes '
         "the link itself, as text)")),
        ("video_url", "video_urls", ["https://a.co/a.mp4", "https://a.co/b.mp4"],
         ('write "video_url" in place of "video_urls"; video_url takes one link as text: make a '
         "request of each")),
        ("character_orientation", "motion_direction", "video_direction",
         ('write "character_orientation": "video" in place of "motion_direction": '
         '"video_direction"')),
        ("character_orientation", "motion_direction", "image",
         'write "character_orientation" in place of "motion_direction"'),
        ("mode", "resolution", "720p", 'write "mode": "std" in place of "resolution": "720p"'),
        ("model", "model_name", "kling-v2-6",
         f'write "model": "{MODELS[1]}" in place of "model_name": "kling-v2-6"'),
    ],
)  # fmt: skip
def test_the_error_itself_says_what_to_write_for_another_sellers_field(
    field: str, name: str, value: object, remedy: str
) -> None:
    finding = single(findings_of(request_invalid, written(**{field: MISSING, name: value})))
    assert (finding.level, finding.field) == (Level.ERROR, field)
    assert finding.message.startswith(f"{field} is missing")
    assert finding.remedy == remedy


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("she\0dances", "prompt holds a NUL character (U+0000)"),
        ("she dances \ud83d", "prompt holds half of a character (U+D83D)"),
        ("\udc83 she dances", "prompt holds half of a character (U+DC83)"),
    ],
)
def test_a_prompt_that_no_text_can_be_is_an_error(prompt: str, message: str) -> None:
    finding = single(findings_of(request_invalid, written(prompt=prompt)))
    assert (finding.level, finding.field) == (Level.ERROR, "prompt")
    assert finding.message == f"{message}, which text cannot hold"
    assert finding.remedy == "take it out, or write the whole character"


@pytest.mark.parametrize("prompt", ["\U0001f483", "a\tb\nc", "\u202eabc", "\u200d", "\x1b[31m"])
def test_a_prompt_of_other_characters_is_taken(prompt: str) -> None:
    assert findings_of(request_invalid, written(prompt=prompt)) == []


@pytest.mark.parametrize("value", ["false", 0, None])
def test_a_watermark_switch_is_a_boolean(value: object) -> None:
    finding = single(findings_of(request_invalid, written(watermark_info={"enabled": value})))
    assert finding.field == "watermark_info.enabled"
    assert finding.message.endswith("; allowed: true, false")
    assert finding.remedy == todo("correct", "watermark_info.enabled")


def test_a_watermark_without_its_switch_is_an_error() -> None:
    finding = single(findings_of(request_invalid, written(watermark_info={})))
    assert finding.message == "watermark_info.enabled is missing; allowed: true, false"
    assert finding.remedy == todo("add", "watermark_info.enabled")


def test_every_wrong_field_is_reported_at_once() -> None:
    result = findings_of(
        request_invalid,
        written(model=MISSING, mode="fast", keep_original_sound=True, image_url=""),
    )
    assert {item.field for item in result} == {"model", "mode", "keep_original_sound", "image_url"}


def test_an_empty_request_names_every_required_field() -> None:
    result = findings_of(request_invalid, case(draft=parse_request({}, MODELS)))
    assert [item.field for item in result] == [
        "model",
        "image_url",
        "video_url",
        "character_orientation",
        "mode",
    ]


def test_secrets_in_a_wrong_value_are_not_shown() -> None:
    finding = single(
        findings_of(request_invalid, written(model="https://apimart-user.com/?token=secret"))
    )
    assert "secret" not in finding.message


@pytest.mark.parametrize(
    ("name", "model", "says"),
    [
        ("kling-v3", "kling-v3-motion-control", "a model for text or pictures"),
        ("kling-v2-6", "kling-v2-6-motion-control", "a model for text or pictures"),
        ("kling/v2.6-motion-control", "kling-v2-6-motion-control", ""),
        ("kling-2.6/motion-control", "kling-v2-6-motion-control", ""),
        ("kling-3.0/motion-control", "kling-v3-motion-control", ""),
        (
            "fal-ai/kling-video/v2.6/standard/motion-control",
            "kling-v2-6-motion-control",
            'its quality goes into mode: "std"',
        ),
        (
            "fal-ai/kling-video/v3/pro/motion-control",
            "kling-v3-motion-control",
            'its quality goes into mode: "pro"',
        ),
    ],
)
def test_another_sellers_name_of_a_model_is_told_which_one_it_is(
    name: str, model: str, says: str
) -> None:
    finding = single(findings_of(request_invalid, written(model=name)))
    assert finding.remedy.startswith(f'write "{model}" (')
    assert says in finding.remedy


@pytest.mark.parametrize(
    "name", ["kling", "kling-motion-control", "motion-control", "kling-v2-1-master", "kling-v2"]
)
def test_where_two_models_are_meant_both_are_named(name: str) -> None:
    finding = single(findings_of(request_invalid, written(model=name)))
    assert all(f'"{model}"' in finding.remedy for model in MODELS)
    assert "prices differ" in finding.remedy


@pytest.mark.parametrize(
    ("word", "mode"), [("720p", "std"), ("1080p", "pro"), (720, "std"), ("1080P", "pro")]
)
def test_lines_of_a_picture_are_the_mode_of_elsewhere(word: object, mode: str) -> None:
    finding = single(findings_of(request_invalid, written(mode=word)))
    assert finding.remedy.startswith(f'write "{mode}" (elsewhere "{mode}" is called')


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("video_orientation", 'write "video"'),
        ("match the image", 'write "image"'),
        ("reference_video", 'write "video"'),
        ("portrait", "it is not the shape of the picture"),
        ("16:9", "it is not the shape of the picture"),
    ],
)
def test_other_words_of_an_orientation_are_explained(word: str, remedy: str) -> None:
    finding = single(findings_of(request_invalid, written(character_orientation=word)))
    assert finding.remedy.startswith(remedy)


@pytest.mark.parametrize("field", ["image_url", "video_url"])
@pytest.mark.parametrize(
    "shape", [lambda link: [link], lambda link: {"url": link}, lambda link: [{"url": link}]]
)
def test_a_link_in_a_list_or_an_object_is_taken_out_of_it_and_its_secret_not_shown(
    field: str, shape: Callable[[str], object]
) -> None:
    finding = single(
        findings_of(request_invalid, written(**{field: shape("https://cdn.net/a?k=secret")}))
    )
    assert finding.remedy.startswith('write "https://cdn.net/a?k=…" (')
    assert f"{field} takes the link itself" in finding.remedy


def test_several_links_are_several_requests() -> None:
    finding = single(
        findings_of(request_invalid, written(image_url=["https://a.net/1", "https://a.net/2"]))
    )
    assert finding.remedy == "image_url takes one link as text: make a request of each"
