"""What the rules say, word for word: people read it, so a slip of it is a bug."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from builders import (
    IMAGE_URL,
    MISSING,
    NOW,
    VIDEO_URL,
    body,
    case,
    image,
    seconds,
    unmeasured,
    video,
    with_content,
    with_stream,
)
from findings import findings_of, single

from motion_preflight.media.facts import Decoded, Durations, VideoStream
from motion_preflight.media.framing import Framing
from motion_preflight.network.errors import Reason
from motion_preflight.network.transfer import Transfer
from motion_preflight.report.findings import Level
from motion_preflight.rules import (
    image_aspect_ratio,
    image_dimensions,
    image_format,
    image_too_large,
    image_unreadable,
    link_expiring,
    link_not_direct,
    media_extension_misleading,
    media_not_published,
    media_unreachable,
    price_outdated,
    prompt_missing,
    prompt_too_long,
    request_field_unknown,
    url_not_public,
    video_black,
    video_close_up,
    video_container,
    video_cuts,
    video_dimensions,
    video_duration_above_maximum,
    video_duration_below_minimum,
    video_encrypted,
    video_frozen,
    video_motionless,
    video_not_faststart,
    video_several_tracks,
    video_sound_missing,
    video_stream_missing,
    video_too_large,
    video_truncated,
    video_undecodable,
    video_unreadable,
)
from motion_preflight.rules.rule import RuleContext

if TYPE_CHECKING:
    from motion_preflight.rules.rule import RuleModule

SENTENCES = [
    (
        video_sound_missing,
        case(video=video(audio=None)),
        Level.WARNING,
        'keep_original_sound is "yes", and the reference video has no sound',
        'set keep_original_sound to "no", or use the clip that has its sound',
    ),
    (
        video_sound_missing,
        case(body(keep_original_sound=MISSING), video=video(audio=None)),
        Level.WARNING,
        'keep_original_sound is "yes" (the default), and the reference video has no sound',
        'set keep_original_sound to "no", or use the clip that has its sound',
    ),
    (
        image_aspect_ratio,
        case(image=image(video=VideoStream("png", 780, 300, 0, None))),
        Level.WARNING,
        "the reference image is 780x300 pixels, 2.6 to 1; allowed are 0.4 to 2.5",
        "crop it to a shape nearer a square",
    ),
    (
        image_aspect_ratio,
        case(image=image(video=VideoStream("png", 300, 780, 0, None))),
        Level.WARNING,
        "the reference image is 300x780 pixels, 0.3846 to 1; allowed are 0.4 to 2.5",
        "crop it to a shape nearer a square",
    ),
    (
        image_aspect_ratio,
        case(image=image(video=VideoStream("png", None, None, 0, None))),
        Level.NOTE,
        "the shape of the reference image is not known",
        "save it as JPEG or PNG",
    ),
    (
        image_dimensions,
        case(image=image(video=None)),
        Level.NOTE,
        "the sides of the reference image are not known",
        "save it as JPEG or PNG",
    ),
    (
        image_dimensions,
        case(image=image(video=VideoStream("png", 299, 301, 0, None))),
        Level.WARNING,
        "the reference image is 299x301 pixels; each side must be 300 at least",
        (
            "use a larger picture; or, to scale it up, download it, run `motion-preflight "
            "fix …` and publish the result under a new link"
        ),
    ),
    (
        video_dimensions,
        case(video=video(video=VideoStream("h264", None, None, 0, None))),
        Level.NOTE,
        "the sides of the reference video are not known",
        "look at the clip in a player",
    ),
    (
        video_dimensions,
        case(video=video(video=VideoStream("h264", 339, 4000, 0, None))),
        Level.WARNING,
        "the reference video is 339x4000 pixels; each side must be 340 to 3,850",
        "its sides are too unequal to be scaled: cut it to another shape",
    ),
    (
        video_dimensions,
        case(video=video(video=VideoStream("h264", 320, 640, 0, None))),
        Level.WARNING,
        "the reference video is 320x640 pixels; each side must be 340 to 3,850",
        (
            "to scale it, download it, run `motion-preflight fix …` and publish the result under "
            "a new link"
        ),
    ),
    (
        image_format,
        case(image=image(container=None)),
        Level.WARNING,
        "the reference image is of an unknown kind; Kling's page names jpeg and png",
        "download it, run `motion-preflight fix …` and publish the result under a new link",
    ),
    (
        image_too_large,
        case(image=image(size=10_000_000_000)),
        Level.WARNING,
        (
            "the reference image has 10,000,000,000 bytes; allowed are 10,000,000 bytes (older "
            "page, MB) or 10,485,760 bytes (older page, MiB) or 50,000,000 bytes (newer page, "
            "MB) or 52,428,800 bytes (newer page, MiB)"
        ),
        "save it smaller or with more compression",
    ),
    (
        video_too_large,
        case(video=video(size=200_000_000)),
        Level.ERROR,
        (
            "the reference video has 200,000,000 bytes; it must be under 100,000,000 bytes "
            "(MB) or 104,857,600 bytes (MiB)"
        ),
        (
            "to make it smaller, download it, run `motion-preflight fix …` and publish the "
            "result under a new link"
        ),
    ),
    (
        video_container,
        case(video=video(container=None)),
        Level.WARNING,
        "the reference video is of an unknown container; recommended are mp4 and mov",
        "download it, run `motion-preflight fix …` and publish the result under a new link",
    ),
    (
        media_not_published,
        case(image=image(location="image.png")),
        Level.NOTE,
        "the reference image is a local file, and a request needs a public direct link",
        "`motion-preflight submit` uploads it",
    ),
    (
        media_not_published,
        case(image=image(location="image.xyz", container="heif")),
        Level.NOTE,
        "the reference image is a local file, and a request needs a public direct link",
        (
            "`motion-preflight publish` gives its link; `submit --publish` uses it at once "
            "(an upload can be jpeg, png, webp, gif)"
        ),
    ),
    (
        media_not_published,
        case(image=image(location="image.png", size=20_000_001)),
        Level.NOTE,
        "the reference image is a local file, and a request needs a public direct link",
        (
            "`motion-preflight publish` gives its link; `submit --publish` uses it at once "
            "(it has 20,000,001 bytes, an upload 20,000,000 at most)"
        ),
    ),
    (
        url_not_public,
        case(video=video(location="https://apimart-user.com/my clip.mp4")),
        Level.ERROR,
        (
            "the URL of the reference video is not a public direct link: it contains white space "
            "or control characters"
        ),
        "write each space in it as %20",
    ),
    (
        link_not_direct,
        case(video=unmeasured(Reason.NOT_DIRECT)),
        Level.ERROR,
        "the link of the reference video answers with a web page, not with the file",
        "use the link that downloads the file itself, and try it in a browser",
    ),
    (
        link_not_direct,
        case(video=unmeasured(Reason.UNREADABLE, location="https://youtu.be/x")),
        Level.ERROR,
        "the link of the reference video is that of a page, not of the file",
        "this site plays videos and gives no files: publish the file itself elsewhere",
    ),
    (
        link_not_direct,
        case(
            video=unmeasured(
                Reason.UNREADABLE, location="https://www.dropbox.com/s/x/clip.mp4?dl=0"
            )
        ),
        Level.ERROR,
        "the link of the reference video is that of a page, not of the file",
        (
            "use its direct form: https://www.dropbox.com/s/x/clip.mp4?dl=1 (the same link with "
            "dl=1 in place of dl=0)"
        ),
    ),
    (
        url_not_public,
        case(video=video(transfer=Transfer(1, 1, 200, "video/mp4", VIDEO_URL, None, proxied=True))),
        Level.NOTE,
        "the reference video came through a proxy, so only the name of its host was judged",
        "see to it that the link works outside your network",
    ),
    (
        url_not_public,
        case(video=unmeasured(Reason.NOT_PUBLIC)),
        Level.ERROR,
        "the reference video was not fetched: why",
        "publish the file where anyone can fetch it, and use the direct https link",
    ),
    (
        url_not_public,
        case(image=image(location="http://localhost/x.png")),
        Level.ERROR,
        (
            'the URL of the reference image is not a public direct link: "localhost" is not a '
            "public name"
        ),
        "publish the file where anyone can fetch it, and use the direct https link",
    ),
    (
        link_expiring,
        case(video=video(location="https://apimart-user.com/clip.mp4?expires=1796126400")),
        Level.ERROR,
        "the signed link of the reference video ended at 2026-12-01 12:00 UTC",
        "sign it anew, for a day",
    ),
    (
        link_expiring,
        case(video=video(location="https://apimart-user.com/clip.mp4?expires=1796126459")),
        Level.WARNING,
        (
            "the signed link of the reference video ends at 2026-12-01 12:00 UTC, in less than "
            "a minute"
        ),
        "sign it for longer, a day say",
    ),
    (
        link_expiring,
        case(video=video(location="https://apimart-user.com/clip.mp4?expires=1796126460")),
        Level.WARNING,
        "the signed link of the reference video ends at 2026-12-01 12:01 UTC, in 1 minute",
        "sign it for longer, a day say",
    ),
    (
        link_expiring,
        case(video=video(location="https://apimart-user.com/clip.mp4?expires=1796126520")),
        Level.WARNING,
        "the signed link of the reference video ends at 2026-12-01 12:02 UTC, in 2 minutes",
        "sign it for longer, a day say",
    ),
    (
        price_outdated,
        case(now=NOW.replace(year=2030)),
        Level.WARNING,
        (
            "the price 0.05712 USD a second was read on 2026-11-22 and was to be reviewed by "
            "2027-02-22"
        ),
        "look it up, and give it with --price or in a profile of yours",
    ),
    (
        media_extension_misleading,
        case(video=video(location="https://apimart-user.com/clip.webm")),
        Level.WARNING,
        "the reference video is named .webm and is mp4",
        "publish it under a name that ends in .mp4",
    ),
    (
        media_extension_misleading,
        case(video=video(location="https://apimart-user.com/clip.webm", container="mov")),
        Level.WARNING,
        "the reference video is named .webm and is mov",
        "publish it under a name that ends in .mov",
    ),
    (
        media_extension_misleading,
        case(image=image(location="https://apimart-user.com/image.png", container="jpeg")),
        Level.WARNING,
        "the reference image is named .png and is jpeg",
        "publish it under a name that ends in .jpg",
    ),
    (
        image_unreadable,
        case(image=unmeasured(Reason.UNREADABLE, location=IMAGE_URL)),
        Level.ERROR,
        "the reference image is not usable: why",
        "export or download it again as JPEG or PNG",
    ),
    (
        image_unreadable,
        case(image=unmeasured(Reason.TOO_LARGE, location=IMAGE_URL)),
        Level.UNSURE,
        "the reference image is too large to be measured: why",
        "save it smaller, as JPEG or PNG",
    ),
    (
        image_unreadable,
        case(image=unmeasured(Reason.UNSUPPORTED, location=IMAGE_URL)),
        Level.UNSURE,
        "the reference image was not measured: why",
        "see `motion-preflight doctor`, or save it as JPEG or PNG",
    ),
    (
        image_unreadable,
        case(image=image(truncated=True, truncation="8 of 9 bytes")),
        Level.UNSURE,
        "the reference image looks cut short: 8 of 9 bytes",
        "compare its size with the original, and upload or download it again",
    ),
    (
        image_unreadable,
        case(
            video=unmeasured(Reason.UNREADABLE, container="png"),
            image=unmeasured(Reason.UNREADABLE, container="mp4"),
        ),
        Level.ERROR,
        "the reference image is not usable: why",
        "exchange image_url and video_url: they are swapped",
    ),
    (
        video_unreadable,
        case(
            video=unmeasured(Reason.UNREADABLE, container="png"),
            image=unmeasured(Reason.UNREADABLE, container="mp4"),
        ),
        Level.ERROR,
        "the reference video is not usable: why",
        "exchange image_url and video_url: they are swapped",
    ),
    (
        video_unreadable,
        case(video=unmeasured(Reason.UNREADABLE)),
        Level.ERROR,
        "the reference video is not usable: why",
        "export or download it again as mp4 (H.264), and play it to its end",
    ),
    (
        video_unreadable,
        case(video=unmeasured(Reason.UNSUPPORTED)),
        Level.UNSURE,
        "the reference video was not measured: why",
        "see `motion-preflight doctor`, or export the clip again as mp4 (H.264)",
    ),
    (
        video_unreadable,
        case(video=video(contradiction="two clocks")),
        Level.UNSURE,
        "the reference video contradicts itself: two clocks",
        (
            "to give it one clock, download it, run `motion-preflight fix …` and publish the "
            "result under a new link"
        ),
    ),
    (
        video_unreadable,
        case(video=video(durations=Durations())),
        Level.UNSURE,
        "the reference video declares nowhere how long it is",
        (
            "to write a duration into it, download it, run `motion-preflight fix …` and "
            "publish the result under a new link"
        ),
    ),
    (
        video_unreadable,
        case(video=unmeasured(Reason.INCOMPLETE)),
        Level.UNSURE,
        "the reference video was not measured: why",
        "get the whole clip: all its parts in one file, the beginning first",
    ),
    (
        video_unreadable,
        case(video=video(unscanned="why")),
        Level.UNSURE,
        "the scan of the reference video was not finished: why",
        "scan a shorter or smaller copy of it, or look at the clip to its end in a player",
    ),
    (
        video_unreadable,
        case(video=video(clock_jump="its clock goes from 8.000 s to 0.000 s")),
        Level.NOTE,
        "the reference video has more than one clock: its clock goes from 8.000 s to 0.000 s",
        (
            "to give it one clock, download it, run `motion-preflight fix …` and publish the "
            "result under a new link"
        ),
    ),
    (
        video_encrypted,
        case(video=with_stream(encrypted=True)),
        Level.ERROR,
        "the reference video is encrypted (DRM): its frames cannot be read without a key",
        "use the clip as it was before it was protected",
    ),
    (
        video_undecodable,
        case(video=video(undecodable="its first frame is no keyframe")),
        Level.UNSURE,
        "the reference video may not play: its first frame is no keyframe",
        (
            "get it again from its source, or export it again as mp4 (H.264), and play it from its "
            "start to its end"
        ),
    ),
    (
        video_undecodable,
        case(video=video(decoded=Decoded(0, 240))),
        Level.ERROR,
        "no frame of the reference video decodes",
        "export the clip again as mp4 (H.264) from its original, and play it to its end",
    ),
    (
        video_undecodable,
        case(video=video(decoded=Decoded(1200, 1))),
        Level.UNSURE,
        "1 frame of the reference video did not decode, 1,200 did",
        (
            "get the clip again from its source, and play it to its end; or, to leave them out, "
            "download it, run `motion-preflight fix "
            "…` and publish the result under a new link"
        ),
    ),
    (
        video_several_tracks,
        case(video=with_stream(tracks=2, index=1)),
        Level.WARNING,
        (
            "the reference video has 2 video tracks; judged is the one of 720x1280 pixels, stream "
            "1 of the file"
        ),
        (
            "to keep that one alone, download it, run `motion-preflight fix …` and publish "
            "the result under a new link"
        ),
    ),
    (
        video_motionless,
        case(video=with_stream(frames=1)),
        Level.UNSURE,
        "the reference video has a single frame: nothing moves in it",
        "use a clip in which the motion can be seen, of some 24 frames a second",
    ),
    (
        video_motionless,
        case(video=with_stream(frames=39)),
        Level.WARNING,
        (
            "the reference video has 39 frames in 8 s, 4.88 a second; a motion is hard to follow "
            "below 5"
        ),
        "use a clip in which the motion can be seen, of some 24 frames a second",
    ),
    (
        video_stream_missing,
        case(video=video(video=None)),
        Level.ERROR,
        "the reference video holds sound only (cover art does not count)",
        "use the file that has the picture",
    ),
    (
        video_truncated,
        case(video=video(truncated=True, truncation="8 of 9 bytes")),
        Level.UNSURE,
        "the reference video looks cut short: 8 of 9 bytes (it has 5,000,000 bytes)",
        "compare its size with the original, and upload or download it again",
    ),
    (
        video_truncated,
        case(video=video(truncated=True, truncation="8 of 9 bytes", size=None)),
        Level.UNSURE,
        "the reference video looks cut short: 8 of 9 bytes",
        "compare its size with the original, and upload or download it again",
    ),
    (
        video_not_faststart,
        case(video=video(faststart=False)),
        Level.NOTE,
        "the moov box (the index) stands at the end of the reference video",
        (
            "that is allowed; to move it to the front, download it, run `motion-preflight "
            "fix …` and publish the result under a new link"
        ),
    ),
    (
        video_not_faststart,
        case(video=video(faststart=False, truncated=True, truncation="x")),
        Level.NOTE,
        "the moov box (the index) stands at the end of the reference video",
        "first get the whole file: it is cut short",
    ),
    (
        video_not_faststart,
        case(video=video(faststart=False, durations=seconds("31"))),
        Level.NOTE,
        "the moov box (the index) stands at the end of the reference video",
        (
            "that is allowed; to move it to the front, download it, run `motion-preflight "
            "fix …` and publish the result under a new link"
        ),
    ),
    (
        media_unreachable,
        case(video=unmeasured(Reason.PRIVATE_HERE)),
        Level.UNSURE,
        'the reference video could not be read ("https://apimart-user.com/clip.mp4"): why',
        "check it from another network, or with --allow-private if this address is right",
    ),
    (
        media_unreachable,
        case(video=unmeasured(Reason.TIMEOUT)),
        Level.UNSURE,
        'the reference video could not be read ("https://apimart-user.com/clip.mp4"): why',
        "try again, or give it longer with --timeout",
    ),
    (
        media_unreachable,
        case(video=unmeasured(Reason.CHANGED)),
        Level.UNSURE,
        'the reference video could not be read ("https://apimart-user.com/clip.mp4"): why',
        "wait until its upload is complete, then check again",
    ),
    (
        media_unreachable,
        case(video=unmeasured(Reason.MISSING)),
        Level.ERROR,
        'the reference video could not be read ("https://apimart-user.com/clip.mp4"): why',
        "open the link in a private browser window: it must give the file, without a login",
    ),
    (
        media_unreachable,
        case(video=unmeasured(Reason.UNREACHABLE)),
        Level.UNSURE,
        'the reference video could not be read ("https://apimart-user.com/clip.mp4"): why',
        "try again; if it stays so, open the link in a browser on another network",
    ),
    (
        media_unreachable,
        case(video=unmeasured(Reason.DENIED, location="clip.mp4")),
        Level.ERROR,
        'the reference video could not be read ("clip.mp4"): why',
        "give this user the right to read it, or check a copy of it",
    ),
    (
        media_unreachable,
        case(video=unmeasured(Reason.MISSING, location="clip.mp4")),
        Level.ERROR,
        'the reference video could not be read ("clip.mp4"): why',
        "correct the path",
    ),
    (
        media_unreachable,
        case(video=unmeasured(Reason.MISSING, location="www.apimart-user.com/clip.mp4")),
        Level.ERROR,
        'the reference video could not be read ("www.apimart-user.com/clip.mp4"): why',
        'begin it with "https://" if it is a link: "https://www.apimart-user.com/clip.mp4"',
    ),
    (
        video_duration_above_maximum,
        case(video=video(durations=seconds("42"))),
        Level.ERROR,
        (
            "the video is 42.000 s (header, container, video agree); character_orientation "
            '"video" allows 3 to 30 s.'
        ),
        (
            "to cut it, download it, run `motion-preflight fix …` and publish the result under a "
            "new link"
        ),
    ),
    (
        video_duration_above_maximum,
        case(
            body(character_orientation="image"),
            video=video(
                durations=seconds("12", video="9.5", samples="9.5"),
                longer_track="the audio ends at 12.000 s, the video at 9.500 s",
            ),
        ),
        Level.UNSURE,
        (
            "the video is 9.500 s to 12.000 s, by how it is read (header 12.000 s, container "
            '12.000 s, video 9.500 s, samples 9.500 s); character_orientation "image" allows 3 '
            "to 10 s. Not all tracks end together: the audio ends at 12.000 s, the video at "
            "9.500 s."
        ),
        (
            "to make the readings agree, download it, run `motion-preflight fix …` and "
            'publish the result under a new link; or set character_orientation to "video", '
            "which allows it"
        ),
    ),
    (
        video_duration_above_maximum,
        case(video=video(durations=seconds("30.01")), tolerance=Decimal("0.05")),
        Level.NOTE,
        (
            "the video is 30.010 s (header, container, video agree); character_orientation "
            '"video" allows 3 to 30 s. Let through by the tolerance of 0.05 s.'
        ),
        "leave the tolerance out to see it as it is",
    ),
    (
        video_duration_above_maximum,
        case(video=video(truncated=True, durations=seconds("42"))),
        Level.ERROR,
        (
            "the video is 42.000 s (header, container, video agree); character_orientation "
            '"video" allows 3 to 30 s.'
        ),
        "to cut it, first get the whole file: it is cut short",
    ),
    (
        video_duration_below_minimum,
        case(video=video(durations=seconds("2.9"))),
        Level.ERROR,
        (
            "the video is 2.900 s (header, container, video agree); character_orientation "
            '"video" allows 3 to 30 s.'
        ),
        (
            "use a longer clip; or, to slow it down, download it, run `motion-preflight fix …` and "
            "publish the result under a new link"
        ),
    ),
    (
        video_duration_below_minimum,
        case(video=video(durations=seconds("2.5"))),
        Level.ERROR,
        (
            "the video is 2.500 s (header, container, video agree); character_orientation "
            '"video" allows 3 to 30 s.'
        ),
        (
            "use a longer clip; or, to slow it down, download it, run `motion-preflight fix …` and "
            "publish the result under a new link"
        ),
    ),
    (
        video_duration_below_minimum,
        case(video=video(durations=seconds("1"))),
        Level.ERROR,
        (
            "the video is 1.000 s (header, container, video agree); character_orientation "
            '"video" allows 3 to 30 s.'
        ),
        "use a longer clip",
    ),
    (
        video_duration_below_minimum,
        case(video=video(durations=seconds("2.9", video="3.1", samples="3.1"))),
        Level.UNSURE,
        (
            "the video is 2.900 s to 3.100 s, by how it is read (header 2.900 s, container "
            '2.900 s, video 3.100 s, samples 3.100 s); character_orientation "video" allows 3 to '
            "30 s. The header and the container say 2.900 s, the video's samples last 3.100 s."
        ),
        (
            "to make the readings agree, download it, run `motion-preflight fix …` and "
            "publish the result under a new link"
        ),
    ),
    (
        prompt_missing,
        case(body(prompt=MISSING)),
        Level.NOTE,
        "there is no prompt; it is optional and recommended",
        "describe the scene in a sentence or two",
    ),
    (
        prompt_too_long,
        case(body(prompt="x" * 3000)),
        Level.WARNING,
        "the prompt has 3,000 characters; allowed are 2,500",
        "shorten it",
    ),
    (
        request_field_unknown,
        case(body(promt=1)),
        Level.WARNING,
        'the API page names no field "promt"',
        'was "prompt" meant?',
    ),
    (
        request_field_unknown,
        case(body(**{"x" * 100: 1})),
        Level.WARNING,
        (
            "the API page names no field "
            '"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"'
        ),
        "take it out, unless you know that it is taken",
    ),
    (
        video_cuts,
        case(video=with_content(shots="0-3.9 3.9-8")),
        Level.WARNING,
        (
            "the reference video has 1 cut (at 3.9 s); the longest shot is 4.1 s of 8; the rest "
            "may be cut off and is still charged"
        ),
        (
            "to keep the longest one, from 3.9 s to 8 s, download it, run `motion-preflight fix …` "
            "and publish the result under a new link"
        ),
    ),
    (
        video_black,
        case(video=with_content(shots="1.2-8", black="0-1.2")),
        Level.WARNING,
        (
            "the reference video is black for 1.2 s of 8 (from 0 s to 1.2 s), which is charged "
            "like the rest"
        ),
        (
            "to keep the longest shot, from 1.2 s to 8 s, download it, run `motion-preflight fix "
            "…` and publish the result under a new link"
        ),
    ),
    (
        video_frozen,
        case(video=with_content(frozen="6-8")),
        Level.WARNING,
        (
            "the picture of the reference video stands still for 2 s of 8 (from 6 s to 8 s), "
            "which is charged like the rest"
        ),
        "cut the part off in which nothing moves, or use a clip that moves to its end",
    ),
    (
        video_close_up,
        case(video=with_content(framing=Framing(8, 7, Decimal(52), Decimal("0.4")))),
        Level.WARNING,
        (
            "the reference video shows little more than a face: in 7 of 8 pictures it takes 52% "
            'of the height, and the picture ends 0.4 times that below the chin. Others met "no '
            'complete upper body detected" as the answer to such a clip'
        ),
        "use a clip that shows the person with both arms, from the head to the waist at least",
    ),
]


@pytest.mark.parametrize(("rule", "broken", "level", "message", "remedy"), SENTENCES)
def test_what_is_said(
    rule: RuleModule, broken: RuleContext, level: Level, message: str, remedy: str
) -> None:
    """Level, message and remedy; what the commands are is tested where they are run."""
    finding = single(findings_of(rule, broken))
    shown = re.sub("`motion-preflight fix [^`]*`", "`motion-preflight fix …`", finding.remedy)
    assert (finding.level, finding.message, shown) == (level, message, remedy)
