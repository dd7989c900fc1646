"""Reads the page of `--format html` as a browser does: its elements, its texts, its policy."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

_VOID = {"meta", "link", "input"}
_INLINE = {"script", "style"}
_LINKS = {"href", "src", "action", "xlink:href", "formaction", "data", "poster", "srcset"}


class Page(HTMLParser):
    """A page that was read; raises `AssertionError` for what none of ours has."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []  # tag, name, value
        self.inline: dict[str, list[str]] = {name: [] for name in _INLINE}
        self._open: list[str] = []
        self._commands: list[list[str]] = []
        self.feed(text)
        self.close()
        assert self._open == []
        self._look()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self._open.append(tag)
        if ("class", "command") in attrs:
            self._commands.append([])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert tag not in _VOID
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in _INLINE:
            self.inline[self._open[-1]].append(data)
        elif "code" in self._open and "button" not in self._open and self._commands:
            self._commands[-1].append(data)
        elif data.strip():
            self.texts.append(data.strip())

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data[:80]!r}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data[:80]!r}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data[:80]!r}")

    @property
    def policy(self) -> str:
        """The content of the policy's meta tag."""
        (policy,) = [
            value for tag, _, value in self.attributes if tag == "meta" and "default-src" in value
        ]
        return policy

    @property
    def commands(self) -> list[str]:
        """What can be copied."""
        return ["".join(words) for words in self._commands]

    @property
    def verdicts(self) -> list[str]:
        """Those of the cards, in their order."""
        return [
            value for tag, name, value in self.attributes
            if (tag, name) == ("article", "data-verdict")
        ]  # fmt: skip

    def values(self, name: str) -> list[str]:
        """The values of an attribute, in their order."""
        return [value for _, own, value in self.attributes if own == name]

    def _look(self) -> None:
        assert self.tags.count("script") == self.tags.count("style") == 1
        for tag, name, value in self.attributes:
            assert not name.startswith("on"), (tag, name, value)
            assert name != "style", (tag, name, value)
            if name in _LINKS:
                assert re.match(r"#|data:image/jpeg;base64,[A-Za-z0-9+/=]+$|data:,$", value), value
        for kind in _INLINE:
            content = "".join(self.inline[kind])
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            assert f"{kind}-src 'sha256-{digest}'" in self.policy
