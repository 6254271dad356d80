"""Settings: typed from the environment and .env, and a sentence for each that is wrong."""

from itertools import pairwise
from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic_core import PydanticUndefined

from bot.settings import Settings, WrongSettings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


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
        ("BOT_API_URL", "canary.example"),
        ("BOT_API_URL", "https://canary:99999999"),
        ("PROXY_URL", "ftp://canary@proxy"),
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
    settings = load(
        monkeypatch, tmp_path, TELEGRAM_BOT_TOKEN="123:canary", PROXY_URL="socks5h://me:pass@proxy.example:1080"
    )
    assert settings.secrets == ("canary", "pass")
    assert "canary" not in repr(settings)
    assert "pass@" not in repr(settings)


def test_the_example_names_every_setting_with_its_default_and_a_comment() -> None:
    example = dotenv_values(EXAMPLE)
    assert list(example) == [name.upper() for name in Settings.model_fields]
    for name, field in Settings.model_fields.items():
        shown = example[name.upper()]
        if shown:
            assert shown == field.default
        else:
            assert not field.default or field.default is PydanticUndefined
    lines = EXAMPLE.read_text().splitlines()
    for before, line in pairwise(lines):
        assert "=" not in line or line.startswith("#") or before.startswith("#")
