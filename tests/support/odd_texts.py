"""Texts of others that must not drive a terminal, a page or a reader."""

from __future__ import annotations

# Texts that would break out of one format or another.
HOSTILE = [
    "a\nb\r\nc\rd", "a\u2028b\u2029c\x85d\x0be", "\x00\x1b[31mred\x1b[0m", "\ud800 \ufffe\uffff",
    "\u202egnp.exe", "%0A::error::x", "100% %25 %", "::stop-commands::x", "a::b,c=d:e",
    "##[error]x", "a|b", "`", "``a`b```", "|`|", " a ", "\\", "a\\|b", "a\\`b",
    "**a** _b_ ~~c~~ $`x`$", "<img src=x onerror=y>", "</failure>&amp;]]>", "<!-- -->",
    "![x](https://evil.example/x.png)", "[x](javascript:y)",
    "https://evil.example www.evil.example a@evil.example @octocat #1 :+1:",
    "[[ATTACHMENT|x]]", '"quoted" and \'so\'', "日本語 🎬", "a" * 5000,
]  # fmt: skip
