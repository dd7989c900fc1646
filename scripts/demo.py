"""The whole way of a request against the sandbox: nothing leaves the machine, nothing is billed.

Each command is one that you can type yourself; `scripts/sandbox` gives you a provider to type it
against. What each of them ends with is compared with what it should be.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

from demo_bucket import bucket

from motion_preflight.media.programs.ffmpeg import find_ffmpeg
from motion_preflight.sandbox.server import Sandbox

MEDIA = Path(__file__).resolve().parent.parent / "fixtures" / "media"


class Demo:
    """Commands run in a folder of their own, with a ledger of their own."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.surprises = 0
        self.environment = {
            name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")
        } | {
            "MOTION_PREFLIGHT_STATE": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "APIMART_BASE_URL": sandbox.base,
            "APIMART_API_KEY": "sandbox-needs-no-real-key",
        }

    def use(self, environment: dict[str, str]) -> None:
        """Adds to the environment of the commands that follow."""
        self.environment |= environment

    def says(self, text: str) -> None:
        print(f"\n# {text}\n", flush=True)

    def run(self, command: str, code: int) -> str:
        """Runs a command line of ours and shows it; returns what it printed."""
        print(f"$ motion-preflight {command}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "motion_preflight", *shlex.split(command)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        print(done.stdout.rstrip(), f"(exit {done.returncode})", sep="\n", flush=True)
        if done.returncode != code:
            self.surprises += 1
            print(f"!! this should have been exit {code}", flush=True)
        return done.stdout

    def intent_of_unknown(self) -> str:
        listed = self.run("tasks list --state unknown --format json", 0)
        return str(json.loads(listed)["tasks"][0]["intent"])


def write_requests(folder: Path, sandbox: Sandbox) -> None:
    """Three requests: a good one with a local picture, one that is too long, another good one."""
    (folder / "me.png").write_bytes((MEDIA / "image.png").read_bytes())
    usual = {
        "model": "kling-v2-6-motion-control",
        "prompt": "a dancer on a rooftop at dusk",
        "image_url": "me.png",
        "video_url": sandbox.media_url("clip-8s.mp4"),
        "character_orientation": "image",
        "mode": "std",
    }
    for name, changes in {
        "dance.json": {},
        "too-long.json": {"video_url": sandbox.media_url("clip-12s.mp4")},
        "walk.json": {"character_orientation": "video", "prompt": "she walks to the window"},
    }.items():
        (folder / name).write_text(json.dumps(usual | changes, indent=2), encoding="utf-8")


def show(demo: Demo, sandbox: Sandbox) -> None:
    demo.says("Before anything is sent: is it right, and what may it cost?")
    demo.run("check dance.json too-long.json --quiet --allow-private", 1)
    demo.says("A request that fails is not sent, and with it none of the others.")
    demo.run("submit dance.json too-long.json --quiet --allow-private --yes", 1)
    demo.says("What would be sent, to the letter.")
    demo.run("submit dance.json --quiet --allow-private --dry-run", 0)
    demo.says("Sent once, within a budget; the picture is uploaded first. Then wait and fetch.")
    demo.run(
        "submit dance.json --quiet --allow-private --yes --max-cost 0.50 --wait --download results",
        0,
    )
    demo.says("The provider takes the next one, and the connection breaks before it can say so.")
    sandbox.fault("cut-after*1")
    demo.run("submit walk.json --quiet --allow-private --yes", 5)
    demo.says("Nothing sends it a second time by itself.")
    demo.run("submit walk.json --quiet --allow-private --yes", 5)
    demo.says("You look into the provider's list of tasks, and find it there.")
    intent, task_id = demo.intent_of_unknown(), list(sandbox.tasks)[-1]
    demo.run(f"tasks resolve {intent} --task {task_id}", 0)
    demo.run("tasks wait --download results", 0)
    demo.says("What the ledger knows, the newest first.")
    demo.run("tasks", 0)


def make_phone_clip(file: Path) -> None:
    """Twelve seconds as phones film them: HEVC, held upright, the index behind the pictures."""
    picture = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=10:duration=12"]
    sound = ["-f", "lavfi", "-i", "sine=frequency=330:duration=12"]
    coding = ["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-c:a", "aac"]
    flat = file.with_name("flat.mov")
    for arguments in (
        [*picture, *sound, *coding, "-shortest", str(flat)],
        ["-display_rotation", "90", "-i", str(flat), "-c", "copy", str(file)],
    ):
        command = [find_ffmpeg(None), "-nostdin", "-loglevel", "error", "-y", *arguments]
        subprocess.run(command, check=True)
    flat.unlink()


def show_the_whole_way(demo: Demo) -> None:
    demo.says("A clip of a phone, too long for its request, and no web server: one command.")
    demo.run(
        "submit --video IMG_4711.MOV --image me.png --model kling-v2-6-motion-control --mode std "
        "--orientation image --fix --publish s3://clips/demo --quiet --allow-private --yes --wait "
        "--download results",
        0,
    )
    demo.says("What still lies in the bucket, and how it goes again.")
    demo.run("tasks list --limit 1", 0)
    demo.run("unpublish --finished --allow-private", 0)


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as name,
        Sandbox(MEDIA, balance=Decimal(5), polls=1) as sandbox,
    ):
        folder = Path(name)
        write_requests(folder, sandbox)
        demo = Demo(folder, sandbox)
        show(demo, sandbox)
        make_phone_clip(folder / "IMG_4711.MOV")
        with bucket("clips", folder / "buckets") as environment:
            demo.use(environment)
            show_the_whole_way(demo)
        left = [path for path in (folder / "buckets").rglob("*") if path.is_file()]
        files = sorted(path.name for path in (folder / "results").glob("*.mp4"))
        posts, tasks = len(sandbox.posts), len(sandbox.tasks)
        demo.says(
            f"The provider saw {posts} paid POSTs and made {tasks} tasks of them; {len(files)} "
            f"results were fetched: {', '.join(files)}. All of it is gone now."
        )
        good = (posts, tasks, len(files), left) == (3, 3, 3, []) and not demo.surprises
        print("Everything went as it should." if good else "NOT everything went as it should.")
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
