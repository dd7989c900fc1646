"""What a user wants of a repair."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypedDict, get_args

from motion_preflight.text.lazy_dataclass import dataclass, replace
from motion_preflight.text.option_values import ensure_choice, ensure_decimal, ensure_flag

if TYPE_CHECKING:
    from motion_preflight.media.content import Stretch

Orientation = Literal["image", "video"]


class FixKeywords(TypedDict, total=False):
    """The fields of `FixOptions` as keywords of a call."""

    orientation: Orientation | None
    start: Decimal
    seconds: Decimal | None
    best_shot: bool
    slow: bool
    mute: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FixOptions:
    """What a user wants of a repair.

    orientation  the `character_orientation` that the result must fit; `None`: the one that suits
    start        seconds after the first frame where the result begins
    seconds      the length of the result; `None`: as much as is allowed
    best_shot    take the longest uninterrupted shot instead of the beginning
    slow         slow a clip down that is a little too short
    mute         leave the sound out

    Raises `TypeError` and `ValueError` for values that cannot be meant.
    """

    orientation: Orientation | None = None
    start: Decimal = Decimal(0)
    seconds: Decimal | None = None
    best_shot: bool = False
    slow: bool = False
    mute: bool = False

    def __post_init__(self) -> None:
        ensure_choice("orientation", self.orientation, get_args(Orientation))
        ensure_decimal("start", self.start)
        if self.start < 0:
            raise ValueError("start must be 0 seconds or more")
        if self.seconds is not None:  # of a shot that ends before the start they may be below 0
            ensure_decimal("seconds", self.seconds)
        for name in ("best_shot", "slow", "mute"):
            ensure_flag(name, getattr(self, name))

    @property
    def changes_content(self) -> bool:
        """Whether the user wants another clip even where nothing is wrong with this one."""
        cut = bool(self.start) or self.seconds is not None or self.best_shot
        return cut or self.slow or self.mute


def in_shot(wish: FixOptions, shot: Stretch) -> FixOptions:
    """The same wish for the seconds of one shot: `start` counts from its first frame, and nothing
    behind its end is shown.
    """
    start = shot.start + wish.start
    return replace(wish, start=start, seconds=min(wish.seconds or shot.end, shot.end - start))
