"""Fields and words of other sellers of the same models, and of other APIs of Kling.

People bring them along, and here each means something else or nothing. Collected in 2026 from the
documentation and the programs of Kling, fal, Replicate, Kie, PiAPI, WaveSpeed and others
(second-hand). So a hint is no more certain than that, and the API page decides.
"""

from __future__ import annotations

import re

_MOST = 10**6  # videos; a larger number is taken for a typing mistake
# Fields that ask other APIs for several results, without their dashes and capitals.
_MULTIPLIERS = {
    "n", "num", "number", "count", "amount", "quantity", "copies", "batch", "batchsize",
    "batchcount", "samples", "numsamples", "samplecount", "numvideos", "nvideos", "videocount",
    "numberofvideos", "numoutputs", "outputs", "outputcount", "numberofoutputs", "numresults",
    "numberofresults", "resultcount", "results", "numgenerations", "generations", "numimages",
    "numberofimages", "imagecount", "variations", "numvariations", "variants", "numvariants",
    "repeat", "repeats", "repetitions", "iterations", "runs", "candidates", "candidatecount",
    "numcandidates", "numvideosperprompt", "numimagesperprompt", "videosperprompt", "times",
}  # fmt: skip
# Fields that correspond to one of this API. Most hold a list or an object instead of one link.
_EQUIVALENT_FIELDS = {
    name: field
    for field, names in {
        "image_url": "imagelist imageurls inputurls inputurl imageurllist inputimage inputimages "
        "inputimageurl referenceimage referenceimageurl referenceimages refimage refimageurl "
        "characterimage characterimageurl subjectimage subjectimageurl sourceimage sourceimageurl "
        "firstframe firstframeimage firstframeurl startimage startimageurl imagebase64 avatar "
        "image1 imagefile initimage elementlist elements",
        "video_url": "videolist videourls videourllist inputvideo inputvideos inputvideourl "
        "referencevideo referencevideourl referencevideos refvideo refvideourl motionvideo "
        "motionvideourl drivingvideo drivingvideourl sourcevideo sourcevideourl motionurl "
        "videofile mediaurl",
        "keep_original_sound": "audio generateaudio enableaudio withaudio keepaudio keepsound "
        "originalsound originalaudio keeporiginalaudio soundeffects mute",
        "mode": "quality qualitymode resolution videoquality tier modelmode outputresolution",
        "prompt": "text description positiveprompt textprompt",
        "character_orientation": "characterdirection facing motiondirection orientationmode",
    }.items()
    for name in names.split()
}  # fmt: skip
_SECONDS = (
    "take it out: the seconds of the reference video are billed, so a shorter clip costs less"
)
_SHAPE = "take it out: the API page names no shape or size of the result"
_OTHER_API = "take it out: it is of Kling's text-to-video and image-to-video, not of motion control"
_CALL = "take it out, unless you know that it is taken: `tasks wait` tells when a task is over"
_YOURS = "take it out: it is for your own books, and the ledger keeps each request under its file"
_CALLBACKS = ("callbackurl", "callback", "webhook", "webhookurl", "webhooks", "webhookconfig",
              "notifyurl", "notifyhook")  # fmt: skip
_HINTS = {
    **dict.fromkeys(
        ("duration", "seconds", "length", "videolength", "videoduration", "durationseconds",
         "maxduration", "numframes", "frames", "fps", "framerate"), _SECONDS),
    **dict.fromkeys(
        ("aspectratio", "ratio", "size", "width", "height", "dimensions", "videosize"), _SHAPE),
    **dict.fromkeys(
        ("negativeprompt", "cfgscale", "cfg", "guidancescale", "seed", "staticmask",
         "dynamicmasks", "cameracontrol", "imagetail", "tailimageurl", "endimage", "endimageurl",
         "lastframe", "lastframeimage", "multishot", "shottype", "voicelist", "enhanceprompt",
         "promptoptimizer", "loop"), _OTHER_API),
    **dict.fromkeys(("version", "modelversion"),
        "take it out: the version is a part of the model's name"),
    **dict.fromkeys(_CALLBACKS, _CALL),
    **dict.fromkeys(
        ("externaltaskid", "customid", "metadata", "user", "userid", "clientid", "name", "note",
         "notes", "comment"), _YOURS),
}  # fmt: skip
_MODES = {
    "720p": "std", "720": "std", "hd": "std", "standard720p": "std", "1280x720": "std",
    "1080p": "pro", "1080": "pro", "fullhd": "pro", "fhd": "pro", "1920x1080": "pro",
}  # fmt: skip
_SHAPES = {"portrait", "landscape", "vertical", "horizontal", "square", "auto", "16:9", "9:16",
           "1:1"}  # fmt: skip
_VIDEO_WORDS = {"motion", "driving", "reference", "source", "movement"}
_IMAGE_WORDS = {"character", "subject", "avatar", "person"}


def multiplies(name: str) -> bool:
    """Whether a field of this name asks other APIs for several videos."""
    return _plain(name) in _MULTIPLIERS


def copies(value: object) -> int | None:
    """How many videos a value asks for, a number or a text; `None` when it is not such a number."""
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,7}(?:\.0{1,9})?\s*", value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if abs(value) <= _MOST and value == int(value) else None


def equivalent_field(name: str) -> str | None:
    """The field of this API that another seller's field corresponds to; `None` when
    there is none.
    """
    return _EQUIVALENT_FIELDS.get(_plain(name))


def field_hint(name: str) -> str | None:
    """What to do with a field that corresponds to none of this API; `None` for an unknown one."""
    return _HINTS.get(_plain(name))


def calls_back(name: str) -> bool:
    """Whether a field of this name asks other APIs to call a URL when the task is over."""
    return _plain(name) in _CALLBACKS


def equivalent_word(field: str, word: str) -> tuple[str | None, str | None]:
    """The word of this API that another seller's word corresponds to, and a remark; each may be
    `None`.
    """
    plain = word.strip().lower()
    if field == "mode" and (intended := _MODES.get(plain.replace(" ", ""))):
        return (
            intended,
            f'elsewhere "{intended}" is called {"720p" if intended == "std" else "1080p"}',
        )
    if field != "character_orientation":
        return None, None
    if plain in _SHAPES:
        return None, (
            'it is not the shape of the picture: "image" keeps the pose of the reference image, '
            '"video" follows the reference video, and the seconds allowed differ'
        )
    words = set(re.split("[^a-z]+", plain))
    named = (bool(words & {"video", "clip"}), bool(words & {"image", "picture", "photo"}))
    video, image = named if any(named) else (bool(words & _VIDEO_WORDS), bool(words & _IMAGE_WORDS))
    if video == image:
        return None, None
    return ("video" if video else "image"), None


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())
