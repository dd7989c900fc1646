"""What the documentation's site needs beside docs/: files of the repository that its pages link.

A link is written as it is true in a checkout, such as `../SECURITY.md` or
`../src/motion_preflight/provider/apimart.toml`. The site gets a copy of each such file, to which
the link leads there. README.md becomes the first page. The builder calls the functions `on_…`.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
# Pages of the site that no page of docs/ needs to link.
_PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
_LINK = re.compile(r"(?<=\]\()([^)#:\s]+)(?=[)#])")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the files outside of docs/ that a page links."""
    sources = [f"docs/{file.src_uri}" for file in files.documentation_pages()]
    targets = set(_PAGES)
    for source in [*sources, *_PAGES]:
        text = (ROOT / source).read_text(encoding="utf-8")
        targets |= {_repository_path(source, link) for link in _LINK.findall(text)}
    for path in sorted(targets):
        if not path.startswith("docs/") and (ROOT / path).is_file():
            copy = File.generated(config, _site_path(path), abs_src_path=str(ROOT / path))
            files.append(copy)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turns the links of a page into those of the site, which the builder then checks."""
    del config, files
    uri = page.file.src_uri
    source = next((path for path in _PAGES if _site_path(path) == uri), f"docs/{uri}")
    folder = posixpath.dirname(uri) or "."

    def site_link(match: re.Match[str]) -> str:
        target = _site_path(_repository_path(source, match[1]))
        return posixpath.relpath(target, folder)

    return _LINK.sub(site_link, markdown)


def _repository_path(source: str, link: str) -> str:
    """The path from the repository's root of what a file of it links."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), link))


def _site_path(path: str) -> str:
    """Where the site has a file of the repository, as a path below docs/."""
    if path == "README.md":
        return "index.md"
    return path.removeprefix("docs/") if path.startswith("docs/") else f"repository/{path}"
