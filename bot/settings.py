"""Every setting, typed, from the environment and `.env`: what `digitbot run`, `demo` and `doctor` work with.

Each field's description is the mend that a person reads when its value is wrong.
"""

import hashlib
import hmac
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.storage.database import POSTGRESQL, SQLITE, Database
from bot.storage.records import Mode
from bot.telemetry.logs import LogFormat
from model.versions.store import data_folder

MAX_READERS = 4  # by default; each takes about 60 MB
PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
TELEGRAM = "https://api.telegram.org"
WEBHOOK_PORTS = (None, 443, 80, 88, 8443)  # https://core.telegram.org/bots/api#setwebhook
METRICS_LISTEN = "127.0.0.1:9464"


class WrongSettings(Exception):
    """A setting that can't be worked with. `str(error)` names it and says what to put there, and shows no value."""


def unreadable(error: OSError) -> str:
    """What to say where `.env`, or the folder that it would be in, is closed to this user."""
    return (
        f".env in this folder can't be read: {error.strerror or error}. Run this as the user whose file it is, or begin"
        " in another folder, such as `cd /`."
    )


def _token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"\d+:[\w-]+", value.get_secret_value(), re.ASCII):
        raise ValueError
    return value


def _ids(value: Any) -> Any:
    return [part for part in re.split(r"[,\s]+", value) if part] if isinstance(value, str) else value


def _folder(value: Path) -> Path:
    return value.expanduser()


def _api_url(value: str) -> str:
    return _url(value, ("http", "https")).rstrip("/")


def _proxy_url(value: SecretStr) -> SecretStr:
    _url(value.get_secret_value(), PROXY_SCHEMES)
    return value


def _database_url(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    if not url.startswith((SQLITE, *POSTGRESQL)) or url in (SQLITE, *POSTGRESQL):
        raise ValueError
    urlsplit(url).port  # noqa: B018 (raises ValueError where it is none)
    return value


def _webhook_url(value: str, others: ValidationInfo) -> str:
    telegrams = others.data.get("bot_api_url") == TELEGRAM
    parts = urlsplit(_url(value, ("https",) if telegrams else ("https", "http")))
    if parts.username or parts.fragment or (telegrams and parts.port not in WEBHOOK_PORTS):
        raise ValueError
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[\w-]{16,256}", value.get_secret_value(), re.ASCII):
        raise ValueError
    return value


def _address(value: str) -> str:
    if not re.fullmatch(r"(\[[\w:.]+\]|[\w.-]+):\d+", value, re.ASCII) or not host_and_port(value)[1]:
        raise ValueError
    return value


def host_and_port(address: str) -> tuple[str, int]:
    """The two halves of an address such as 127.0.0.1:8090 or [::1]:8090."""
    parts = urlsplit(f"//{address}")
    return parts.hostname or "", parts.port or 0


def _url(value: str, schemes: tuple[str, ...]) -> str:
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.hostname or parts.port == 0:
        raise ValueError
    return value


class Settings(BaseSettings):
    """All settings; a field's name in upper case is the variable's."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    telegram_bot_token: Annotated[SecretStr, AfterValidator(_token)] | None = Field(
        None, description="give the token as @BotFather shows it: a number, a colon, and some 35 letters and digits"
    )
    admin_ids: Annotated[frozenset[int], NoDecode, BeforeValidator(_ids)] = Field(
        frozenset(), description="give Telegram user ids separated by commas, such as 12345678,87654321"
    )
    data_dir: Annotated[Path, AfterValidator(_folder)] = Field(
        default_factory=data_folder, description="give the path of a folder that the bot may write to"
    )
    database_url: Annotated[SecretStr, AfterValidator(_database_url)] | None = Field(
        None, description="give sqlite:///path/of/a/file or postgresql://user:password@host/database, or leave it empty"
    )
    mnist_path: Annotated[Path, AfterValidator(_folder)] | None = Field(
        None, description="give the path of mnist.npz, or leave it empty"
    )
    handwriting_path: Annotated[Path, AfterValidator(_folder)] | None = Field(
        None, description="give the folder with the other sets of handwriting, or leave it empty"
    )
    readers: int = Field(
        default_factory=lambda: min(MAX_READERS, os.cpu_count() or 1),
        ge=1,
        le=64,
        description="give a whole number from 1 to 64",
    )
    download_mb: int = Field(64, ge=1, le=65_536, description="give a whole number of megabytes, at least 1")
    bot_api_url: Annotated[str, AfterValidator(_api_url)] = Field(
        TELEGRAM,
        repr=False,  # there may be a password in it
        description="give the address of a Bot API server, such as http://127.0.0.1:8081",
    )
    proxy_url: Annotated[SecretStr, AfterValidator(_proxy_url)] | None = Field(
        None, description="give an address that begins with http://, https://, socks5:// or socks5h://"
    )
    webhook_url: Annotated[str, AfterValidator(_webhook_url)] | None = Field(
        None,
        description="give the https address where Telegram reaches this bot, on port 443, 80, 88 or 8443, such as"
        " https://bot.example.org/telegram, or leave it empty",
    )
    webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] | None = Field(
        None, description="give 16 to 256 letters, digits, _ and -, or leave it empty"
    )
    listen: Annotated[str, AfterValidator(_address)] = Field(
        "127.0.0.1:8090", description="give an address of this machine and a port, such as 127.0.0.1:8090"
    )
    metrics_listen: Annotated[str, AfterValidator(_address)] | None = Field(
        default_factory=lambda: METRICS_LISTEN,
        description=f"give an address of this machine and a port, such as {METRICS_LISTEN}, or leave it empty",
    )
    group_mode: Annotated[Mode, BeforeValidator(str.lower)] = Field(Mode.ASKED, description="give asked, all or quiet")
    keep_readings_days: int = Field(400, ge=1, le=36_500, description="give a whole number of days, at least 1")
    keep_versions: int = Field(10, ge=2, le=1000, description="give a whole number of versions, at least 2")
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(str.upper)] = Field(
        "INFO", description="give DEBUG, INFO, WARNING or ERROR"
    )
    log_format: Annotated[LogFormat, BeforeValidator(str.lower)] = Field(
        LogFormat.PLAIN, description="give plain or json"
    )

    @classmethod
    def load(cls, **given: Any) -> Self:
        """The settings of this process; what is `given` goes before the environment. Raises WrongSettings."""
        try:
            return cls(**given)
        except ValidationError as error:
            raise WrongSettings("\n".join(_mends(error))) from None
        except OSError as error:
            raise WrongSettings(unreadable(error)) from error

    @property
    def token(self) -> str:
        """The bot's token; raises WrongSettings where none is set."""
        if self.telegram_bot_token is None:
            raise WrongSettings(
                "TELEGRAM_BOT_TOKEN is not set. Get a token from @BotFather on Telegram (/newbot) and put it into"
                " .env; `make demo` shows the bot without one."
            )
        return self.telegram_bot_token.get_secret_value()

    @property
    def database(self) -> Database:
        """Where everything is stored: unless told otherwise a file in the data folder."""
        given = self.database_url
        return Database(given.get_secret_value() if given else f"{SQLITE}{self.data_dir / 'digitbot.db'}")

    @property
    def bot_api_name(self) -> str:
        """The Bot API server's address as people may be shown it: no password."""
        parts = urlsplit(self.bot_api_url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    @property
    def models(self) -> Path:
        """The folder for versions of the model."""
        return self.data_dir / "models"

    @property
    def webhook_token(self) -> str:
        """What Telegram shows with each update: WEBHOOK_SECRET, else made of the token, the same in every replica."""
        if self.webhook_secret:
            return self.webhook_secret.get_secret_value()
        return hmac.new(self.token.encode(), b"webhook", hashlib.sha256).hexdigest()

    def named_in_logs(self, chat: int) -> str:
        """A chat's name in the log: always the same, and told back by nobody who lacks the token."""
        return hmac.new(self.token.encode(), b"chat %d" % chat, hashlib.sha256).hexdigest()[:12]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no log, error or message may show: the token's secret half, passwords and the webhook's secret."""
        token = self.telegram_bot_token.get_secret_value().partition(":")[2] if self.telegram_bot_token else None
        urls = [url.get_secret_value() for url in (self.proxy_url, self.database_url) if url]
        passwords = [urlsplit(url).password for url in (*urls, self.bot_api_url)]
        webhook = self.webhook_token if token or self.webhook_secret else None
        return tuple(secret for secret in (token, *passwords, webhook) if secret)


def _mends(error: ValidationError) -> list[str]:
    names = dict.fromkeys(str(detail["loc"][0]) for detail in error.errors(include_input=False))
    return [f"{name.upper()} is wrong: {Settings.model_fields[name].description}." for name in names]
