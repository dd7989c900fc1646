"""The command of ffmpeg that makes a plan true, built by ffmpeg-python. Nothing is run here.

Times are those of the source's own clock (`-copyts`), which is the clock of ffprobe's readings too.
Where that clock jumps, ffmpeg makes one of it that goes on.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from motion_preflight.repair.clip_plan import ClipPlan

_PLACEHOLDER = "file"  # for a name: ffmpeg-python fails on one that is no UTF-8
_AAC_FRAME = 1024  # samples; the padding of the last one must not outlast the picture
_RATES = (44_100, 48_000)  # samples a second that stay as they are
_USUAL_RATE = 48_000
_NO_METADATA = {"map_metadata": "-1", "map_chapters": "-1"}  # place, device and names go
_FASTSTART = {"movflags": "+faststart"}
_H264 = {
    "c:v": "libx264",
    "profile:v": "high",
    "preset": "fast",
    "crf": "18",  # no loss that a person sees
    "pix_fmt": "yuv420p",
    # Without frames that are shown later than they are decoded no edit list is needed, and every
    # reading of the duration is the same.
    "bf": "0",
}
_BT709 = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}
# White of SDR is 203 candelas a square metre of HDR (ITU-R BT.2408); what is brighter, up to the
# 1000 of usual displays, is drawn in. Colours of less than 30 % of white stay as they are, and so
# skin does.
_WHITE, _BRIGHTEST = 203, 1000
_TONES = {"tonemap": "mobius", "param": "0.3", "desat": "0", "peak": str(_BRIGHTEST / _WHITE)[:5]}
_SOUND = {"c:a": "aac", "b:a": "192k"}


def clip_command(
    plan: ClipPlan,
    source: str,
    output: str,
    *,
    program: str = "ffmpeg",
    limits: Mapping[str, str] | None = None,
) -> list[str]:
    """The command line that reads `source` and writes `output`.

    `limits` are further options of the input, such as the protocols that it may use.
    """
    import ffmpeg  # noqa: PLC0415  importing it takes longer than probing most clips

    clock: dict[str, Any] = {} if plan.copied or plan.jumps else {"copyts": None}
    if plan.skip:
        clock["ss"] = _number(plan.skip)
    source_file = ffmpeg.input(_PLACEHOLDER, **clock, **(limits or {}))
    video = source_file[str(plan.stream)]
    sound = source_file[str(plan.audio.index)] if plan.audio else None
    options: dict[str, Any] = _NO_METADATA | _FASTSTART
    if plan.copied:
        options |= {"c": "copy"}
    else:
        video, sound = _picture(video, plan), sound and _sound(sound, plan)
        options |= (
            _H264
            | (_BT709 if plan.source.wide or plan.source.rgb else {})
            | (_SOUND if sound else {})
        )
        options |= {"maxrate": f"{plan.kilobits}k", "bufsize": f"{2 * plan.kilobits}k"}
        options |= {"frames:v": str(plan.frames)}
    streams = [video, sound] if sound else [video]
    graph = ffmpeg.output(*streams, _PLACEHOLDER, **options)
    command: list[str] = ffmpeg.compile(graph, cmd=program)
    command[command.index("-i") + 1], command[-1] = source, output
    return command


def _picture(stream: Any, plan: ClipPlan) -> Any:  # noqa: ANN401  ffmpeg-python has no types
    """The frames of the plan: from its origin on, upright, at a constant rate."""
    origin, end = plan.origin, plan.origin + plan.source_seconds + plan.hold
    stream = stream.filter("trim", start=_number(origin), end=_number(end))
    stream = stream.filter("setpts", f"(PTS-{_number(origin)}/TB)/{_number(plan.tempo)}")
    if plan.source.interlaced:
        stream = stream.filter("bwdif", mode="send_frame")
    # The first frame stands from 0 on, the last one as long as it did.
    rate = f"{plan.rate.numerator}/{plan.rate.denominator}"
    stream = stream.filter("tpad", stop_mode="clone", stop_duration=_number(plan.hold))
    stream = stream.filter("fps", fps=rate, start_time=0)
    width, height = plan.sides
    if plan.source.wide:  # scaled first: floating point numbers of 8K pixels need gigabytes
        stream = _to_bt709(stream.filter("scale", width, height, flags="lanczos"), plan)
    else:
        if plan.source.clear:  # laid on black, as players do
            stream = stream.filter("format", "gbrap") if plan.source.rgb else stream
            stream = stream.filter("premultiply", inplace=1)
        matrix = {"out_color_matrix": "bt709"} if plan.source.rgb else {}
        stream = stream.filter("scale", width, height, flags="lanczos", out_range="tv", **matrix)
    return stream.filter("setsar", "1").filter("format", "yuv420p")


def _to_bt709(stream: Any, plan: ClipPlan) -> Any:  # noqa: ANN401  as above
    """The colours of BT.2020, with any brightness beyond white drawn in, as BT.709 has them."""
    known = {"primariesin": "bt2020", "matrixin": "bt2020nc"}
    if plan.source.hdr is None:
        known |= {"transferin": "bt709"}
        same = {"primaries": "bt709", "matrix": "bt709", "transfer": "bt709", "range": "tv"}
        return stream.filter("zscale", **same, **known)
    stream = stream.filter(
        "zscale", transfer="linear", npl=str(_WHITE), transferin=str(plan.source.transfer), **known
    )
    stream = stream.filter("format", "gbrpf32le").filter("zscale", primaries="bt709")
    stream = stream.filter("tonemap", **_TONES)
    return stream.filter("zscale", transfer="bt709", matrix="bt709", range="tv")


def _sound(stream: Any, plan: ClipPlan) -> Any:  # noqa: ANN401  as above
    """The sound of the same seconds: silence where it starts later, nothing where earlier."""
    assert plan.audio is not None
    declared = plan.audio.sample_rate
    rate = declared if declared in _RATES else _USUAL_RATE
    origin = plan.origin
    stream = stream.filter(
        "atrim", start=_number(origin), end=_number(origin + plan.source_seconds)
    )
    stream = stream.filter("asetpts", f"PTS-{_number(origin)}/TB")
    stream = stream.filter("aresample", rate, first_pts="0", **{"async": "1"})
    stream = stream.filter("aformat", channel_layouts="mono|stereo")
    if plan.tempo != 1:
        stream = stream.filter("atempo", _number(plan.tempo))
    ending = plan.seconds - Decimal(_AAC_FRAME) / rate
    return stream.filter("apad").filter("atrim", end=_number(max(ending, Decimal(0))))


def _number(value: Decimal) -> str:
    return format_decimal(round(value, 6))
