"""A clip and a picture at a glance: what they are, whether they go together, what every model
costs, and the next command for each way.
"""

from __future__ import annotations

import os
import shlex
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from motion_preflight.formats.probe_text import FITS, medium_lines
from motion_preflight.formats.style import Span
from motion_preflight.formats.text_blocks import COLOURS, INDENT, money, row
from motion_preflight.media.facts import MediaFacts
from motion_preflight.report.findings import Verdict
from motion_preflight.text.locations import is_url, printable, redacted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from motion_preflight.formats.style import Style
    from motion_preflight.media.facts import Measured
    from motion_preflight.provider.profile import Profile
    from motion_preflight.suitability import CostOption, Suitability

_ALIKE = Fraction(1, 20)  # two shapes whose ratios differ by less than this part count as the same
_MODES: tuple[Literal["std", "pro"], ...] = ("std", "pro")
_CLIP, _PICTURE = "CLIP", "PICTURE"  # stand in a command for a medium that was not named


def overview_text(
    clip: tuple[Measured, Suitability] | None,
    picture: tuple[Measured, Suitability] | None,
    profile: Profile,
    style: Style,
) -> str:
    """The page about a clip, a picture, or both."""
    blocks = [medium_lines(*one, profile, style) for one in (clip, picture) if one is not None]
    if clip and picture:
        blocks.append(list(_pair(clip[0], picture[0], style)))
    if clip and clip[1].offers and set(clip[1].verdicts.values()) != {Verdict.FAIL}:
        blocks.append(list(_prices(clip[1].offers, profile, style)))
    blocks.append(list(_next(clip, picture, style)))
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _pair(clip: Measured, picture: Measured, style: Style) -> Iterator[str]:
    """Whether the shapes of both go together, as far as their sides tell."""
    shapes = [_shape(medium) for medium in (clip, picture)]
    if None in shapes:
        return
    one, other = (shape for shape in shapes if shape is not None)
    sides = f"the clip is {_words(one)}, the picture {_words(other)}"
    if abs(one - other) <= max(one, other) * _ALIKE:
        text = f"{sides}: the same shape"
    else:
        text = (
            f"{sides}: the shapes differ. A picture of the clip's shape, with as much of the "
            "person in it, leaves nothing to be guessed"
        )
    yield from row("pair", text, style)


def _shape(medium: Measured) -> Fraction | None:
    """Width by height as displayed; `None` when a side is not known."""
    video = medium.video if isinstance(medium, MediaFacts) else None
    return Fraction(video.width, video.height) if video and video.width and video.height else None


def _words(shape: Fraction) -> str:
    kind = "square" if abs(shape - 1) <= _ALIKE else "wide" if shape > 1 else "upright"
    near = shape.limit_denominator(21)
    return kind if kind == "square" else f"{kind} ({near.numerator}:{near.denominator})"


def _prices(offers: Sequence[CostOption], profile: Profile, style: Style) -> Iterator[str]:
    """A row for each model, a column for each mode."""
    amounts = {
        (offer.model, offer.mode): money(offer.amount, profile.currency)
        if offer.amount
        else "not known"
        for offer in offers
    }
    models = list(dict.fromkeys(offer.model for offer in offers))
    first = max(map(len, models))
    widths = {mode: max(len(amounts[model, mode]) for model in models) for mode in _MODES}
    table = first + 2 + sum(widths.values()) + 2 <= style.width - len(INDENT)
    if not table:  # a narrow terminal
        yield f"{INDENT}cost"
        for model in models:
            yield f"{INDENT}{model}"
            yield from (f"{INDENT * 2}{mode}  {amounts[model, mode]}" for mode in _MODES)
        return
    heads = "  ".join(f"{mode:<{widths[mode]}}" for mode in _MODES)
    yield f"{INDENT}{'cost':<{first}}  {heads}".rstrip()
    for model in models:
        cells = "  ".join(f"{amounts[model, mode]:<{widths[mode]}}" for mode in _MODES)
        yield f"{INDENT}{model:<{first}}  {cells}".rstrip()


def _next(
    clip: tuple[Measured, Suitability] | None,
    picture: tuple[Measured, Suitability] | None,
    style: Style,
) -> Iterator[str]:
    """The commands that lead on, on lines of their own so that they can be copied, also where they
    are broken.
    """
    image = _location(picture, _PICTURE)
    if clip is None:
        if picture and isinstance(picture[0], MediaFacts):
            yield f"{INDENT}next: name the clip, too"
            yield from _commands([["motion-preflight", _CLIP, image]], style)
        return
    video = _location(clip, _CLIP)
    offer = next(iter(clip[1].offers), None)
    for number, (orientation, verdict) in enumerate(clip[1].verdicts.items()):
        if number:
            yield ""
        spans = [
            Span(f'orientation "{orientation}" '),
            Span(FITS[verdict], (COLOURS[verdict], "bold")),
        ]
        if verdict is not Verdict.PASS:
            spans.append(Span(": what to do stands above"))
            yield from style.flow(spans, INDENT, INDENT)
        elif offer:
            yield from style.flow([*spans, Span("; next")], INDENT, INDENT)
            name = f"{orientation}.json"
            fields = ["--model", offer.model, "--mode", offer.mode, "--orientation", orientation]
            yield from _commands(
                [
                    ["motion-preflight", "new", name, "--video", video, "--image", image, *fields],
                    ["motion-preflight", "submit", name, "--dry-run"],
                ],
                style,
            )


def _commands(commands: Sequence[Sequence[str]], style: Style) -> Iterator[str]:
    """The commands, or why one cannot be shown."""
    for words in commands:
        line = shlex.join(words)
        if printable(line) == line:
            yield from style.command(line, INDENT * 2)
        else:  # a terminal or a shell would act on it
            yield f"{INDENT}(no command is shown, because of signs in a name: rename the file)"


def _location(medium: tuple[Measured, Suitability] | None, absent: str) -> str:
    """How a command names a medium. A link with a secret is not repeated."""
    location = medium[0].location if medium else None
    if location is None or (is_url(location) and redacted(location) != location):
        return absent
    return f".{os.sep}{location}" if location.startswith("-") else location
