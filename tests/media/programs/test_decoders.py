"""Which codecs an ffprobe decodes, by its own list."""

import os
from pathlib import Path

import pytest

from motion_preflight.media.errors import FfprobeFailed, FfprobeMissing
from motion_preflight.media.programs.decoders import decodable_codecs

LIST = """Decoders:
 V..... = Video
 ------
 V....D libdav1d             dav1d AV1 decoder by VideoLAN (codec av1)
 V....D av1                  Alliance for Open Media AV1
 VFS..D h264                 H.264 / AVC / MPEG-4 AVC / MPEG-4 part 10
 V..... hevc_cuvid           Nvidia CUVID HEVC decoder (codec hevc)
 A....D aac                  AAC (Advanced Audio Coding)
"""


def stand_in(folder: Path, text: str, code: int = 0) -> str:
    path = folder / "ffprobe"
    path.write_text(f"#!/bin/sh\ncat <<'EOF'\n{text}\nEOF\nexit {code}\n")
    path.chmod(0o755)
    return str(path)


def test_the_usual_codecs_are_decoded(ffprobe: str) -> None:
    codecs = decodable_codecs(ffprobe)
    assert {"h264", "hevc", "vp8", "vp9", "mpeg4", "prores", "mjpeg"} <= codecs
    assert not {"aac", "=", "h264_v4l2m2m"} & codecs


@pytest.mark.skipif(os.name != "posix", reason="stands-in for ffprobe are shell scripts")
class TestAnother:
    def test_a_decoder_is_named_by_its_codec(self, tmp_path: Path) -> None:
        assert decodable_codecs(stand_in(tmp_path, LIST)) == {"av1", "h264"}

    def test_one_that_only_drives_a_device_does_not_count(self, tmp_path: Path) -> None:
        without = LIST.replace("libdav1d", "av1_cuvid")
        assert decodable_codecs(stand_in(tmp_path, without)) == {"h264"}

    @pytest.mark.parametrize("text", ["", "what?", " V..... = Video"])
    def test_a_list_that_is_none_is_a_failure(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(FfprobeFailed, match="does not list its decoders"):
            decodable_codecs(stand_in(tmp_path, text))

    def test_an_exit_code_of_its_own_is_a_failure(self, tmp_path: Path) -> None:
        with pytest.raises(FfprobeFailed, match="-decoders fails with exit code 3"):
            decodable_codecs(stand_in(tmp_path, LIST, 3))


def test_a_program_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FfprobeMissing):
        decodable_codecs(str(tmp_path / "none"))
