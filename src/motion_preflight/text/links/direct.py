"""The direct form of a link to a page of a well-known site, built from what the link holds."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from motion_preflight.text.lazy_dataclass import dataclass

# Characters; for a longer direct link a message describes the change instead of showing it.
_LONGEST = 300
_RAW = r"https://raw.githubusercontent.com/\1/\2"
_LFS = r"https://media.githubusercontent.com/media/\1/\2"
# Their values are not keys to a file.
_SAFE = frozenset(("dl", "raw", "download", "export", "id", "resid"))


@dataclass(frozen=True, slots=True)
class Page:
    """A kind of page: what its links look like, and the direct link to use instead."""

    host: str  # a pattern
    tail: str  # a pattern of the path and the query, matched at their beginning
    direct: str  # a template of the direct link
    hint: str = ""  # the same advice in words
    query: tuple[str, str] | None = None  # a parameter to set; all others stay


PAGES = (
    Page(r"(drive|docs)\.google\.com", r"file/(?:u/\d+/)?d/([\w-]+)",
         r"https://drive.google.com/uc?export=download&id=\1"),
    Page(r"(drive|docs)\.google\.com", r"(?:open|uc)\?(?!.*export=download)(?:.*&)?id=([\w-]+)",
         r"https://drive.google.com/uc?export=download&id=\1"),
    Page(r"(www\.|m\.)?dropbox\.com",
         r"(?!sh/|scl/fo/|home|preview|login|.*[?&](?:dl|raw)=1)([^?]+)",
         r"https://www.dropbox.com/\1", "the same link with dl=1 in place of dl=0", ("dl", "1")),
    Page(r"(www\.)?github\.com",
         r"(?!.*[?&]raw=(?:true|1))([^/?]+/[^/?]+)/blob/([^?]+)", _RAW,
         f"of a file in Git LFS {_LFS}"),
    Page(r"gist\.github\.com", r"([^/?]+/[0-9a-f]+)/?(?:\?|$)",
         r"https://gist.githubusercontent.com/\1/raw"),
    Page(r"(www\.)?gitlab\.com|[\w.-]+", r"([^?]+)/-/blob/([^?]+)", r"https://{host}/\1/-/raw/\2",
         "the same link with /-/raw/ in place of /-/blob/"),
    Page(r"(huggingface\.co|hf\.co)", r"([^?]+)/(?:blob)/([^?]+)",
         r"https://huggingface.co/\1/resolve/\2",
         "the same link with /resolve/ in place of /blob/"),
    Page(r"(www\.)?modelscope\.cn", r"([^?]+)/file/view/([^?]+)",
         r"https://www.modelscope.cn/\1/resolve/\2",
         "the same link with /resolve/ in place of /file/view/"),
    Page(r"bitbucket\.org", r"([^/?]+/[^/?]+)/src/([^?]+)", r"https://bitbucket.org/\1/raw/\2",
         "the same link with /raw/ in place of /src/"),
    Page(r"(gitee\.com)", r"([^/?]+/[^/?]+)/blob/([^?]+)", r"https://gitee.com/\1/raw/\2",
         "the same link with /raw/ in place of /blob/"),
    Page(r"(codeberg\.org|gitea\.com)", r"([^/?]+/[^/?]+)/src/((?:branch|tag|commit)/[^?]+)",
         r"https://{host}/\1/raw/\2", "the same link with /raw/ in place of /src/"),
    Page(r"onedrive\.live\.com", r"(?:embed|redir|edit|view)[^?]*(?=\?.*resid=)",
         "https://onedrive.live.com/download", "the same link with /download in place of its page",
         ("download", "1")),
    Page(r"onedrive\.live\.com", r"(?!download|.*[?&]download=1)([^?]*)",
         r"https://onedrive.live.com/\1", "the same link with download=1", ("download", "1")),
    Page(r"1drv\.ms", r"(?!.*[?&]download=1)([^?]+)", r"https://1drv.ms/\1",
         "the same link with download=1", ("download", "1")),
    Page(r"[\w-]+\.sharepoint\.com", r"(?!.*[?&]download=1)(:[a-z]:/[^?]+)", r"https://{host}/\1",
         "the same link with download=1", ("download", "1")),
    Page(r"([\w-]+\.)?box\.com", r"s/(\w+)", r"https://app.box.com/shared/static/\1",
         "with the ending of the file's name behind it"),
    Page(r"(www\.)?giphy\.com", r"(?:gifs|clips|stickers)/(?:[\w-]+-)?(\w+)",
         r"https://media.giphy.com/media/\1/giphy.mp4"),
    Page(r"commons\.wikimedia\.org", r"wiki/File:([^?]+)",
         r"https://commons.wikimedia.org/wiki/Special:FilePath/\1"),
    Page(r"(www\.)?archive\.org", r"details/([^/?]+/[^?]+)", r"https://archive.org/download/\1"),
    Page(r"storage\.cloud\.google\.com", r"([^?]+)", r"https://storage.googleapis.com/\1"),
    Page(r"(?:[\w-]+\.)*console\.aws\.amazon\.com",
         r"s3/(?:object|buckets)/([\w.-]+)\?(?:.*&)?prefix=([^&]+)", r"https://\1.s3.amazonaws.com/\2"),
    Page(r"console\.cloud\.google\.com", r"storage/browser/_details/([^?;]+)",
         r"https://storage.googleapis.com/\1"),
)  # fmt: skip
# What to try where the direct form, too, answers with a page or with a pointer to the file.
SECOND_FORMS = (
    Page(r"drive\.google\.com", r"uc\?(?:.*&)?id=([\w-]+)",
         r"https://drive.usercontent.google.com/download?id=\1&export=download&confirm=t"),
    Page(r"raw\.githubusercontent\.com", r"([^/?]+/[^/?]+)/([^?]+)", _LFS),
    Page(r"(www\.)?github\.com", r"([^/?]+/[^/?]+)/(?:raw|blob)/([^?]+)", _LFS),
    Page(r"(huggingface\.co|hf\.co)", r"([^?]+)/raw/([^?]+)",
         r"https://huggingface.co/\1/resolve/\2"),
)  # fmt: skip
_FOLDERS = re.compile(
    r"(www\.)?dropbox\.com/(sh/|scl/fo/)|drive\.google\.com/drive/|github\.com/[^/]+/[^/]+/tree/"
)
_PLAYERS = frozenset(
    ("youtube.com", "youtu.be", "youtube-nocookie.com", "tiktok.com", "douyin.com", "instagram.com",
     "vimeo.com", "bilibili.com", "b23.tv", "facebook.com", "fb.watch", "x.com", "twitter.com",
     "threads.net", "twitch.tv", "dailymotion.com", "kuaishou.com", "xiaohongshu.com",
     "xhslink.com", "weibo.com", "weibo.cn", "reddit.com", "pinterest.com", "streamable.com",
     "loom.com", "youku.com", "iqiyi.com", "v.qq.com", "ixigua.com", "nicovideo.jp", "rutube.ru",
     "snapchat.com", "linkedin.com")
)  # fmt: skip
# Sites whose links show a page with the file on it; what downloads it ends soon, or needs a key.
_SHARERS = frozenset(
    ("we.tl", "wetransfer.com", "icloud.com", "share.icloud.com", "mega.nz", "photos.google.com",
     "photos.app.goo.gl", "pan.baidu.com", "yun.baidu.com", "aliyundrive.com", "alipan.com",
     "pan.quark.cn", "mp.weixin.qq.com", "channels.weixin.qq.com", "t.me", "canva.com", "figma.com",
     "notion.so", "mediafire.com", "sendgb.com", "fromsmash.com")
)  # fmt: skip


def page_remedy(url: str) -> str | None:
    """What to do about a link that shows a page; `None` when the site is not one of the
    known ones.
    """
    direct = _form_of(url, PAGES)
    if direct:
        return f"use its direct form: {direct}"
    host = _host_and_tail(url)[0]
    site = re.sub(r"^(www|m|vm|vt|v|mobile|web)\.", "", host)
    # Other sites may serve files.
    if {site, host} & _PLAYERS:
        return "this site plays videos and gives no files: publish the file itself elsewhere"
    if {site, host} & _SHARERS:
        return "this site shows a page around its files: publish the file itself elsewhere"
    return None


def second_form(url: str) -> str | None:
    """What to try when a direct link answers with a page or with the pointer of Git LFS; `None`
    when nothing is known to help.
    """
    direct = _form_of(url, SECOND_FORMS)
    if direct:
        return f"use {direct}"
    if _FOLDERS.match("/".join(_host_and_tail(url))):
        return "use the link that downloads the file itself; this one is of a folder"
    return None


def _form_of(url: str, pages: tuple[Page, ...]) -> str | None:
    host, tail = _host_and_tail(url)
    for page in pages:
        match = re.match(page.tail, tail) if re.fullmatch(page.host, host) else None
        if match is None:
            continue
        link = match.expand(page.direct).replace("{host}", host)
        hint = match.expand(page.hint)
        if page.query:
            link += _query_with(tail.partition("?")[2], page.query)
        if len(link) + len(hint) > 2 * _LONGEST or len(link) > _LONGEST:
            return page.hint if page.query or "\\" not in page.hint else None
        return f"{link} ({hint})" if hint else link
    return None


def _host_and_tail(url: str) -> tuple[str, str]:
    """The host in lower case, and the text after its slash up to the fragment."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return "", ""
    return host, parts.path.removeprefix("/") + (f"?{parts.query}" if parts.query else "")


def _query_with(query: str, setting: tuple[str, str]) -> str:
    """The query with one parameter set. Other values may be keys to the file, so they are shown as
    `…`.
    """
    name, value = setting
    pieces = [part.partition("=") for part in query.split("&") if part]
    kept = [f"{key}={text if key in _SAFE else '…'}" for key, _, text in pieces if key != name]
    return "?" + "&".join([*kept, f"{name}={value}"])
