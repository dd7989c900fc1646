"""The program as a process: exit codes, streams, and no traceback whatever it is given."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders import body
from conftest import Program
from paths import FIXTURES
from processes import ffprobe_script, started, surroundings
from warm import warm

from motion_preflight.cli import exit_codes
from motion_preflight.cli.parser import parser, with_command
from motion_preflight.media.programs.decoders import decodable_codecs
from motion_preflight.media.programs.ffmpeg import from_fix_extra
from motion_preflight.rules import RULES
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

MEDIA = FIXTURES / "media"


def written(folder: Path, content: object, name: str = "request.json") -> Path:
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def local(
    video: str = "clip-8s.mp4", image: str = "image.png", **fields: object
) -> dict[str, object]:
    return body(video_url=str(MEDIA / video), image_url=str(MEDIA / image), **fields)


@pytest.mark.parametrize(
    ("request_body", "options", "code"),
    [
        (local(), (), exit_codes.OK),
        (local("clip-30.1s.mp4"), (), exit_codes.BROKEN),
        (local("audio-longer.mp4", character_orientation="image"), (), exit_codes.UNSURE),
        (local(), ("--max-cost", "0.4"), exit_codes.OVER_BUDGET),
        (local(), ("--max-cost", "0.5"), exit_codes.OK),
        (local(), ("--max-cost", "7.9", "--price", "1"), exit_codes.OVER_BUDGET),
        ([local(), local("clip-30.1s.mp4")], (), exit_codes.BROKEN),
        ([local(), local("live.webm")], (), exit_codes.UNSURE),
        ([local("clip-30.1s.mp4"), local()], ("--max-cost", "0.4"), exit_codes.BROKEN),
        ([local("live.webm"), local()], ("--max-cost", "0.4"), exit_codes.OVER_BUDGET),
        (local("silent-8s.mp4"), (), exit_codes.OK),
        (local("silent-8s.mp4"), ("--strict",), exit_codes.BROKEN),
        (local("live.webm"), ("--scan",), exit_codes.OK),
        (local("clip-10.01s.mp4", character_orientation="image"), (), exit_codes.BROKEN),
        (
            local("clip-10.01s.mp4", character_orientation="image"),
            ("--tolerance", "0.05"),
            exit_codes.OK,
        ),
        ([], (), exit_codes.CANNOT_RUN),
        ([local(), 3], (), exit_codes.CANNOT_RUN),
    ],
)  # fmt: skip
def test_exit_codes_of_check(
    request_body: object, options: tuple[str, ...], code: int, program: Program, tmp_path: Path
) -> None:
    done = program("check", written(tmp_path, request_body), *options)
    assert done.returncode == code, done.stdout + done.stderr
    assert (done.stderr == "") == (code != exit_codes.CANNOT_RUN)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "usage: motion-preflight"),
        (("check",), "name a request file"),
        (("check", "no.json"), "no such file"),
        (("check", "."), "not a regular file"),
        (("check", str(MEDIA / "clip-8s.mp4")), "motion-preflight probe"),
        (("check", "https://apimart-user.com/clip.mp4?k=s3cret"), "motion-preflight probe"),
        (("check", "no.json", "--video", "x"), "not both"),
        (("check", "--frobnicate"), "unrecognized arguments"),
        (("check", "--max-cost", "nan"), "not a number"),
        (("check", "--max-cost", "1e999999999"), "not a number"),
        (("check", "--price", "1e-999999999"), "not a number"),
        (("check", "--vidio", "x"), "was --video meant?"),
        (("chekc",), "chekc is no command\nwas check meant?"),
        (("'dance.mp4'",), "a part of it: motion-preflight dance.mp4"),
        (("“https://a.example/x?k=s3cret”",), "try it without the quotes that are a part of it"),
        (("x" * 400, "y"), "see: motion-preflight --help"),
        (("“my.json”",), "a part of it: motion-preflight check my.json"),
        (("'",), "see: motion-preflight --help"),
        ((str(MEDIA),), "it is a folder: name a file in it"),
        (("dance.xyz",), "try: motion-preflight probe dance.xyz"),
        (("pic's.xyz",), """try: motion-preflight probe 'pic'\"'\"'s.xyz'"""),
        (("-dash.mp4",), "is written ./-dash.mp4"),
        (("check", "~nobody/x.json"), "no such file"),
        (("check", "--timeout", "0"), "not a number of seconds"),
        (("check", "--format", "yaml"), "none of text, json, jsonl"),
        (("rules", "video-to-large"), 'was "video-too-large" meant?'),
        (("rules", "--profile", "no.toml"), "no.toml: cannot be read"),
        (("probe",), "required: MEDIA"),
    ],
)
def test_what_cannot_run_is_one_message_and_exit_2(
    arguments: tuple[str, ...], says: str, program: Program
) -> None:
    done = program(*arguments)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert "s3cret" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not JSON"),
        ("", "not JSON"),
        ('{"model": 1, "model": 2}', "stands twice"),
        ('"text"', "a request is a JSON object"),
        ("[1]", "[0]: a request is a JSON object"),
        ("[" * 100_000, "not JSON"),
        ("<!doctype html>", "not a request"),
        ("[]", "the list holds no request"),
        ('{"model": 1,\n}', "line 1: a comma that nothing follows"),
        ("{\u201cmodel\u201d: 1}", "curly quotes"),
        ('{"model": NaN}', "not a number that JSON has"),
        ('{"model": 1e999}', "not a number that JSON has"),
        ('{"a": ' + "[" * 60 + "]" * 60 + "}", "nested more than 32 levels"),
        ('{"schema": "motion-preflight/report/1"}', "a report of ours"),
    ],
)
def test_a_file_that_is_no_request_says_where_and_what(
    content: str, says: str, program: Program, tmp_path: Path
) -> None:
    done = program("check", written(tmp_path, content))
    assert done.returncode == exit_codes.CANNOT_RUN
    assert says in done.stderr
    assert "request.json" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_request_of_nothing_reports_every_field_at_once(program: Program, tmp_path: Path) -> None:
    done = program("check", written(tmp_path, {}), "--format", "json")
    findings = json.loads(done.stdout)["reports"][0]["findings"]
    fields = {finding["field"] for finding in findings if finding["rule"] == "request-invalid"}
    assert fields == {"model", "image_url", "video_url", "character_orientation", "mode"}
    assert done.returncode == exit_codes.BROKEN


def test_options_make_a_request(program: Program) -> None:
    done = program(
        "check", "--model", "kling-v3-motion-control", "--mode", "pro", "--orientation", "image",
        "--image", MEDIA / "image.png", "--video", MEDIA / "clip-8s.mp4", "--no-sound",
        "--watermark", "--prompt", "x", "--format", "json",
    )  # fmt: skip
    request = json.loads(done.stdout)["reports"][0]["request"]
    assert done.returncode == exit_codes.OK
    assert request["keep_original_sound"] == "no"
    assert request["watermark_info"] == {"enabled": True}
    assert request["mode"] == "pro"


def test_formats_go_to_files_side_by_side(program: Program, tmp_path: Path) -> None:
    request = written(tmp_path, local())
    done = program("check", request, "--format", "text", "--format", f"json={tmp_path / 'r.json'}")
    assert done.stdout.startswith("PASS")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["summary"]["pass"] == 1


def test_a_report_that_cannot_be_written_is_said(program: Program, tmp_path: Path) -> None:
    done = program("check", written(tmp_path, local()), "--format", f"json={tmp_path / 'no' / 'r'}")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "cannot be written" in done.stderr


def test_relative_paths_start_at_the_request_file(program: Program, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "clip.mp4").write_bytes((MEDIA / "clip-8s.mp4").read_bytes())
    request = written(tmp_path / "sub", local() | {"video_url": "clip.mp4"})
    assert program("check", request, cwd=Path("/")).returncode == exit_codes.OK


@pytest.mark.parametrize(
    ("medium", "code"),
    [
        ("clip-8s.mp4", exit_codes.OK),
        ("image.png", exit_codes.OK),
        ("clip-30.1s.mp4", exit_codes.OK),
        ("garbage.mp4", exit_codes.BROKEN),
        ("empty.mp4", exit_codes.BROKEN),
        ("image-svg.svg", exit_codes.UNSURE),
        ("not-there.mp4", exit_codes.BROKEN),
        (".", exit_codes.BROKEN),
    ],
)
def test_exit_codes_of_probe(medium: str, code: int, program: Program) -> None:
    done = program("probe", MEDIA / medium)
    assert done.returncode == code, done.stdout
    assert done.stderr == ""


def test_probe_says_what_a_clip_is_good_for(program: Program) -> None:
    done = program("probe", MEDIA / "clip-12s.mp4", MEDIA / "image.png", "--format", "json")
    clip, picture = json.loads(done.stdout)["reports"]
    assert clip["fits"] == {"image": "fail", "video": "pass"}
    assert len(clip["estimates"]) == 4
    assert picture["facts"]["image"]["video"]["width"] == 640
    assert picture["fits"] is None


def test_estimate_prints_the_same_document_as_check(program: Program, tmp_path: Path) -> None:
    request = written(tmp_path, local("audio-longer.mp4"))
    answer = [
        program(command, request, "--format", "json").stdout for command in ("check", "estimate")
    ]
    assert answer[0] == answer[1]
    amount = json.loads(answer[0])["reports"][0]["estimate"]["amount"]
    assert amount == {"low": 0.565488, "high": 0.68544}


def test_an_unknown_price_is_a_formula_and_never_0(program: Program, tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text("[models.new-motion-control]\n", encoding="utf-8")
    request = written(tmp_path, local(model="new-motion-control"))
    done = program("check", request, "--profile", profile, "--format", "json")
    report = json.loads(done.stdout)["reports"][0]
    assert report["verdict"] == "pass"
    assert report["estimate"]["amount"] is None
    assert (
        "8 s x the price of a second" in program("estimate", request, "--profile", profile).stdout
    )


def test_a_profile_may_have_limits_of_one_model(program: Program, tmp_path: Path) -> None:
    """The request of the other model is judged by the common limits."""
    profile = tmp_path / "profile.toml"
    profile.write_text(
        '[sources.mine]\ntitle = "a letter of support"\nas_of = 2026-12-01\nconfidence = "own"\n'
        "[models.kling-v3-motion-control.limits.video_duration.video]\n"
        'maximum = 5\nsource = "mine"\n',
        encoding="utf-8",
    )
    request = written(
        tmp_path,
        [
            local(model=model, character_orientation="video")
            for model in ("kling-v2-6-motion-control", "kling-v3-motion-control")
        ],
    )
    done = program("check", request, "--profile", profile, "--format", "json")
    assert done.returncode == exit_codes.BROKEN
    common, own = json.loads(done.stdout)["reports"]
    assert common["verdict"] == "pass"
    assert own["verdict"] == "fail"
    (finding,) = [item for item in own["findings"] if item["level"] == "error"]
    assert finding["rule"] == "video-duration-above-maximum"
    assert "3 to 5 s" in finding["message"]
    assert finding["source"] == "a letter of support, read 2026-12-01"
    probed = program("probe", MEDIA / "clip-8s.mp4", "--profile", profile)
    assert '"image" fits' in probed.stdout.splitlines()[0]
    assert "with kling-v3-motion-control: " in " ".join(probed.stdout.split())
    assert '"video" does not fit' in probed.stdout


def test_the_users_own_profile_is_taken_from_the_configuration_folder(
    program: Program, tmp_path: Path
) -> None:
    folder = tmp_path / "config" / "motion-preflight"
    folder.mkdir(parents=True)
    (folder / "profile.toml").write_text("[limits.video_duration.image]\nmaximum = 5\n", "utf-8")
    request = written(tmp_path, local(character_orientation="image"))
    assert program("check", request).returncode == exit_codes.BROKEN


def test_every_rule_has_a_page(program: Program) -> None:
    listed = program("rules")
    assert listed.returncode == exit_codes.OK
    for module in RULES:
        assert module.RULE.id in listed.stdout
    page = program("rules", "video-too-large").stdout
    assert "level      error at most" in page
    assert "read 2026-11-22 (documented)" in " ".join(page.split())


def test_doctor_is_well_here(program: Program) -> None:
    done = program("doctor")
    assert done.returncode == exit_codes.OK
    assert "ffprobe version" in done.stdout


def test_doctor_tells_which_codecs_a_scan_decodes(program: Program, ffprobe: str) -> None:
    done = program("doctor", MOTION_PREFLIGHT_FFPROBE=ffprobe)
    assert done.returncode == exit_codes.OK
    line = " ".join(done.stdout.split())
    assert " decodes h264, hevc, " in line
    decodes = "av1" in decodable_codecs(ffprobe)
    assert ("NOT av1: --scan cannot decode such a clip" in line) is not decodes


@pytest.mark.skipif(os.name != "posix", reason="stands-in for ffprobe are shell scripts")
@pytest.mark.parametrize(
    ("decoders", "words"),
    [
        ("echo ' VFS..D h264   H.264'", "decodes h264; NOT hevc, av1, vp9, vp8, mpeg4, prores"),
        ("echo ' V....D vvc   VVC'", "decodes vvc; NOT h264, hevc, av1"),
        ("echo nonsense", "what it decodes is not known: ffprobe does not list its decoders"),
        ("exit 7", "what it decodes is not known: ffprobe -decoders fails with exit code 7"),
        ("printf '\\377\\376'", "what it decodes is not known"),
        ("exec yes", "what it decodes is not known"),
        ("kill -SEGV $$", "what it decodes is not known"),
    ],
)
def test_doctor_of_an_ffprobe_that_lists_no_or_few_decoders(
    decoders: str, words: str, program: Program, tmp_path: Path
) -> None:
    body = f"case $* in *-decoders) {decoders};; *) echo ffprobe version 7;; esac"
    done = program("doctor", MOTION_PREFLIGHT_FFPROBE=ffprobe_script(tmp_path, body))
    assert done.returncode == exit_codes.OK
    assert words in " ".join(done.stdout.split())
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="stands-in for ffprobe are shell scripts")
@pytest.mark.parametrize(
    ("body", "words"),
    [("exit 3", "exit code 3"), ("exec yes", "CANNOT BE USED"), ("kill -SEGV $$", "exit code -11")],
)
def test_doctor_names_an_ffprobe_that_cannot_be_used(
    body: str, words: str, program: Program, tmp_path: Path
) -> None:
    done = program("doctor", MOTION_PREFLIGHT_FFPROBE=ffprobe_script(tmp_path, body))
    assert done.returncode == exit_codes.CANNOT_RUN
    assert words in " ".join(done.stdout.split())
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="stands-in for ffmpeg are shell scripts")
@pytest.mark.parametrize(
    ("lists", "words"),
    [
        (
            "echo ' .S tonemap V->V x'; echo ' V....D libx264 x'; echo ' VFS..D h264 x'",
            (
                "LACKS filters zscale, bwdif, tpad, premultiply, scdet; encoders aac; decoders "
                "hevc, av1, vp9, prores, png: fix cannot mend every clip; one that can: "
                "pip install 'motion-preflight[fix]'"
            ),
        ),
        ("echo nonsense", "what it can do is not known: ffmpeg does not list its filters,"),
        ("exit 7", "what it can do is not known: ffmpeg -filters fails with exit code 7"),
        ("exec yes", "what it can do is not known"),
    ],
)
def test_doctor_tells_what_an_ffmpeg_lacks(
    lists: str, words: str, program: Program, tmp_path: Path
) -> None:
    body = f"case $* in *-version) echo ffmpeg version 7;; *) {lists};; esac"
    script = ffprobe_script(tmp_path, body)
    done = program("doctor", MOTION_PREFLIGHT_FFMPEG=script)
    assert done.returncode == exit_codes.OK
    shown = " ".join(done.stdout.split())
    assert f"ffmpeg {script} ffmpeg version 7 {words}" in shown
    assert "Traceback" not in done.stderr


def test_doctor_tells_that_nothing_is_missing_of_the_ffmpeg_that_comes_with_fix(
    program: Program,
) -> None:
    path = from_fix_extra()
    if path is None:
        pytest.skip("the extra fix is not installed")
    shown = " ".join(program("doctor").stdout.split())
    assert f"ffmpeg {path} ffmpeg version" in shown
    assert "has all filters, encoders and decoders that fix and --content use" in shown


def test_doctor_names_what_brings_an_ffmpeg(program: Program, tmp_path: Path) -> None:
    done = program("doctor", MOTION_PREFLIGHT_FFMPEG=str(tmp_path / "none"))
    assert done.returncode == exit_codes.OK  # a check can run
    assert "ffmpeg MISSING: the ffmpeg named in the settings" in " ".join(done.stdout.split())


def test_doctor_names_what_is_missing_and_what_mends_it(program: Program, tmp_path: Path) -> None:
    done = program("doctor", MOTION_PREFLIGHT_FFPROBE=str(tmp_path / "none"))
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "MISSING" in done.stdout
    wrong = program("check", written(tmp_path, local()), MOTION_PREFLIGHT_FFPROBE="/none")
    assert wrong.returncode == exit_codes.CANNOT_RUN
    assert "ffprobe" in wrong.stderr


def test_doctor_shows_no_password_of_a_proxy(program: Program) -> None:
    done = program("doctor", HTTPS_PROXY="http://me:s3cret@proxy.example:3128")
    assert "proxy.example" in done.stdout
    assert "s3cret" not in done.stdout


def test_a_wrong_setting_is_named_with_its_file(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "config" / "motion-preflight"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("ffprob = 'x'", encoding="utf-8")
    done = program("check", written(tmp_path, local()))
    assert done.returncode == exit_codes.CANNOT_RUN
    assert 'config.toml: there is no setting "ffprob"' in done.stderr


def test_no_secret_of_a_url_is_ever_printed(program: Program, tmp_path: Path, host: Host) -> None:
    url = host.serve("clip.mp4", b"", Habit(status=403)) + "?Signature=s3cret#s3cret"
    request = written(
        tmp_path, body(video_url=url, image_url="https://u:s3cret@apimart-user.com/x")
    )
    for options in ((), ("--format", "json"), ("--debug",)):
        done = program("check", request, "--allow-private", *options)
        assert done.returncode == exit_codes.BROKEN
        assert "s3cret" not in done.stdout + done.stderr
    assert host.requests("/clip.mp4?Signature=s3cret")


def test_text_has_no_colour_and_fits_80_columns_when_it_is_no_terminal(program: Program) -> None:
    for request in sorted((FIXTURES / "requests").glob("*/*.json")):
        if ".report" in request.name:
            continue
        done = program("check", request.relative_to(FIXTURES), cwd=FIXTURES)
        assert "\x1b" not in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 80, request.name


def test_text_is_ascii_where_the_stream_is(program: Program) -> None:
    done = program(
        "check", FIXTURES / "requests/unsure/audio-longer.json", PYTHONIOENCODING="ascii"
    )
    assert done.returncode == exit_codes.UNSURE
    assert done.stdout.isascii()
    assert "[" in done.stdout


def test_control_characters_of_a_request_do_not_reach_the_terminal(
    program: Program, tmp_path: Path
) -> None:
    request = written(tmp_path, local(mode="\x1b[2Jstd", evil="\x1b]0;x") | {"\x1b[31mfield": 1})
    done = program("check", request)
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, exit_codes.INTERRUPTED), (signal.SIGTERM, 143)]
)
def test_an_interrupted_check_leaves_at_once_and_nothing_behind(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    with Host() as host:
        url = host.serve("clip.mp4", MEDIA / "clip-8s.mp4", Habit(stall_after=1000))
        picture = host.serve("image.png", MEDIA / "image.png", Habit(stall_header=True))
        request = written(tmp_path, body(video_url=url, image_url=picture))
        (tmp_path / "temporary").mkdir()
        environment = {"TMPDIR": str(tmp_path / "temporary")}
        words = ("check", request, "--allow-private")
        process = started(*words, folder=tmp_path, environment=environment)
        while not (host.requests(url) and host.requests(picture)):
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        begun = time.monotonic()
        process.send_signal(number)
        _, stderr = process.communicate(timeout=30)
        assert process.returncode == code
        assert time.monotonic() - begun < 8  # not the ten seconds of the time-out
        assert "Traceback" not in stderr
        assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_verdict_outlives_a_reader_that_leaves(form: str, tmp_path: Path) -> None:
    request = written(tmp_path, [local("clip-30.1s.mp4")] * 3)
    check = f"{shlex.join(warm().command)} check {request} --format {form}"
    script = f"{{ sleep 0.1; {check}; echo $? > {tmp_path}/code; }} | true"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert (tmp_path / "code").read_text().strip() == str(exit_codes.BROKEN)
    assert done.stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_reader_of_the_rules_that_leaves_is_no_error() -> None:
    script = f"{shlex.join(warm().command)} rules | head -n 1"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", ["check", "probe", "rules", "doctor", "--version"])
def test_an_output_that_is_full_is_said(command: str, tmp_path: Path) -> None:
    values = {"check": [str(written(tmp_path, local()))], "probe": [str(MEDIA / "clip-8s.mp4")]}
    with Path("/dev/full").open("w") as full:
        words = (command, *values.get(command, []))
        done = warm().run(*words, cwd=tmp_path, env=surroundings(tmp_path), stdout=full)
    assert done.returncode == exit_codes.CANNOT_RUN, done.stderr
    assert "the output: cannot be written" in done.stderr
    assert len(done.stderr.splitlines()) == 1  # nothing more at the interpreter's end


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_errors_that_cannot_be_written_change_no_exit_code(unbuffered: str, tmp_path: Path) -> None:
    variables = surroundings(tmp_path, PYTHONUNBUFFERED=unbuffered)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "motion_preflight", "check", "none.json"],
            cwd=tmp_path, env=variables, stderr=full, check=False,
        )  # fmt: skip
    assert done.returncode == exit_codes.CANNOT_RUN


@pytest.mark.skipif(os.name != "posix", reason="closed streams of POSIX")
def test_closed_streams_are_no_bug(tmp_path: Path) -> None:
    request = written(tmp_path, local())
    for closed in [(1,), (2,), (1, 2)]:
        done = warm().run(
            "check", request,
            cwd=tmp_path, env=surroundings(tmp_path), beginning={"closed": closed},
        )  # fmt: skip
        assert done.returncode == exit_codes.OK


def test_one_bad_file_does_not_hide_the_others(program: Program, tmp_path: Path) -> None:
    good = written(tmp_path, local())
    bad = written(tmp_path, "{", "bad.json")
    done = program("check", good, bad, good)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert done.stdout.count("PASS") == 2
    assert "bad.json" in done.stderr


def test_one_report_that_cannot_be_written_does_not_hide_the_others(
    program: Program, tmp_path: Path
) -> None:
    request = written(tmp_path, local())
    done = program("check", request, "--format", f"json={tmp_path}/no/r", "--format", "text")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert done.stdout.startswith("PASS")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_json_on_every_stream(encoding: str, program: Program, tmp_path: Path) -> None:
    prompt = "caf\u00e9 \U0001f600 \ud800 \x9b"
    request = written(tmp_path, local(prompt=prompt))
    done = program("check", request, "--format", "json", PYTHONIOENCODING=encoding)
    assert json.loads(done.stdout)["reports"][0]["request"]["prompt"] == prompt
    assert done.stdout.isascii()


def test_debug_shows_the_traceback_and_keeps_the_exit_code(program: Program) -> None:
    done = program("check", "no.json", "--profile", "no.toml", "--debug")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "Traceback" in done.stderr


def test_over_budget_is_the_last_thing_said(program: Program, tmp_path: Path) -> None:
    done = program("check", written(tmp_path, local()), "--max-cost", "0.1")
    assert done.stdout.split("\n\n")[-1].startswith("OVER BUDGET  1 request: 1 pass")


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="needs to change its user")
def test_a_user_without_a_home_and_one_with_somebody_elses_can_check(tmp_path: Path) -> None:
    code = (  # everything is imported first: that user may not read this Python
        "import os, sys, runpy; from motion_preflight.cli.program import run; run(['rules']); "
        "os.setgid(65534); os.setuid(65534); os.environ.pop('HOME', None); "
        "os.environ.update({home}); sys.exit(run(['rules']))"
    )
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    for home in ({}, {"HOME": str(hidden)}, {"XDG_CONFIG_HOME": str(hidden)}):
        program = [sys.executable, "-c", code.format(home=home)]
        done = subprocess.run(program, capture_output=True, text=True, check=False)
        assert done.returncode == exit_codes.OK, done.stderr


def test_a_command_is_printed_once_though_several_rules_name_it(
    program: Program, tmp_path: Path
) -> None:
    request = written(tmp_path, local("live.webm"))
    done = program("check", request)
    assert done.stdout.count("motion-preflight fix ") == 1
    assert "the command above" in done.stdout


def test_the_version(program: Program) -> None:
    assert program("--version").stdout.startswith("motion-preflight 0.")


@pytest.mark.parametrize(
    "command",
    [
        "check",
        "estimate",
        "probe",
        "rules",
        "schema",
        "doctor",
        "submit",
        "tasks",
        "sandbox",
        "help",
    ],
)
def test_the_help_of_each_command_has_examples_that_the_parser_takes(
    command: str, program: Program
) -> None:
    page = program(command, "--help").stdout
    examples = re.findall(rf"^  motion-preflight ({command}\b[^<\n]*)", page, re.MULTILINE)
    assert examples
    for example in examples:
        words = example.partition("  ")[0].split()
        assert parser().parse_args(with_command(words)).command == command


@pytest.mark.parametrize("columns", ["40", "50", "80"])
def test_the_examples_of_the_help_fit_the_terminal_and_stay_commands(
    columns: str, program: Program
) -> None:
    page = program("--help", COLUMNS=columns).stdout
    _, _, examples = page.partition("examples:\n")
    assert max(map(len, examples.splitlines())) <= max(int(columns), 42)
    joined = " ".join(examples.partition("\n\n")[0].replace("\\\n", " ").split())
    assert "submit request.json --max-cost 1.00 --wait --download results" in joined


@pytest.mark.skipif(os.name != "posix", reason="a signal of POSIX")
def test_an_ffprobe_that_fails_has_failed_also_where_children_are_not_waited_for(
    tmp_path: Path,
) -> None:
    """A service may ignore SIGCHLD, and what it starts does so too."""
    code = (
        "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
        "os.execv(sys.executable, [sys.executable, '-m', 'motion_preflight', *sys.argv[1:]])"
    )
    ffprobe = ffprobe_script(tmp_path, 'real "$@"; exit 1')
    request = written(tmp_path, local())
    done = subprocess.run(
        [sys.executable, "-c", code, "check", request],
        env=surroundings(tmp_path, MOTION_PREFLIGHT_FFPROBE=ffprobe),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == exit_codes.UNSURE, done.stdout + done.stderr


@pytest.mark.skipif(
    not Path("/proc/thread-self/children").exists(),
    reason="this system does not tell the children of a thread",
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["check", "probe"])
def test_an_interruption_ends_an_ffprobe_that_hangs(
    command: str, number: signal.Signals, tmp_path: Path
) -> None:
    pids, temporary = tmp_path / "pids", tmp_path / "temporary"
    temporary.mkdir()
    ffprobe = ffprobe_script(tmp_path, f'echo $$ >>"{pids}"; exec sleep 600')
    with Host() as host:  # without a length, so that it is held in a file
        url = host.serve("clip.webm", MEDIA / "live.webm", Habit(chunked=True, ranges=False))
        values = url if command == "probe" else str(written(tmp_path, local() | {"video_url": url}))
        process = started(
            command, values, "--allow-private",
            folder=tmp_path,
            environment={"MOTION_PREFLIGHT_FFPROBE": ffprobe, "TMPDIR": str(temporary)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not pids.exists() or not pids.read_text().split():
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(number)
        process.wait(30)
    assert list(temporary.iterdir()) == []
    alive = [Path("/proc", pid, "stat") for pid in pids.read_text().split()]
    assert [stat for stat in alive if stat.exists() and ") Z " not in stat.read_text()] == []
