"""A real browser that shows a page: Debian's chromium, driven by the DevTools protocol."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from websockets.sync.client import connect

if TYPE_CHECKING:
    from typing import Self

PROGRAM = shutil.which("chromium")
MISSING = "chromium is not installed here: on Debian, `apt install chromium`"
_ENOUGH = 60.0  # seconds; by then a browser that hangs is given up
_KEYS = {
    "Enter": (13, "\r"),
    "Tab": (9, ""),
    "Escape": (27, ""),
    "ArrowDown": (40, ""),
    "/": (191, "/"),
}
_OPTIONS = (
    "--headless=new", "--remote-debugging-port=0", "--disable-gpu", "--hide-scrollbars",
    "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-default-browser-check", "--disable-dev-shm-usage",
)  # fmt: skip


class Browser:
    """One browser with one tab. It ends with the block, and its folder is removed."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="chromium-")
        root = ["--no-sandbox"] if os.geteuid() == 0 else []  # as root there is no sandbox
        assert PROGRAM
        self._process = subprocess.Popen(
            [PROGRAM, *_OPTIONS, *root, f"--user-data-dir={self._folder}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.messages: list[str] = []  # what the console has shown
        self.asked: list[str] = []  # the URLs that the page has asked for
        self._loaded = False
        self._session = ""
        self._stack = ExitStack()
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        try:
            talk = connect(self._address(), max_size=None, open_timeout=_ENOUGH)
            self._socket = self._stack.enter_context(talk)
            target = self._call("Target.createTarget", url="about:blank")["targetId"]
            attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
            self._session = attached["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                self._call(f"{domain}.enable")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(Exception):  # one that is asked to end leaves no process behind
            self._socket.send('{"id": 0, "method": "Browser.close"}')
            self._process.wait(10)
        self._process.kill()
        self._process.wait()
        self._stack.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def open(
        self, page: Path, *, width: int = 800, height: int = 900, dark: bool = False,
        script: bool = True, media: str = "",
    ) -> None:  # fmt: skip
        """Opens a file in a window of this size, and waits until it is shown."""
        self.messages, self.asked, self._loaded = [], [], False
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
            mobile=width < 600,
        )  # fmt: skip
        self._call("Emulation.setScriptExecutionDisabled", value=not script)
        self._call("Page.navigate", url=page.as_uri())
        until = time.monotonic() + _ENOUGH
        while not self._loaded:
            self._take(until)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript, which the page's policy does not bind."""
        answer = self._call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, *keys: str) -> None:
        """Presses keys one after the other, as a person does."""
        for key in keys:
            code, text = _KEYS[key]
            event = {"key": key, "code": key, "windowsVirtualKeyCode": code}
            down = "keyDown" if text else "rawKeyDown"
            self._call("Input.dispatchKeyEvent", type=down, text=text, **event)
            self._call("Input.dispatchKeyEvent", type="keyUp", **event)

    def write(self, text: str) -> None:
        """Writes text where the focus is."""
        self._call("Input.insertText", text=text)

    def paste(self) -> str:
        """What is pasted where the focus is."""
        self._call(
            "Input.dispatchKeyEvent", type="rawKeyDown", key="v", code="KeyV", modifiers=2,
            windowsVirtualKeyCode=86, commands=["paste"],
        )  # fmt: skip
        return str(self.evaluate("document.activeElement.value"))

    def screenshot(self, *, whole: bool = False) -> bytes:
        """What is shown as PNG; `whole`: of the whole page."""
        data = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(data["data"])

    def _address(self) -> str:
        """The address of the browser, which it writes into its folder."""
        file, until = Path(self._folder) / "DevToolsActivePort", time.monotonic() + _ENOUGH
        while time.monotonic() < until and self._process.poll() is None:
            lines = file.read_text("ascii").splitlines() if file.exists() else []
            if len(lines) > 1:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            time.sleep(0.05)
        raise RuntimeError("chromium does not answer")

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number, until = next(self._numbers), time.monotonic() + _ENOUGH
        order: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session:
            order["sessionId"] = self._session
        self._socket.send(json.dumps(order))
        while True:
            answer = self._take(until)
            if answer.get("id") == number:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result

    def _take(self, until: float) -> dict[str, Any]:
        """The next message of the browser; what events tell is noted."""
        message: dict[str, Any] = json.loads(
            self._socket.recv(timeout=max(until - time.monotonic(), 0.01))
        )
        method, parameters = message.get("method"), message.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Runtime.consoleAPICalled":
            self.messages += [str(part.get("value")) for part in parameters["args"]]
        elif method == "Runtime.exceptionThrown":
            self.messages.append(str(parameters["exceptionDetails"]))
        elif method == "Page.javascriptDialogOpening":
            self.messages.append(f"a dialog: {parameters['message']}")
        elif method == "Log.entryAdded":
            self.messages.append(parameters["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.asked.append(parameters["request"]["url"])
        return message
