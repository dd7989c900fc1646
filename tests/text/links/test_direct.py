"""The direct form of a page's link holds the real id and path, so that it can be pasted."""

from __future__ import annotations

import pytest

from motion_preflight.text.links.direct import page_remedy, second_form

DRIVE = "https://drive.google.com/uc?export=download&id=1aB_c-D"
RAW = "https://raw.githubusercontent.com/me/it/main/a/clip.mp4"
LFS = "https://media.githubusercontent.com/media/me/it/main/a/clip.mp4"


@pytest.mark.parametrize(
    ("page", "direct"),
    [
        ("https://drive.google.com/file/d/1aB_c-D/view?usp=sharing", DRIVE),
        ("https://drive.google.com/file/d/1aB_c-D", DRIVE),
        ("https://drive.google.com/file/d/1aB_c-D/edit#x", DRIVE),
        ("https://drive.google.com/file/d/1aB_c-D/preview", DRIVE),
        ("https://drive.google.com/file/u/1/d/1aB_c-D/view", DRIVE),
        ("https://docs.google.com/file/d/1aB_c-D/view", DRIVE),
        ("https://drive.google.com/open?id=1aB_c-D&usp=drive_fs", DRIVE),
        ("https://drive.google.com/open?usp=drive_fs&id=1aB_c-D", DRIVE),
        ("https://drive.google.com/uc?id=1aB_c-D", DRIVE),
        ("HTTPS://Drive.Google.com:443/file/d/1aB_c-D/view", DRIVE),
        (
            "https://www.dropbox.com/s/x1/my%20clip.mp4?dl=0",
            "https://www.dropbox.com/s/x1/my%20clip.mp4?dl=1",
        ),
        ("https://www.dropbox.com/s/x1/clip.mp4", "https://www.dropbox.com/s/x1/clip.mp4?dl=1"),
        (
            "https://www.dropbox.com/scl/fi/a/clip.mp4?rlkey=s3cret&st=q&dl=0",
            "https://www.dropbox.com/scl/fi/a/clip.mp4?rlkey=…&st=…&dl=1",
        ),
        ("https://github.com/me/it/blob/main/a/clip.mp4", RAW),
        ("https://github.com/me/it/blob/main/a/clip.mp4?x=1#L2", RAW),
        ("https://github.com/me/it/blob/main/a/clip.mp4", LFS),
        (
            "https://gist.github.com/me/0123456789abcdef",
            "https://gist.githubusercontent.com/me/0123456789abcdef/raw",
        ),
        (
            "https://gitlab.com/group/sub/it/-/blob/main/clip.mp4?ref_type=heads",
            "https://gitlab.com/group/sub/it/-/raw/main/clip.mp4",
        ),
        (
            "https://git.example.org/group/it/-/blob/main/clip.mp4",
            "https://git.example.org/group/it/-/raw/main/clip.mp4",
        ),
        (
            "https://huggingface.co/datasets/me/it/blob/main/clip.mp4",
            "https://huggingface.co/datasets/me/it/resolve/main/clip.mp4",
        ),
        ("https://hf.co/me/it/blob/main/c.mp4", "https://huggingface.co/me/it/resolve/main/c.mp4"),
        (
            "https://www.modelscope.cn/datasets/me/it/file/view/master/c.mp4",
            "https://www.modelscope.cn/datasets/me/it/resolve/master/c.mp4",
        ),
        (
            "https://bitbucket.org/me/it/src/main/clip.mp4",
            "https://bitbucket.org/me/it/raw/main/clip.mp4",
        ),
        ("https://gitee.com/me/it/blob/main/clip.mp4", "https://gitee.com/me/it/raw/main/clip.mp4"),
        (
            "https://codeberg.org/me/it/src/branch/main/clip.mp4",
            "https://codeberg.org/me/it/raw/branch/main/clip.mp4",
        ),
        (
            "https://onedrive.live.com/embed?resid=AB%2112&authkey=s3cret",
            "https://onedrive.live.com/download?resid=AB%2112&authkey=…&download=1",
        ),
        ("https://1drv.ms/v/s!AbC?e=x9", "https://1drv.ms/v/s!AbC?e=…&download=1"),
        ("https://1drv.ms/v/s!AbC", "https://1drv.ms/v/s!AbC?download=1"),
        (
            "https://me-my.sharepoint.com/:v:/g/personal/me/EaBc?e=x9",
            "https://me-my.sharepoint.com/:v:/g/personal/me/EaBc?e=…&download=1",
        ),
        ("https://app.box.com/s/ab12", "https://app.box.com/shared/static/ab12"),
        (
            "https://giphy.com/gifs/cat-dance-aB1",
            "https://media.giphy.com/media/aB1/giphy.mp4",
        ),
        (
            "https://commons.wikimedia.org/wiki/File:A_clip.webm",
            "https://commons.wikimedia.org/wiki/Special:FilePath/A_clip.webm",
        ),
        ("https://archive.org/details/me/c.mp4", "https://archive.org/download/me/c.mp4"),
        ("https://storage.cloud.google.com/b/c.mp4", "https://storage.googleapis.com/b/c.mp4"),
        (
            "https://eu-west-1.console.aws.amazon.com/s3/object/b?region=eu-west-1&prefix=a/c.mp4",
            "https://b.s3.amazonaws.com/a/c.mp4",
        ),
        (
            "https://console.cloud.google.com/storage/browser/_details/b/c.mp4;tab=live?x=1",
            "https://storage.googleapis.com/b/c.mp4",
        ),
    ],
)
def test_the_direct_form_is_filled_in(page: str, direct: str) -> None:
    remedy = page_remedy(page) or ""
    assert direct in [word.strip("()") for word in remedy.split()]
    assert "s3cret" not in remedy
    assert "ID" not in remedy.replace("1aB_c-D", "")


@pytest.mark.parametrize(
    "url",
    [
        DRIVE,
        RAW,
        LFS,
        "https://drive.google.com/open",
        "https://drive.google.com/drive/folders/1aB",
        "https://docs.google.com/document/d/1aB/edit",
        "https://www.dropbox.com/s/x/clip.mp4?dl=1",
        "https://www.dropbox.com/scl/fi/x/clip.mp4?rlkey=k&raw=1",
        "https://dl.dropboxusercontent.com/s/x/clip.mp4",
        "https://www.dropbox.com/sh/x/y?dl=0",
        "https://github.com/me/it/raw/main/clip.mp4",
        "https://github.com/me/it/blob/main/clip.mp4?raw=true",
        "https://github.com/me/it/releases/download/v1/clip.mp4",
        "https://gitlab.com/me/it/-/raw/main/clip.mp4",
        "https://huggingface.co/me/it/resolve/main/clip.mp4",
        "https://1drv.ms/v/s!AbC?download=1",
        "https://onedrive.live.com/download?resid=1&authkey=2",
        "https://github.com.apimart-user.com/me/it/blob/main/clip.mp4",
        "https://apimart-user.com/drive.google.com/file/d/1aB/view",
        "https://[::1/file/d/1aB",
        "",
    ],
)
def test_what_is_direct_or_not_known_has_no_other_form(url: str) -> None:
    assert page_remedy(url) is None


@pytest.mark.parametrize(
    ("url", "other"),
    [
        (
            DRIVE,
            "https://drive.usercontent.google.com/download?id=1aB_c-D&export=download&confirm=t",
        ),
        (RAW, LFS),
        ("https://github.com/me/it/raw/main/a/clip.mp4", LFS),
        ("https://github.com/me/it/blob/main/a/clip.mp4?raw=true", LFS),
        (
            "https://huggingface.co/datasets/me/it/raw/main/c.mp4",
            "https://huggingface.co/datasets/me/it/resolve/main/c.mp4",
        ),
        ("https://www.dropbox.com/sh/x/y?dl=1", "of a folder"),
        ("https://drive.google.com/drive/folders/1aB", "of a folder"),
    ],
)
def test_a_direct_link_that_answers_with_a_page_has_a_second_form(url: str, other: str) -> None:
    assert other in (second_form(url) or "")


@pytest.mark.parametrize(
    "url",
    [
        "https://we.tl/t-AbC",
        "https://wetransfer.com/downloads/ab/cd",
        "https://www.icloud.com/iclouddrive/0ab#clip",
        "https://mega.nz/file/AbC#key",
        "https://photos.app.goo.gl/AbC",
        "https://pan.baidu.com/s/1ab",
        "https://mp.weixin.qq.com/s/ab",
        "https://m.weibo.cn/status/ab",
        "https://www.canva.com/design/ab/watch",
        "https://t.me/channel/12",
    ],
)
def test_a_site_that_gives_no_files_is_known_before_it_is_asked(url: str) -> None:
    assert "publish the file itself elsewhere" in (page_remedy(url) or "")


def test_what_is_not_known_has_no_second_form() -> None:
    assert second_form("https://apimart-user.com/clip.mp4") is None


@pytest.mark.parametrize(
    "page",
    [
        "https://www.dropbox.com/s/x/{}.mp4?dl=0",
        "https://github.com/me/it/blob/main/{}.mp4",
        "https://drive.google.com/file/d/{}/view",
        "https://1drv.ms/v/s!{}?{}",
        "https://gitlab.com/me/it/-/blob/{}",
        "https://gitlab.com/{}",
    ],
)
def test_no_remedy_is_longer_than_a_few_lines(page: str) -> None:
    assert len(page_remedy(page.replace("{}", "a&?/b" * 200_000)) or "") < 1000
    assert len(page_remedy(page.replace("{}", "a" * 1_000_000)) or "") < 1000
