"""The page of `--format html` in a real browser: what is seen, what the keyboard does, what it asks
for, at the width of a phone and of a screen.
"""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from browser import MISSING, PROGRAM, Browser
from builders import body
from odd_texts import HOSTILE
from paths import MEDIA
from PIL import Image

from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(PROGRAM is None, reason=MISSING)
SHOWN = "[...document.querySelectorAll('article:not([hidden])')].map(card => card.dataset.name)"
WIDTH = "document.documentElement.scrollWidth"
FOCUS = "document.activeElement.id || document.activeElement.textContent"
OPEN_ALL = "for (const details of document.querySelectorAll('details')) details.open = true"
ATTACK = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of requests that pass, fail and are unsure, with hostile texts among them."""
    folder = tmp_path_factory.mktemp("page")
    media = {"image_url": str(MEDIA / "image.png")}
    clips = ["clip-8s.mp4", "clip-30.1s.mp4", "live.webm", "clip-2.9s.mp4", "clip-8s.mp4"]
    requests = [body(video_url=str(MEDIA / clip), **media) for clip in clips]
    requests += [body(video_url=f"{'a' * 400}.mp4", prompt=ATTACK, model=ATTACK, **media)]
    requests += [body(video_url=text, prompt=text, mode=text, **media) for text in HOSTILE[:8]]
    (folder / f"{ATTACK.replace('/', '')}.json").write_text(json.dumps(requests), "utf-8")
    command = [
        sys.executable,
        "-m",
        "motion_preflight",
        "check",
        f"./{ATTACK.replace('/', '')}.json",
    ]
    subprocess.run(
        [*command, "--content", "--max-cost", "1", "--format", "html=page.html"],
        cwd=folder, check=False, capture_output=True, timeout=120,
    )  # fmt: skip
    return folder / "page.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as running:
        yield running


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 800, 1280])
def test_a_page_fits_every_screen_asks_for_nothing_and_has_nothing_to_complain_about(
    browser: Browser, page: Path, width: int, *, dark: bool
) -> None:
    browser.open(page, width=width, dark=dark)
    assert browser.evaluate(WIDTH) == width
    browser.evaluate(OPEN_ALL)
    assert browser.evaluate(WIDTH) == width
    picture = Image.open(BytesIO(browser.screenshot())).convert("L")
    assert (picture.crop((0, 0, 4, 4)).tobytes()[0] < 60) == dark
    assert browser.messages == []
    assert [url for url in browser.asked if not url.startswith("data:")] == [page.as_uri()]


def test_the_pictures_of_a_clip_are_seen(browser: Browser, page: Path) -> None:
    browser.open(page)
    for name in ("thumb", "film"):
        box = browser.evaluate(
            f"(() => {{ const one = document.querySelector('svg.{name}'); one.scrollIntoView();"
            "const box = one.getBoundingClientRect();"
            "return [box.left, box.top + 25, box.left + 40, box.top + 65] })()"
        )
        seen = Image.open(BytesIO(browser.screenshot())).convert("RGB").crop(tuple(box))
        colours = seen.getcolors(maxcolors=10_000)
        assert colours is not None
        assert len(colours) > 50


def test_a_page_of_hostile_texts_runs_none_of_them(browser: Browser, page: Path) -> None:
    browser.open(page)
    assert browser.messages == []
    assert (
        browser.evaluate("document.querySelectorAll('img, iframe, object, a:not(.skip)').length")
        == 0
    )
    assert browser.evaluate("document.scripts.length") == 1
    seen = browser.evaluate("document.body.textContent")
    assert ATTACK in seen
    for text in HOSTILE[:8]:
        assert "\n".join(map(printable, text.split("\n"))).strip() in seen


def test_what_got_into_the_page_all_the_same_could_neither_run_nor_load(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    browser.evaluate(
        "const parts = [['script', 'window.ran = 1'], ['style', 'body {display: none}']];"
        "for (const [name, text] of parts)"
        "{ const one = document.createElement(name); one.textContent = text;"
        "document.body.append(one) }"
        "const image = document.createElement('img'); image.src = 'http://127.0.0.1:9/x.png';"
        "document.body.append(image); document.body.setAttribute('onclick', 'window.ran = 2');"
        "document.body.click()"
    )
    assert browser.evaluate("window.ran === undefined")
    assert browser.evaluate("getComputedStyle(document.body).display") == "block"
    assert sum("Content Security Policy" in message for message in browser.messages) >= 3


def test_requests_are_filtered_and_sorted_by_the_keyboard_alone(
    browser: Browser, page: Path
) -> None:
    browser.open(page)
    everything = browser.evaluate(SHOWN)
    assert len(everything) == 14
    browser.press("Tab")
    assert browser.evaluate("document.activeElement.className") == "skip"
    browser.press("/")
    assert browser.evaluate(FOCUS) == "find"
    browser.write("below-minimum")
    (short,) = browser.evaluate(SHOWN)
    assert short == everything[3]
    assert browser.evaluate("document.getElementById('shown').textContent") == "1 of 14 requests"
    browser.press("Escape")
    assert browser.evaluate(SHOWN) == everything
    browser.press("Tab", "Tab")
    assert browser.evaluate(FOCUS) == "fail"
    browser.press("Enter")
    failing = browser.evaluate(SHOWN)
    assert everything[1] in failing
    assert everything[0] not in failing
    browser.press("Tab", "Tab", "Tab")
    assert browser.evaluate(FOCUS) == "sort"
    browser.press("ArrowDown", "ArrowDown")
    assert browser.evaluate("document.getElementById('sort').value") == "amount"
    assert browser.evaluate(SHOWN)[0] == everything[1]


def test_what_is_folded_opens_by_the_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    browser.evaluate("document.querySelector('article summary').focus()")
    browser.press("Enter")
    assert browser.evaluate("document.querySelector('article details').open")


def test_a_command_is_copied_by_the_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page)
    command = browser.evaluate("document.querySelector('.error .command code').textContent")
    assert command.startswith("motion-preflight fix ")
    browser.evaluate("document.querySelector('.error button.copy').focus()")
    browser.press("Enter")
    browser.evaluate("new Promise(done => setTimeout(done, 100))")
    assert browser.evaluate("document.activeElement.textContent") == "copied"
    browser.evaluate("document.getElementById('find').focus()")
    assert browser.paste() == command


def test_without_its_script_a_page_shows_everything_and_no_button(
    browser: Browser, page: Path
) -> None:
    browser.open(page, script=False)
    assert len(browser.evaluate(SHOWN)) == 14
    visible = "[...document.querySelectorAll('button')].filter(one => one.offsetParent).length"
    assert browser.evaluate(visible) == 0


def test_on_paper_nothing_is_folded_and_no_button_is_left(browser: Browser, page: Path) -> None:
    browser.open(page, media="print", script=False)
    height = "document.querySelector('article details dl').getBoundingClientRect().height"
    assert browser.evaluate(height) > 0
    assert browser.evaluate("getComputedStyle(document.body).colorScheme").startswith("light")
    browser.open(page, media="print")
    visible = "[...document.querySelectorAll('button')].filter(one => one.offsetParent).length"
    assert browser.evaluate(visible) == 0
