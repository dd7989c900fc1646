"""The page: what stands on it, that no text of others becomes markup, and how large it gets."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import (
    body,
    duration_profile,
    finding,
    image,
    intent,
    report,
    reports,
    seconds,
    unmeasured,
    video,
    with_content,
)
from hypothesis import given
from hypothesis import strategies as st
from odd_texts import HOSTILE
from pages import Page

from motion_preflight.formats import page as package
from motion_preflight.formats.html import Html
from motion_preflight.formats.page.scale import Window, film_of, gauge_of
from motion_preflight.media.content import Content, Stretch
from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.filmstrip import Filmstrip
from motion_preflight.network.errors import Reason
from motion_preflight.provider.state import State
from motion_preflight.report.findings import Level, Report, Skipped
from motion_preflight.report.totals import totals
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.text.locations import printable

JPEG = b"\xff\xd8\xff\xd9"
TEXTS = st.text(st.characters()) | st.sampled_from(HOSTILE)
TEMPLATES = sorted(Path(str(package.__file__)).parent.glob("*.[hcj][tsS]*"))


def strip(number: int = 12, *, step: str | None = "0.5", mark: int = 0) -> Filmstrip:
    frames = tuple(JPEG + bytes([mark, index]) for index in range(number))
    return Filmstrip(frames, 90, 160, None if step is None else Decimal(step))


def filmed(mark: int = 0, **facts: Any) -> MediaFacts:
    return video(filmstrip=strip(mark=mark), **facts)


def written(
    built: list[Report], *mistakes: str, budget: str | None = None, most: int = 2000
) -> str:
    max_cost = None if budget is None else Decimal(budget)
    writer = Html("USD", max_cost, most)
    parts = [writer.begin(), *map(writer.report, built)]
    parts += [writer.invalid_entry(ManifestInvalid(mistake)) for mistake in mistakes]
    assert set(parts) == {""}
    return writer.end(totals(built, max_cost))


def test_a_page_has_the_answer_on_top_and_a_card_for_each_request() -> None:
    page = Page(written(reports(), "many.jsonl:3: not JSON: x", budget="5"))
    assert page.texts[:3] == ["3 requests: 1 fail, 1 unsure – motion-preflight",
                              "To the requests", "motion-preflight"]  # fmt: skip
    assert page.verdicts == ["pass", "fail", "unsure"]
    assert page.values("data-name") == ["dance.json", "list.json[2]", "many.jsonl:17"]
    expected = {"many.jsonl:3: not JSON: x", "video-duration-above-maximum"}
    assert expected <= set(page.texts)
    assert any("of a budget of USD 5.00" in text for text in page.texts)


def test_nothing_can_be_fetched_or_run_but_what_the_page_brings() -> None:
    """`Page` has compared the hashes of the script and of the style."""
    policy = Page(written(reports())).policy
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy
    assert policy.endswith("base-uri 'none'; form-action 'none'")


def test_no_template_takes_escaping_off() -> None:
    assert len(TEMPLATES) == 5
    for template in TEMPLATES:
        text = template.read_text("utf-8")
        assert not re.search(r"\|\s*safe|autoescape|Markup|[{]%-?\s*macro", text), template
    sources = Path(str(package.__file__)).parent.glob("*.py")
    assert not [file for file in sources if "Markup" in file.read_text("utf-8")]


def everywhere(text: str) -> tuple[list[Report], str]:
    """A report with this text at every place where somebody else's stands, as a page."""
    missing = Filmstrip(missing=text)
    clip = video(
        location=text, probed_by=text, container=text, unwatched=text, filmstrip=missing
    )  # fmt: skip
    command = re.sub("[` ]", "", text) or "x"  # another number of words is another one of spans
    spoken = finding(rule="video-cuts", message=text, remedy=command, source=text)
    note = finding(Level.NOTE, message=text, remedy=f"run `x{command}x` then")
    request = body(model=text, prompt=text, mode=text, character_orientation=text, more={"x": text})
    one = report(request, label=text, findings=[spoken, note], video=clip)
    one = replace(one, skipped=(Skipped("video-cuts", text),))
    other = report(label="other", video=unmeasured(Reason.MISSING, text), image=image())
    writer = Html("USD", Decimal(1))
    sent = intent(
        state=State.FAILED, error=text, label=text, task_id=text, files=(text,), cost=Decimal(1)
    )
    writer.report(one, sent)
    writer.report(other)
    writer.failure(text, text)
    writer.invalid_entry(ManifestInvalid(text))
    return [one, other], writer.end(totals([one, other], Decimal(1)))


PLAIN = Page(everywhere("plain")[1])


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_a_text_wherever_it_stands(text: str) -> None:
    page = Page(everywhere(text)[1])
    assert page.tags == PLAIN.tags
    assert [item[:2] for item in page.attributes] == [item[:2] for item in PLAIN.attributes]


@given(TEXTS.filter(lambda text: text.strip() != ""))
def test_no_text_becomes_markup(text: str) -> None:
    built = report(body(prompt=text), findings=[finding(message=f"a{text}z", remedy=text)])
    page = Page(written([built]))
    shown = "\n".join(printable(line) for line in f"a{text}z"[:1900].split("\n"))
    assert any(shown.rstrip("z") in seen for seen in page.texts)


def test_what_would_drive_a_reader_is_not_in_the_page() -> None:
    for text in HOSTILE:
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]",
                             everywhere(text)[1])  # fmt: skip


def test_a_body_of_any_size_takes_bounded_room() -> None:
    wide = body(**{f"field {number}": "x" for number in range(500)})
    long = body(**{f"field {number}": "a word, a word; " * 499 for number in range(9)})
    deep = body(prompt=[[["x"]]] * 10_000)
    texts = [Page(written([report(request)])).texts for request in (wide, long, deep)]
    assert "and 447 more fields" in texts[0]
    assert any(re.fullmatch("and [0-9]+ more fields", text) for text in texts[1])
    assert all(len(text) <= 2100 for seen in texts for text in seen)


def test_a_link_shows_no_secret() -> None:
    url = "https://user:hunter2@example.com/clip.mp4?token=hunter3#hunter4"
    built = report(body(video_url=url), video=video(location=url), label=url)
    assert "hunter" not in written([built])


def test_a_remedy_shows_its_command_apart_so_that_it_can_be_copied() -> None:
    remedy = "to cut it, run `motion-preflight fix 'a b.mp4' --for image`; or use another"
    page = Page(written([report(findings=[finding(remedy=remedy)])]))
    assert page.commands == ["motion-preflight fix 'a b.mp4' --for image"]
    at = page.texts.index("copy")
    assert page.texts[at - 1 : at + 2] == ["to cut it, run", "copy", "or use another"]
    page = Page(written([report(findings=[finding(remedy="a lone ` is a sign")])]))
    assert "a lone ` is a sign" in page.texts


def test_a_clip_of_several_requests_is_in_the_page_once() -> None:
    built = [report(label=str(number), video=filmed(number % 2)) for number in range(6)]
    page = Page(written(built))
    assert page.tags.count("image") == 24
    assert page.tags.count("use") == 6 * (1 + 12 + 6)


def test_two_hundred_cards_have_pictures_and_the_others_their_gauge() -> None:
    built = [report(label=str(number), video=filmed()) for number in range(203)]
    page = Page(written(built))
    classes = page.values("class")
    assert (classes.count("film"), classes.count("gauge")) == (200, 203)


def test_of_more_requests_than_a_page_shows_those_that_pass_are_left_out() -> None:
    failing = [report(label=f"bad {n}", findings=[finding()]) for n in range(4)]
    passing = [report(label=f"good {n}") for n in range(8)]
    page = Page(written([*passing[:6], *failing, *passing[6:]], most=5))
    assert page.values("data-name") == ["good 0", "bad 0", "bad 1", "bad 2", "bad 3"]
    assert "7 more requests are not shown: the formats json and csv have them all." in page.texts
    page = Page(written([*failing, *failing], most=5))
    assert len(page.values("data-name")) == 5


def test_a_first_picture_alone_is_a_thumbnail() -> None:
    alone = strip(1, step=None)._replace(missing="the rest of it was not fetched for pictures")
    page = Page(written([report(video=video(filmstrip=alone))]))
    assert page.values("class").count("thumb") == 1
    assert "film" not in page.values("class")
    assert "More pictures: the rest of it was not fetched for pictures." in page.texts


def test_without_pictures_the_card_says_why_and_has_the_gauge() -> None:
    page = Page(written([report(video=video(filmstrip=Filmstrip(missing="it is encrypted")))]))
    assert "gauge" in page.values("class")
    assert "No pictures: it is encrypted." in page.texts


def test_a_budget_is_not_rounded_to_seem_kept() -> None:
    built = [report(label=str(number)) for number in range(3)]
    cost = totals(built, None).amount.high
    kept = written(built, budget=str(round(cost, 2)))
    over = cost > round(cost, 2)
    assert ("Over budget:" in kept) == over
    assert "Over budget:" in written(built, budget="0.01")
    assert "Over budget:" in written(built, budget="0")


def test_a_receipt_stands_in_its_card() -> None:
    writer = Html()
    sent = intent(state=State.COMPLETED, cost=Decimal("0.45696"), task_id="task-1")
    built = report()
    writer.report(built, sent)
    page = Page(writer.end(totals([built], None)))
    assert {"completed, task task-1", "billed: USD 0.45696"} <= set(page.texts)


def test_an_interrupted_run_and_what_ended_it_are_said() -> None:
    writer = Html()
    writer.failure("no usable ffprobe")
    page = Page(writer.end(replace(totals([], None), interrupted=True)))
    assert {"no request", "no usable ffprobe", "interrupted; 0 requests are reported"} <= set(
        page.texts
    )


# --- the drawings -------------------------------------------------------------------------

TEN = Window(Decimal(3), Decimal(10))


def dots(**ways: str) -> list[tuple[str, str, float, bool]]:
    gauge = gauge_of(seconds(**ways), TEN)
    assert gauge is not None
    return [
        (reading.text, reading.side, float(str(reading.x).rstrip("%")), reading.beyond)
        for reading in gauge.readings
        if reading.x
    ]


def test_every_reading_is_on_its_side_of_the_limits_however_near() -> None:
    gauge = gauge_of(seconds(header="10", video="10.001"), TEN)
    assert gauge is not None
    assert gauge.window is not None
    right = float(gauge.window.x.rstrip("%")) + float(gauge.window.width.rstrip("%"))
    (_, first, left, _), (_, second, beyond, _) = dots(header="10", video="10.001")
    assert (first, second) == ("inside", "outside")
    assert left < right < beyond <= 100


def test_readings_that_look_the_same_are_one_dot_and_a_far_one_points_away() -> None:
    assert len(dots(header="8.1", video="8.1001", samples="8.1003")) == 1
    ((_, side, place, beyond),) = dots(header="300")
    assert (side, round(place, 1), beyond) == ("outside", 98.8, True)
    assert dots(header="0.001")[0][1] == "outside"


def test_without_limits_the_readings_are_listed() -> None:
    gauge = gauge_of(seconds(header="8", audio="7.9"), None)
    assert gauge is not None
    assert gauge.window is None
    assert [reading.ways for reading in gauge.readings] == ["header", "audio, not judged"]
    assert gauge_of(seconds(), TEN) is None


@pytest.mark.parametrize(
    ("step", "excess", "missing"), [("1", True, False), ("0.6", False, False), ("0.2", False, True)]
)
def test_the_window_is_drawn_over_the_pictures(step: str, excess: bool, missing: bool) -> None:  # noqa: FBT001
    film = film_of(strip(step=step), TEN, None)
    assert film is not None
    assert ((film.excess is not None), (film.missing is not None)) == (excess, missing)
    assert film.window is not None
    assert (len(film.frames), len(film.few)) == (12, 6)
    wide = sum(float(frame.width.rstrip("%")) for frame in film.frames)
    assert wide <= 100.1
    assert wide == pytest.approx(sum(float(frame.width.rstrip("%")) for frame in film.few), abs=0.1)


def test_cuts_and_what_is_black_or_frozen_lie_on_the_strip() -> None:
    parts = [(0, 2), (2, 4), (5, 6)]
    shots = tuple(Stretch(Decimal(start), Decimal(end)) for start, end in parts)
    black, frozen = (Stretch(Decimal(4), Decimal(5)),), (Stretch(Decimal(1), Decimal(2)),)
    film = film_of(strip(), None, Content(shots, black, frozen, Decimal(6)))
    assert film is not None
    assert [(cut.x, cut.text) for cut in film.cuts] == [
        ("33.33%", "cut at 2.000 s"),
        ("83.33%", "cut at 5.000 s"),
    ]
    assert [(part.x, part.width, part.text) for part in film.black] == [
        ("66.67%", "16.67%", "4 to 5 s")
    ]
    assert [part.x for part in film.frozen] == ["16.67%"]
    shown = Page(written([report(video=replace(with_content(shots="0-3 3-8"), filmstrip=strip()))]))
    assert "cut at 3.000 s" in shown.texts


@given(
    st.integers(1, 12),
    st.decimals("0.001", "90000", places=3),
    st.decimals("0.001", "86400", places=6),
    st.sampled_from([TEN, Window(Decimal(1), Decimal(1)), Window(Decimal(1), Decimal(80_000))]),
)
def test_a_drawing_is_never_off_the_paper(
    number: int, step: Decimal, length: Decimal, window: Window
) -> None:
    film = film_of(strip(number, step=str(step)), window, None)
    gauge = gauge_of(seconds(str(length)), window)
    assert film is not None
    assert gauge is not None
    places = [frame.x for frame in film.frames] + [tick.x for tick in film.ticks]
    places += [reading.x for reading in gauge.readings if reading.x]
    assert all(0 <= float(place.rstrip("%")) <= 100 for place in places)


def test_a_profile_without_both_ends_draws_no_window() -> None:
    built = report(profile=duration_profile(maximum=10))
    assert "gauge" not in Page(written([built])).values("class")
