"""What is set once: the key (never shown), the budgets, the ledger's folder, the base URL."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from processes import unprivileged

from motion_preflight import settings as module
from motion_preflight.errors import SettingsInvalid
from motion_preflight.provider.base_url import BASE_URL, checked_base
from motion_preflight.provider.client import Api
from motion_preflight.settings import (
    Settings,
    api_key,
    base_url,
    config_folder,
    load_settings,
    state_folder,
)

if TYPE_CHECKING:
    from conftest import Program

KEY = "sk-ABCDEFGHijklmnop0123456789"
NOT_WINDOWS = pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")


@pytest.fixture(autouse=True)
def _empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who has set nothing."""
    for name in list(os.environ):
        if name.startswith(("APIMART_", "MOTION_PREFLIGHT_", "XDG_")) or (
            name.lower().endswith("_proxy")
        ):
            monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def refused(why: str = ".") -> str:
    """The message of the `SettingsInvalid` that asking for the key raises."""
    with pytest.raises(SettingsInvalid, match=why) as caught:
        api_key()
    assert caught.value.__cause__ is None
    return str(caught.value)


# ---------------------------------------------------------------- the key

WRITTEN = [
    KEY,
    f"  {KEY}  ",
    f"{KEY}\n",
    f"{KEY}\r\n",
    f"\n\n\t{KEY}\n\n",
    f"Bearer {KEY}",
    f"Bearer   {KEY}\n",
    f" Bearer {KEY}",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_the_key_of_the_environment(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APIMART_API_KEY", written)
    assert api_key() == KEY


@pytest.mark.parametrize("written", WRITTEN)
def test_the_key_of_a_file(written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_bytes(written.encode())
    monkeypatch.setenv("APIMART_API_KEY_FILE", str(file))
    assert api_key() == KEY


def test_a_relative_name_of_a_file_starts_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text(KEY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("APIMART_API_KEY_FILE", "key")
    assert api_key() == KEY


def test_of_both_that_of_the_environment_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("another-key", encoding="utf-8")
    monkeypatch.setenv("APIMART_API_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("APIMART_API_KEY", KEY)
    assert api_key() == KEY
    monkeypatch.setenv("APIMART_API_KEY_FILE", str(tmp_path / "not-there"))
    assert api_key() == KEY
    for blank in ("", "   ", "\n"):
        monkeypatch.setenv("APIMART_API_KEY", blank)
        monkeypatch.setenv("APIMART_API_KEY_FILE", str(tmp_path / "key"))
        assert api_key() == "another-key"


@pytest.mark.parametrize(
    "blank",
    [
        "",
        " ",
        "\n\t ",
        pytest.param("Bearer ", id="a Bearer without a key"),
        pytest.param(" Bearer\n", id="a Bearer without a key, trimmed"),
    ],
)
def test_without_a_key_it_is_said_where_to_put_one(
    blank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = (
        "no API key: put it into APIMART_API_KEY, or name a file that holds it in "
        "APIMART_API_KEY_FILE"
    )
    assert refused() == expected
    monkeypatch.setenv("APIMART_API_KEY", blank)
    assert refused() == expected
    (tmp_path / "key").write_text(blank, encoding="utf-8")
    monkeypatch.setenv("APIMART_API_KEY_FILE", str(tmp_path / "key"))
    assert refused() == expected


NO_KEYS = {
    "two words": f"{KEY} {KEY}",
    "two lines": f"{KEY}\n{KEY}",
    "a header": f"Authorization: Bearer {KEY}",
    "an assignment": f"export APIMART_API_KEY={KEY} # mine",
    "a letter with an accent": f"{KEY}é",
    "a dash of a word processor": f"sk–{KEY}",
    "a space of no width": f"{KEY[:9]}\u200b{KEY[9:]}",
    "a control character": f"{KEY}\x1b",
    "a tab": f"{KEY[:9]}\t{KEY[9:]}",
    "too long": KEY * 40,
}


@pytest.mark.parametrize("written", NO_KEYS.values(), ids=NO_KEYS)
def test_what_is_no_key_is_refused_and_never_shown(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APIMART_API_KEY", written)
    answer = refused("^APIMART_API_KEY holds no API key: ")
    assert KEY[:6] not in answer
    monkeypatch.delenv("APIMART_API_KEY")
    file = tmp_path / "key"
    file.write_text(written, encoding="utf-8")
    monkeypatch.setenv("APIMART_API_KEY_FILE", str(file))
    answer = refused("^the file that APIMART_API_KEY_FILE names holds no API key: ")
    assert KEY[:6] not in answer


def test_the_longest_key_has_a_thousand_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APIMART_API_KEY", "k" * 1000)
    assert api_key() == "k" * 1000
    monkeypatch.setenv("APIMART_API_KEY", "k" * 1001)
    refused("holds no API key")


@pytest.mark.parametrize("data", [b"\xff\xfe" * 50, b"\0" * 50, b"\x89PNG\r\n\x1a\n", b"{}\n{}"])
def test_a_file_of_something_else_is_no_key(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_bytes(data)
    monkeypatch.setenv("APIMART_API_KEY_FILE", str(tmp_path / "key"))
    refused("holds no API key")


def test_a_huge_file_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    with file.open("wb") as opened:
        opened.truncate(1 << 40)  # a hole
    monkeypatch.setenv("APIMART_API_KEY_FILE", str(file))
    refused("holds no API key")


@pytest.mark.parametrize("name", ["not-there", "folder", "folder/key", "key/below", "n" * 5000])
def test_a_file_that_cannot_be_read_is_named_by_its_variable(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "key").write_text(KEY, encoding="utf-8")
    monkeypatch.setenv("APIMART_API_KEY_FILE", str(tmp_path / name))
    answer = refused("^the file that APIMART_API_KEY_FILE names cannot be read ")
    assert answer.endswith(")")
    assert "None" not in answer


@NOT_WINDOWS
def test_a_file_that_this_user_may_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text(KEY, encoding="utf-8")
    file.chmod(0)
    monkeypatch.setenv("APIMART_API_KEY_FILE", str(file))
    with unprivileged():
        refused("cannot be read")


def test_a_key_that_was_put_in_place_of_the_file_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for written in (KEY, KEY * 300):
        monkeypatch.setenv("APIMART_API_KEY_FILE", written)
        assert KEY[:6] not in refused("cannot be read")


def test_the_program_does_not_show_the_key_either(program: Program) -> None:
    wrong = f"{KEY} {KEY}"
    done = program("tasks", "wait", "task-1", APIMART_API_KEY=wrong)
    assert done.returncode == 2
    assert done.stderr.startswith("motion-preflight: APIMART_API_KEY holds no API key")
    assert KEY[:6] not in done.stdout + done.stderr


@pytest.mark.parametrize("key", ["schlüssel-0123456789", "sk-0123\n456789", "sk-0123456789\0"])
def test_a_key_that_a_caller_gives_is_checked_as_well(key: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        Api("http://127.0.0.1:9", key)
    assert "456789" not in str(caught.value)


# ---------------------------------------------------------------- budgets and config.toml


def configured(text: str | bytes) -> Settings:
    """The settings with a config.toml."""
    folder = config_folder()
    folder.mkdir(parents=True, exist_ok=True)
    data = text if isinstance(text, bytes) else text.encode()
    (folder / "config.toml").write_bytes(data)
    return load_settings()


BUDGETS = ["max_cost_per_request", "max_cost_per_day"]


def test_without_a_file_nothing_is_set() -> None:
    assert load_settings() == Settings(None, None, None, None, None)
    assert configured("") == Settings()
    assert not config_folder().is_relative_to("/etc")


@pytest.mark.parametrize("name", BUDGETS)
@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("5", "5"),
        ("5.00", "5.00"),
        ("0.1", "0.1"),
        ("1e1", "10"),
        ("1_000", "1000"),
        ("0", "0"),
        ("0.0", "0"),
        ("1e-9", "1e-9"),
        ("1000000000", "1000000000"),
        ("0x10", "16"),
    ],
)
def test_a_budget_is_the_number_as_it_is_written(name: str, written: str, amount: str) -> None:
    result = getattr(configured(f"{name} = {written}"), name)
    assert isinstance(result, Decimal)
    assert result == Decimal(amount)


def test_a_budget_is_exact() -> None:
    set_ = configured("max_cost_per_request = 0.10\nmax_cost_per_day = 12.34")
    assert str(set_.max_cost_per_request) == "0.10"
    assert str(set_.max_cost_per_day) == "12.34"
    assert set_.ffprobe is None


@pytest.mark.parametrize("name", BUDGETS)
@pytest.mark.parametrize(
    "written",
    [
        '"5.00"', '"USD 5"', '""', "true", "false", "-1", "-0.01", "nan", "-nan", "inf", "-inf",
        "1e-10", "1000000000.01", "1e30", "1e400", "1e999999", "[5]", "{low = 1}", "2026-12-01",
        "12:00:00", "9" * 400,
        pytest.param("9" * 5000, id="more digits than Python reads"),
        pytest.param("1e9999999999999999999", id="beyond every number"),
    ],
)  # fmt: skip
def test_a_budget_that_nobody_can_mean_is_refused(name: str, written: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"config\.toml: "):
        configured(f"{name} = {written}")


def test_a_wrong_budget_is_told_with_its_name() -> None:
    for name in BUDGETS:
        with pytest.raises(SettingsInvalid, match=f"{name} must be an amount of money like 5.00$"):
            configured(f'{name} = "5"')


@pytest.mark.parametrize(
    "text",
    [
        "max_cost = 5",
        "max-cost-per-day = 5",
        "[budget]\nmax_cost_per_day = 5",
        "max_cost_per_day = 5\nMAX_COST_PER_DAY = 6",
        "max_cost_per_day = 5\nmax_cost_per_day = 6",
        "max_cost_per_day 5",
        "max_cost_per_day = 5,00",
        "max_cost_per_day = $5",
        "ffprobe = 5",
        "ffprobe = ['ffprobe']",
        b"\xff\xfe\x00",
        "a = " + "[" * 5000,
    ],
)
def test_a_config_with_a_mistake_stops_the_program_instead_of_a_budget(text: str | bytes) -> None:
    with pytest.raises(SettingsInvalid, match=r"config\.toml: "):
        configured(text)


def test_a_config_that_is_a_folder_is_a_mistake() -> None:
    (config_folder() / "config.toml").mkdir(parents=True)
    with pytest.raises(SettingsInvalid, match=r"config\.toml: "):
        load_settings()


def test_a_file_where_the_folder_should_be_sets_nothing() -> None:
    folder = config_folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("", encoding="utf-8")
    assert load_settings() == Settings()


@NOT_WINDOWS
def test_a_budget_that_this_user_may_not_read_is_not_passed_over() -> None:
    configured("max_cost_per_day = 5")
    (config_folder() / "config.toml").chmod(0)
    with unprivileged():
        assert load_settings() == Settings()  # a check spends nothing
        with pytest.raises(SettingsInvalid, match=r"config\.toml"):
            load_settings(spending=True)


@pytest.mark.parametrize("name", ["ffprobe", "ffmpeg"])
def test_the_program_of_the_environment_goes_before_that_of_the_file(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = f"MOTION_PREFLIGHT_{name.upper()}"
    assert getattr(configured(f'{name} = "/opt/{name}"'), name) == f"/opt/{name}"
    monkeypatch.setenv(variable, f"/usr/local/bin/{name}")
    assert getattr(load_settings(), name) == f"/usr/local/bin/{name}"
    monkeypatch.setenv(variable, "")
    assert getattr(load_settings(), name) == f"/opt/{name}"


@pytest.mark.parametrize("name", ["ffprobe", "ffmpeg"])
def test_a_program_is_named_by_text(name: str) -> None:
    with pytest.raises(SettingsInvalid, match=f"{name} must be text, the path of a program"):
        configured(f"{name} = 7")


# ---------------------------------------------------------------- the ledger's folder


def test_the_ledger_lies_in_the_folder_that_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTION_PREFLIGHT_STATE", str(tmp_path / "state"))
    assert state_folder() == tmp_path / "state"
    assert not (tmp_path / "state").exists()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOTION_PREFLIGHT_STATE", "below/state")
    assert state_folder() == tmp_path / "below" / "state"


@pytest.mark.parametrize("value", [None, ""])
def test_the_ledger_lies_in_the_users_own_folder_otherwise(
    value: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is not None:
        monkeypatch.setenv("MOTION_PREFLIGHT_STATE", value)
    assert state_folder().is_absolute()
    assert state_folder().is_relative_to(tmp_path)
    assert state_folder().name == "motion-preflight"
    assert not state_folder().exists()


def test_a_user_without_a_home_is_told_to_set_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_home(*_: object, **__: object) -> NoReturn:
        raise RuntimeError("no home")

    monkeypatch.setattr(module, "user_state_path", no_home)
    monkeypatch.setattr(module, "user_config_path", no_home)
    with pytest.raises(SettingsInvalid, match="set MOTION_PREFLIGHT_STATE to a folder"):
        state_folder()
    monkeypatch.setenv("MOTION_PREFLIGHT_STATE", str(tmp_path))
    assert state_folder() == tmp_path
    assert config_folder() == Path(os.sep, "etc", "motion-preflight")


# ---------------------------------------------------------------- the base URL


def test_the_base_url_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert base_url() is None
    monkeypatch.setenv("APIMART_BASE_URL", "")
    assert base_url() is None
    monkeypatch.setenv("APIMART_BASE_URL", "https://gateway.example/v1")
    assert base_url() == "https://gateway.example/v1"


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_base_url_it_is_the_documented_one(value: str | None) -> None:
    assert checked_base(value) == (BASE_URL, BASE_URL, False)
    assert BASE_URL == "https://api.apimart.ai"


@pytest.mark.parametrize(
    ("url", "base", "origin"),
    [
        ("https://g.example", "https://g.example", "https://g.example"),
        ("https://g.example/", "https://g.example", "https://g.example"),
        ("https://g.example///", "https://g.example", "https://g.example"),
        ("https://g.example/v1", "https://g.example", "https://g.example"),
        ("https://g.example/v1/", "https://g.example", "https://g.example"),
        ("https://g.example/api/v1", "https://g.example/api", "https://g.example"),
        ("https://g.example/api", "https://g.example/api", "https://g.example"),
        ("https://g.example/v2", "https://g.example/v2", "https://g.example"),
        ("https://g.example/apiv1", "https://g.example/apiv1", "https://g.example"),
        ("https://g.example/v1beta", "https://g.example/v1beta", "https://g.example"),
        ("https://g.example:443", "https://g.example:443", "https://g.example"),
        ("https://g.example:8443", "https://g.example:8443", "https://g.example:8443"),
        ("HTTPS://G.Example./v1", "https://G.Example.", "https://g.example"),
        ("  https://g.example\n", "https://g.example", "https://g.example"),
        ("https://g.example?", "https://g.example", "https://g.example"),
        ("https://192.0.2.7", "https://192.0.2.7", "https://192.0.2.7"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://gateway", "https://gateway", "https://gateway"),
    ],
)
def test_a_base_url_is_https(url: str, base: str, origin: str) -> None:
    assert checked_base(url) == (base, origin, False)


LOOPBACK = [
    "localhost", "LOCALHOST", "127.0.0.1", "127.0.0.2", "127.255.255.254", "127.1", "127.0.1",
    "0x7f.0.0.1", "0x7f000001", "2130706433", "017700000001", "[::1]",
    "[0:0:0:0:0:0:0:1]", "127.0.0.1.",
]  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK)
@pytest.mark.parametrize("scheme", ["http", "https", "HTTP"])
def test_a_base_url_on_this_machine_may_be_http(host: str, scheme: str) -> None:
    base, origin, here = checked_base(f"{scheme}://{host}:8080/v1")
    assert here
    assert base == f"{scheme.lower()}://{host}:8080"
    assert origin.startswith(f"{scheme.lower()}://")
    assert origin.endswith(":8080")


@pytest.mark.parametrize(
    "url",
    [
        "http://g.example",
        "http://api.apimart.ai",
        "HTTP://g.example/v1",
        "http://0.0.0.0",
        "http://[::]",
        "http://128.0.0.1",
        "http://10.0.0.1",
        "http://192.168.0.1",
        "http://169.254.169.254",
        "http://localhost.example",
        "http://localhost.localdomain",
        "http://sub.localhost",
        "http://notlocalhost",
        "http://127.0.0.1.example",
        "http://127.0.0.1.nip.io",
        "http://127-0-0-1.example",
        "http://[::2]",
        "http://[64:ff9b::7f00:1]",
        "http://xn--localhost-",
        "ftp://127.0.0.1",
        "ws://127.0.0.1",
        "file://localhost/etc/passwd",
        "httpss://127.0.0.1",
        "//127.0.0.1",
    ],
)
def test_the_key_goes_nowhere_else_without_tls(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="must be https: the API key goes there"):
        checked_base(url)


@pytest.mark.parametrize(
    "url",
    [
        " ",
        "g.example",
        "g.example/v1",
        "https:",
        "https://",
        "https:///v1",
        "https:g.example",
        "https:/g.example",
        "https://:8443",
        "https://user@g.example",
        "https://user:secret@g.example",
        "https://@g.example",
        "https://:@g.example",
        "http://user:secret@127.0.0.1",
        "https://g.example/?key=secret",
        "https://g.example?secret",
        "https://g.example/#secret",
        "https://g.example/v1?a=secret#b",
        "https://g.example /v1",
        "https://g. example",
        "https://g.example/a b",
        "https://g.example/a\tb",
        "https://g.example/a\nb",
        "https://g.exam\nple",
        "https://g.example\x00",
        "https://g.example\\@other.example",
        "https://g.example\\v1",
        "\x1b[31mhttps://g.example",
    ],
)
def test_a_base_url_is_nothing_more_than_one(url: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"^the base URL ") as caught:
        checked_base(url)
    assert "secret" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://g.example:65536",
        "https://g.example:-1",
        "https://g.example:port",
        "https://g.example:80a",
        "https://g.example:1e3",
        "https://g.example:４４３",
        "https://[::1",
        "https://::1]",
        "https://[g.example]",
        "https://g\u2100.example",
        "https://999999999999",
        "https://127.0.0.256",
    ],
)
def test_what_is_no_url_is_no_base_url(url: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"^the base URL "):
        checked_base(url)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://☃.example", id="a host that no name has"),
        pytest.param("https://xn--a.example", id="Punycode that spells nothing"),
        pytest.param("https://a\u200bb.example", id="a space of no width"),
        pytest.param("https://[::1]x", id="letters behind an address"),
        pytest.param("http://１２７.0.0.1", id="digits of another width"),
        pytest.param("http://0177.0.0.1", id="an octal number in four"),
        pytest.param("https://g.example/" + "a" * 70_000, id="a path without end"),
    ],
)
def test_a_base_url_that_no_request_can_have_is_refused_at_once(url: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"^the base URL "):
        checked_base(url)


def test_a_wrong_base_url_stops_the_program(program: Program) -> None:
    done = program(
        "tasks",
        "wait",
        "task-1",
        APIMART_API_KEY=KEY,
        APIMART_BASE_URL="http://g.example/?k=secret",
    )
    assert done.returncode == 2
    assert "the base URL http://g.example/?k=… must be like" in done.stderr
    assert "secret" not in done.stderr
