"""The kinds of clips that people have: a name, and how a clip of that kind is made."""

from __future__ import annotations

from dataclasses import replace

from clip_sources import (
    FLASH,
    Source,
    again,
    filtered,
    hdr,
    options,
    picture,
    sound,
    twice,
    usual,
)  # fmt: skip

_SILENT = Source(("-f", "lavfi", "-i", picture(), *options("-c:v libx264 -preset ultrafast")))
_BITS10 = ("-pix_fmt", "yuv420p10le")
_TENFOLD = "format=yuv420p,scale=10*iw:10*ih:flags=neighbor"
_FULL = "scale=out_range=pc,format=yuvj420p"
_TFF = "fps=48,interlace=scan=tff"
_PLACE = (
    "-metadata", "location=+48.1374+011.5755/", "-metadata", "com.apple.quicktime.make=Maker",
    "-metadata", "title=Anna", "-metadata", "creation_time=2026-01-02T03:04:05Z",
    "-metadata:s:v", "handler_name=Camera of Anna", "-movflags", "use_metadata_tags",
)  # fmt: skip
_SUBTITLES = "data:text/plain,1%0A00:00:00,000 --> 00:00:02,000%0AAnna%0A"
_CHAPTERS = (
    "data:text/plain,;FFMETADATA1%0A[CHAPTER]%0ATIMEBASE=1/1%0ASTART=0%0AEND=2%0Atitle=Anna%0A"
)
_DROPPED = "select='not(eq(mod(n,7),4)+eq(mod(n,11),5))'"

SOURCES: dict[str, Source] = {
    "too long": usual("-movflags", "+faststart"),
    "moov last": usual(),
    "fragmented": usual("-movflags", "frag_keyframe+empty_moov"),
    "too short": usual(video=picture(seconds=0.9, flash=0.5), audio=sound(0.5, 0.9)),
    "odd sides": filtered("crop=471:353", "-c:v", "libx264", "-pix_fmt", "yuv444p"),
    "too small": usual(video=picture("240x180")),
    "too large": usual(video=f"{picture('396x40', '12')},{_TENFOLD}"),
    "huge frame": usual(
        video=f"{picture('512x270', '10', 1.3, 0.8)},format=yuv420p,scale=4096:2160:flags=neighbor",
        audio=sound(0.8, 1.3),
    ),
    "variable rate with B-frames": filtered(
        _DROPPED, "-fps_mode", "vfr", "-c:v", "libx264", "-preset", "veryfast", "-bf", "3"
    ),
    "last frame held": usual(
        "-bsf:v", "setts=duration='if(eq(N,35),2/TB,DURATION)'", "-fps_mode", "vfr",
        video=f"{picture()},select='lt(n,36)'", audio=sound(seconds=3.5),
    ),
    "sound starts late": usual(audio=sound(FLASH - 0.5), offsets=(0, 0.5)),
    "picture starts late": usual(video=picture(flash=FLASH - 0.5), offsets=(0.5, 0)),
    "sound starts early": usual(
        "-avoid_negative_ts", "disabled", audio=sound(FLASH + 0.5, 3.2), offsets=(0, -0.5)
    ),
    "sound before the picture in a stream": usual(
        "-f", "mpegts", video=picture(flash=FLASH - 0.5), offsets=(0.5, 0), name="clip.ts"
    ),
    "edit list hides 2 s": twice(
        "-c", "copy", "-avoid_negative_ts", "disabled", before=("-ss", "2"),
        video=picture(seconds=4.6, flash=FLASH + 2), audio=sound(FLASH + 2, 4.6),
    ),
    "several video tracks": Source((
        "-f", "lavfi", "-i", "color=white:360x360:r=24:d=2.6", "-f", "lavfi", "-i", picture(),
        "-f", "lavfi", "-i", sound(), *options("-map 0:v -map 1:v -map 2:a -c:v libx264"),
        *options("-preset ultrafast -disposition:v:0 0 -disposition:v:1 default -c:a aac"),
    )),
    "several sound tracks": Source((
        "-f", "lavfi", "-i", picture(), "-f", "lavfi", "-i", "anoisesrc=d=2.6:a=0.3", "-f", "lavfi",
        "-i", sound(), *options("-map 0 -map 1 -map 2 -c:v libx264 -preset ultrafast -c:a aac"),
        *options("-disposition:a:0 0 -disposition:a:1 default"),
    )),
    "timecode": usual("-timecode", "01:00:00:00", name="clip.mov"),
    "subtitles and chapters": usual(
        "-map", "0", "-map", "1", "-map", "2", "-map_metadata", "3", "-c:s", "mov_text",
        more=("-f", "srt", "-i", _SUBTITLES, "-f", "ffmetadata", "-i", _CHAPTERS),
    ),
    "rotated by 90": again(before=("-display_rotation", "-90")),
    "rotated by 180": again(before=("-display_rotation", "180")),
    "rotated by 270": again(before=("-display_rotation", "90")),
    "mirrored": again(before=("-display_hflip",)),
    "upside down": again(before=("-display_vflip",)),
    "mirrored and rotated": again(before=("-display_rotation", "90", "-display_hflip")),
    "wide pixels": filtered("scale=360:360,setsar=4/3"),
    "tall pixels": filtered("scale=480:480,setsar=3/4"),
    "interlaced, top first": filtered(_TFF, "-flags", "+ilme+ildct", "-x264opts", "tff=1"),
    "interlaced, bottom first": filtered(
        _TFF.replace("tff", "bff"), "-flags", "+ilme+ildct", "-x264opts", "bff=1"
    ),
    "HDR10": hdr("smpte2084"),
    "HLG": hdr("arib-std-b67"),
    "10 bit": filtered("format=yuv420p10le", *_BITS10),
    "BT.2020 without HDR": filtered(
        "zscale=min=gbr:tin=bt709:pin=bt709:t=bt709:p=bt2020:m=bt2020nc:r=tv,format=yuv420p10le",
        *_BITS10, *options("-color_primaries bt2020 -colorspace bt2020nc -color_trc bt2020-10"),
    ),
    "BT.709": filtered(
        "scale=out_color_matrix=bt709,format=yuv420p",
        *options("-color_primaries bt709 -colorspace bt709 -color_trc bt709"),
    ),
    "full range": filtered(_FULL, "-pix_fmt", "yuvj420p"),
    "4:4:4": filtered("format=yuv444p", "-pix_fmt", "yuv444p"),
    "RGB": filtered("null", "-c:v", "libx264rgb", "-pix_fmt", "rgb24", name="clip.mkv"),
    "HEVC": usual("-c:v", "libx265", "-x265-params", "log-level=none"),
    "VP9": usual(*options("-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus"),
                 name="clip.webm"),
    "VP8 without a length": usual(
        *options("-c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis -live 1"),
        name="clip.webm",
    ),
    "AV1": usual(*options("-c:v libaom-av1 -usage realtime -cpu-used 8 -b:v 500k")),
    "MPEG-4": usual(*options("-c:v mpeg4 -q:v 3 -bf 2 -c:a libmp3lame"), name="clip.avi"),
    "ProRes": usual(
        *options("-c:v prores_ks -pix_fmt yuv422p10le -c:a pcm_s16le"), name="clip.mov"
    ),
    "motion JPEG": filtered(_FULL, *options("-c:v mjpeg -q:v 3 -pix_fmt yuvj420p -c:a pcm_s16le"),
                            name="clip.mov"),
    "Matroska": usual(name="clip.mkv"),
    "transport stream": usual(name="clip.ts"),
    "Flash": usual(name="clip.flv"),
    "8 frames a second": usual(video=picture(rate="8")),
    "120 frames a second": usual(video=picture(rate="120")),
    "23.976 frames a second": usual(video=picture(rate="24000/1001")),
    "5.1 at 96 kHz": usual("-ac", "6", "-ar", "96000"),
    "mono at 8 kHz": usual("-ac", "1", "-ar", "8000"),
    "silent": _SILENT,
    "sound longer than the picture": usual(audio=sound(seconds=4)),
    "place and device": usual(*_PLACE, name="clip.mov"),
    "from half a second on": usual(),
    "from half a second on, late sound": usual(audio=sound(FLASH - 0.5), offsets=(0, 0.5)),
    "from a late second on": usual(
        "-g", "500", video=picture("480x360", "10", 15, 13), audio=sound(13, 15)
    ),
    "from a late second on, Matroska": usual(
        *options("-c:v libx264 -preset veryfast -bf 3"), name="clip.mkv",
        video=picture("480x360", "10", 15, 13), audio=sound(12.5, 14.5), offsets=(0, 0.5),
    ),
    "wide pixels, rotated": replace(
        filtered("scale=360:360,setsar=4/3"),
        again=("-c", "copy"), before=("-display_rotation", "90"),
    ),
    "muted": usual(),
    "too many bytes": filtered("noise=alls=60:allf=t", "-qp", "40"),
}  # fmt: skip
