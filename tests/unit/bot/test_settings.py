"""Settings: typed from the environment and .env, and a sentence for each that is wrong."""

import errno
import re
from itertools import pairwise
from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic_core import PydanticUndefined

from bot.__main__ import main
from bot.settings import Settings, WrongSettings, host_and_port

EXAMPLE = Path(__file__).parents[3] / ".env.example"


def load(monkeypatch: pytest.MonkeyPatch, folder: Path, **environment: str) -> Settings:
    """The settings of a process in `folder` with this environment."""
    monkeypatch.chdir(folder)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


def test_everything_has_a_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load(monkeypatch, tmp_path)
    assert settings.telegram_bot_token is None
    assert settings.admin_ids == frozenset()
    assert 1 <= settings.readers <= 4


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("READERS=2\nLOG_LEVEL=debug\nADMIN_IDS=\n")
    settings = load(monkeypatch, tmp_path, READERS="3")
    assert (settings.readers, settings.log_level) == (3, "DEBUG")


def test_a_file_that_is_closed_to_this_user_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def closed(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", ".env")

    (tmp_path / ".env").touch()
    monkeypatch.setattr("pydantic_settings.sources.providers.dotenv.dotenv_values", closed)
    with pytest.raises(WrongSettings, match=r"^\.env in this folder can't be read: Permission denied\. Run this as "):
        load(monkeypatch, tmp_path)
    monkeypatch.setattr("dotenv.dotenv_values", closed)
    with pytest.raises(SystemExit, match="2"):
        main(["models"])


@pytest.mark.parametrize("ids", ["12,34", "12, 34", " 12 34,"])
def test_admins_are_listed_with_commas(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ids: str) -> None:
    assert load(monkeypatch, tmp_path, ADMIN_IDS=ids).admin_ids == {12, 34}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_BOT_TOKEN", "canary"),
        ("TELEGRAM_BOT_TOKEN", "123:can ary"),
        ("ADMIN_IDS", "@canary"),
        ("READERS", "0"),
        ("READERS", "canary"),
        ("GROUP_MODE", "canary"),
        ("BOT_API_URL", "canary.example"),
        ("BOT_API_URL", "https://canary:99999999"),
        ("PROXY_URL", "ftp://canary@proxy"),
        ("WEBHOOK_URL", "http://canary.example/hook"),
        ("WEBHOOK_URL", "https://canary.example:8000/hook"),
        ("WEBHOOK_URL", "https://me:canary@bot.example/hook"),
        ("WEBHOOK_URL", "https:///canary"),
        ("WEBHOOK_SECRET", "canary"),
        ("WEBHOOK_SECRET", "canary canary canary"),
        ("WEBHOOK_SECRET", "canary" * 50),
        ("LISTEN", "canary"),
        ("LISTEN", "canary:0"),
        ("LISTEN", ":80"),
        ("LISTEN", "::1:80"),
        ("LISTEN", "http://canary:80"),
        ("METRICS_LISTEN", "canary:99999999"),
        ("LOG_LEVEL", "canary"),
    ],
)
def test_a_wrong_value_is_named_with_its_mend_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(WrongSettings, match=rf"^{name} is wrong: give .+\.$") as wrong:
        load(monkeypatch, tmp_path, **{name: value})
    assert "canary" not in str(wrong.value)


def test_no_token_is_told_with_the_way_to_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(WrongSettings, match="@BotFather"):
        _ = load(monkeypatch, tmp_path).token


def test_secrets_are_known_and_never_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    addresses = {"PROXY_URL": "socks5h://me:pass@proxy.example:1080", "BOT_API_URL": "http://me:word@127.0.0.1:8081"}
    settings = load(monkeypatch, tmp_path, TELEGRAM_BOT_TOKEN="123:canary", **addresses)
    assert settings.secrets == ("canary", "pass", "word", settings.webhook_token)
    assert settings.bot_api_name == "http://127.0.0.1:8081"
    assert not any(secret in repr(settings) for secret in ("canary", "pass@", "word@"))


@pytest.mark.parametrize("url", ["https://bot.example", "https://bot.example:8443/a/b?c=d"])
def test_telegram_delivers_to_https(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str) -> None:
    assert load(monkeypatch, tmp_path, WEBHOOK_URL=url).webhook_url == url


def test_another_bot_api_server_delivers_to_any_port_and_to_plain_http(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = "http://127.0.0.1:8090/hook"
    settings = load(monkeypatch, tmp_path, WEBHOOK_URL=url, BOT_API_URL="http://127.0.0.1:8081")
    assert settings.webhook_url == url


def test_the_webhooks_secret_is_the_same_in_every_process_and_tells_nothing_of_the_token(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    one, again, another = (
        load(monkeypatch, tmp_path, TELEGRAM_BOT_TOKEN=token).webhook_token
        for token in ["123:canary", "123:canary", "123:other"]
    )
    assert one == again != another
    assert re.fullmatch(r"[\w-]{16,256}", one, re.ASCII)
    assert "canary" not in one


def test_a_webhooks_secret_that_is_given_is_taken_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = load(monkeypatch, tmp_path, WEBHOOK_SECRET="canary-canary-canary")
    assert settings.webhook_token == "canary-canary-canary"
    assert settings.secrets == ("canary-canary-canary",)
    assert "canary" not in repr(settings)


def test_an_address_has_a_host_and_a_port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load(monkeypatch, tmp_path, LISTEN="0.0.0.0:80", METRICS_LISTEN="[::1]:9464")
    assert host_and_port(settings.listen) == ("0.0.0.0", 80)
    assert host_and_port(settings.metrics_listen or "") == ("::1", 9464)


def test_the_example_names_every_setting_with_its_default_and_a_comment() -> None:
    example = dotenv_values(EXAMPLE)
    assert list(example) == [name.upper() for name in Settings.model_fields]
    for name, field in Settings.model_fields.items():
        shown = example[name.upper()]
        if shown:
            assert shown == str(field.default)
        else:
            assert not field.default or field.default is PydanticUndefined
    lines = EXAMPLE.read_text().splitlines()
    for before, line in pairwise(lines):
        assert "=" not in line or line.startswith("#") or before.startswith("#")
