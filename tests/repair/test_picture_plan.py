"""What has to change about a picture, by its traits and the limits alone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from builders import PROFILE
from hypothesis import given
from hypothesis import strategies as st

from motion_preflight.provider.limits import Allowed, Limit, Limits
from motion_preflight.repair.errors import CannotFix
from motion_preflight.repair.picture_plan import PictureTraits, plan_picture

LIMITS = PROFILE.limits
SIDES = st.integers(1, 70_000)


def traits(**changes: Any) -> PictureTraits:
    """A photo with which nothing is wrong."""
    usual = PictureTraits(
        kind="jpeg", size=2_000_000, width=1200, height=1600, orientation=1, mode="RGB", bits=8,
        alpha=False, several=False, profile=None, ending="jpg", most_pixels=64_000_000,
        shrinks=True,
    )  # fmt: skip
    return replace(usual, **changes)


def png(**changes: Any) -> PictureTraits:
    return traits(**{"kind": "png", "ending": "png", "shrinks": False} | changes)


def limits(**changes: Any) -> Limits:
    return replace(LIMITS, **changes)


def bound(low: str | None, high: str | None) -> Limit:
    return Limit(
        "kling-page",
        {"": Decimal(low)} if low else None,
        {"": Decimal(high)} if high else None,
    )


@pytest.mark.parametrize("fine", [traits(), png(), traits(mode="L"), traits(ending=""),
                                  traits(ending="jpeg"), traits(ending="backup")])  # fmt: skip
def test_nothing_changes_about_a_picture_that_meets_every_limit(fine: PictureTraits) -> None:
    plan = plan_picture(fine, LIMITS)
    assert (plan.changes, plan.repaint, plan.kind) == ((), False, fine.kind)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"orientation": 6}, "a tag turns or mirrors it (orientation 6)"),
        ({"mode": "CMYK"}, "it has the colours of print (CMYK)"),
        ({"mode": "LAB"}, "it has the colours LAB"),
        ({"profile": "Display P3"}, "its colours follow the profile Display P3"),
        ({"width": 200, "height": 300}, "it is 200x300 pixels, and each side must be 300 at least"),
        (
            {"width": 35_000, "height": 70_000, "most_pixels": 10**10},
            "and each side must be 65,536 at most: scaled down to 32768x65536",
        ),
    ],
)
def test_pixels_change_where_a_program_may_see_others(changes: dict[str, Any], words: str) -> None:
    plan = plan_picture(traits(**changes), LIMITS)
    assert plan.repaint
    assert words in plan.changes[0]
    assert len(plan.changes) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"alpha": True, "mode": "RGBA"}, "it can be transparent: laid on white"),
        ({"alpha": True, "mode": "LA"}, "it can be transparent: laid on white"),
        ({"mode": "P"}, "its colours stand in a palette: saved as RGB"),
        ({"mode": "1", "bits": 1}, "its samples have 1 bit: saved with 8 bits"),
        ({"mode": "I;16", "bits": 16}, "its samples have 16 bits: saved with 8 bits"),
        ({"bits": 16}, "its samples have 16 bits: saved with 8 bits"),
    ],
)
def test_a_png_becomes_rgb_or_grey_of_8_bits(changes: dict[str, Any], words: str) -> None:
    plan = plan_picture(png(**changes), LIMITS)
    assert plan.changes == (words,)
    assert (plan.kind, plan.repaint) == ("png", True)


@pytest.mark.parametrize(
    ("kind", "written"),
    [("heic", "jpeg"), ("avif", "jpeg"), ("webp", "jpeg"), ("gif", "png"), ("bmp", "png"),
     ("tiff", "png")],
)  # fmt: skip
def test_a_kind_without_loss_stays_so(kind: str, written: str) -> None:
    plan = plan_picture(traits(kind=kind, ending=kind, shrinks=False), LIMITS)
    assert plan.kind == written
    assert plan.changes[0].startswith(f"it is {kind}; allowed are jpeg and png: saved as")


@pytest.mark.parametrize("changes", [{"ending": "png"}, {"ending": "mkv"}, {"size": 10_000_001}])
def test_picture_data_are_kept_where_only_the_file_is_wrong(changes: dict[str, Any]) -> None:
    plan = plan_picture(traits(**changes), LIMITS)
    assert len(plan.changes) == 1
    assert not plan.repaint


def test_only_a_png_keeps_its_data_where_it_has_several_frames() -> None:
    assert not plan_picture(png(several=True), LIMITS).repaint
    plan = plan_picture(traits(kind="gif", several=True, shrinks=False), LIMITS)
    assert plan.changes[1] == "it has several frames or pages: the first one is kept"


def test_the_smallest_reading_of_a_size_counts() -> None:
    assert plan_picture(traits(size=10_000_000), LIMITS).changes == ()
    changes = plan_picture(traits(size=10_000_001), LIMITS).changes
    assert changes == ("it has 10,000,001 bytes; allowed are 10,000,000 bytes: saved smaller",)
    small = limits(upload_size=bound(None, "5000"))
    assert plan_picture(traits(), small).most_bytes == 5000
    none = limits(upload_size=bound(None, None), image_size=bound(None, None))
    assert plan_picture(traits(size=10**12), none).changes == ()


@pytest.mark.parametrize(("width", "height"), [(901, 300), (300, 1000), (2501, 1000), (1, 3)])
def test_a_shape_is_never_changed(width: int, height: int) -> None:
    with pytest.raises(CannotFix, match=r"allowed are 0\.4 to 2\.5: crop it"):
        plan_picture(traits(width=width, height=height), LIMITS)


def test_samples_of_an_unknown_scale_are_refused() -> None:
    with pytest.raises(CannotFix, match="nothing says how bright its brightest samples are"):
        plan_picture(traits(kind="tiff", mode="F", bits=None), LIMITS)


def test_a_shape_that_has_no_allowed_size_is_refused() -> None:
    tight = limits(image_side=bound("300", "400"))
    with pytest.raises(CannotFix, match="which its shape does not have at any size"):
        plan_picture(traits(width=200, height=400), tight)


@given(SIDES, SIDES)
def test_every_result_is_within_the_limits_of_sides_and_shape(width: int, height: int) -> None:
    picture = traits(width=width, height=height, most_pixels=10**10)
    if not 0.4 * height <= width <= 2.5 * height:
        with pytest.raises(CannotFix):
            plan_picture(picture, LIMITS)
        return
    plan = plan_picture(picture, LIMITS)
    assert min(plan.width, plan.height) >= 300
    assert max(plan.width, plan.height) <= 65_536
    assert 2 * plan.height <= 5 * plan.width
    assert 2 * plan.width <= 5 * plan.height
    within = min(width, height) >= 300 and max(width, height) <= 65_536
    assert ((plan.width, plan.height) == (width, height)) == within


def test_a_picture_is_scaled_up_no_further_than_the_limit_asks() -> None:
    plan = plan_picture(traits(width=298, height=745), LIMITS)
    assert (plan.width, plan.height) == (300, 750)
    assert "adds no detail; a larger original would be better" in plan.changes[0]


def test_a_large_jpeg_is_decoded_smaller() -> None:
    large = traits(width=12_000, height=9_000, size=30_000_000)
    plan = plan_picture(large, LIMITS)
    assert (plan.width, plan.height, plan.reduction, plan.repaint) == (6000, 4500, 2, True)
    assert plan.changes[0] == (
        "it is 12000x9000 pixels, and at most 64,000,000 in all are mended here: scaled down to "
        "6000x4500"
    )
    assert plan_picture(replace(large, size=3_000_000), LIMITS).changes == ()


def test_another_picture_that_is_too_large_is_refused() -> None:
    with pytest.raises(CannotFix, match="the picture has 108,000,000 pixels; pictures of at most"):
        plan_picture(png(width=12_000, height=9_000, alpha=True), LIMITS)


@pytest.mark.parametrize(
    ("allowed", "kind", "written", "others"),
    [
        (("jpeg",), "png", "jpeg", ()),
        (("png",), "heic", "png", ()),
        (("webp", "png"), "jpeg", "png", ()),
        (("jpeg", "png"), "bmp", "png", ("jpeg",)),
        (("jpeg", "png"), "heic", "jpeg", ()),
    ],
)
def test_only_allowed_kinds_are_written(
    allowed: tuple[str, ...], kind: str, written: str, others: tuple[str, ...]
) -> None:
    own = limits(image_container=Allowed(allowed, "kling-page"))
    plan = plan_picture(traits(kind=kind, shrinks=False), own)
    assert (plan.kind, plan.others) == (written, others)


def test_a_kind_that_cannot_be_written_is_refused() -> None:
    own = limits(image_container=Allowed(("webp",), "kling-page"))
    with pytest.raises(CannotFix, match="allowed are webp; written here are JPEG and PNG"):
        plan_picture(traits(), own)
    own = limits(image_container=Allowed(("jpeg",), "kling-page"))
    with pytest.raises(CannotFix, match="a PNG is not allowed, only jpeg"):
        plan_picture(traits(), own, wanted="png")


def test_the_name_that_is_asked_for_decides_the_kind() -> None:
    plan = plan_picture(traits(), LIMITS, wanted="png")
    assert (plan.kind, plan.others, plan.repaint) == ("png", (), True)
    assert plan.changes == ("it is jpeg: saved as PNG",)
