"""Dockerfile, compose.yaml and the systemd unit. The image's steps are done without a container engine."""

import asyncio
import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.game import show
from bot.inbox import work
from bot.learning import retraining, trainer
from bot.playground.server import LocalServer
from bot.settings import MAX_READERS, Settings
from bot.transport import polling, serving
from model.training import child_process
from tests.pictures import photo
from tests.running import TOKEN, answer_to
from tests.web import free_address

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
SETTINGS = {name.upper() for name in Settings.model_fields}
# What the bot gives its parts to end, one after another.
STOP = sum(
    (work.STOPPING, show.STOPPING, trainer.GRACE, retraining.STOPPING, polling.STOPPING, serving.STOP_SECONDS), 0.0
)
NO_REGISTRY = re.compile(r"NewConnectionError|NameResolutionError|Max retries|timed out|Cannot connect to proxy")


def instructions(stage: str) -> list[tuple[str, str]]:
    """What a stage of the Dockerfile does itself: the instruction's name and the rest of it."""
    lines = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if not line.startswith("#")]
    steps = [step.partition(" ")[::2] for step in "\n".join(lines).replace("\\\n", "").splitlines() if step]
    starts = [n for n, (name, _) in enumerate(steps) if name == "FROM"] + [len(steps)]
    for start, end in pairwise(starts):
        if steps[start][1].endswith(f" AS {stage}"):
            return steps[start:end]
    raise AssertionError(f"no stage {stage}")


def pip_lines(stage: str) -> list[list[str]]:
    """The arguments of each `pip` that it runs."""
    runs = [re.sub(r"--mount=\S+ ", "", rest) for name, rest in instructions(stage) if name == "RUN"]
    return [words[1:] for run in runs if (words := shlex.split(run))[0] == "pip"]


def the_only(stage: str, instruction: str) -> str:
    (rest,) = (rest for name, rest in instructions(stage) if name == instruction)
    return rest


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with `venv`, installed from what the Dockerfile copies as it installs it."""
    folder = tmp_path_factory.mktemp("image")
    for name, rest in instructions("base"):
        if name == "COPY":
            *sources, target = rest.split()
            for source in sources:
                copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
                copy(ROOT / source, folder / (target if target != "./" else source))
    venv.create(folder / "venv", with_pip=True)
    quick = {"PIP_RETRIES": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_COMPILE": "0"}  # 0 means yes there
    for arguments in pip_lines("base"):
        command: list[str | Path] = [folder / "venv" / "bin" / "pip", *arguments]
        done = subprocess.run(command, cwd=folder, env=os.environ | quick, capture_output=True, text=True)
        if done.returncode and NO_REGISTRY.search(done.stderr):
            pytest.skip("no package registry is reached from here")
        assert done.returncode == 0, done.stderr
    yield folder
    shutil.rmtree(folder)  # it is large


def environment(image: Path, **more: str) -> dict[str, str]:
    """As in the image, but for where its data lie."""
    path = {"PATH": f"{image / 'venv' / 'bin'}:/usr/bin:/bin", "HOME": str(image)}
    return path | {"XDG_DATA_HOME": str(image / "data"), "XDG_CACHE_HOME": str(image / "cache")} | more


def said(image: Path, *command: str, **more: str) -> str:
    done = subprocess.run(command, cwd=image / "venv", env=environment(image, **more), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the image is Linux's")
def test_the_image_reads_without_tensorflow(image: Path) -> None:
    (image / "seven.png").write_bytes(photo("7"))
    assert "backup" in said(image, "digitbot", "--help")
    assert said(image, "digitbot", "read", str(image / "seven.png")).startswith(f"{image / 'seven.png'}: 7 ")
    installed = said(image, "pip", "list", "--format", "freeze").lower()
    assert "ai-edge-litert" in installed
    assert "psycopg" in installed
    assert "tensorflow" not in installed
    assert "keras" not in installed


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="the image is Linux's")
async def test_the_images_health_is_the_bots(image: Path) -> None:
    check = the_only("base", "HEALTHCHECK").partition(" CMD ")[2]
    program = [*yaml.safe_load(the_only("base", "ENTRYPOINT")), *yaml.safe_load(the_only("base", "CMD"))]
    at = free_address()

    async def is_well() -> bool:
        process = await asyncio.create_subprocess_shell(
            check, env=environment(image, METRICS_LISTEN=at, HTTP_PROXY="http://127.0.0.1:9"), stderr=-3
        )
        return await process.wait() == 0

    assert not await is_well()
    async with LocalServer(token=TOKEN) as server:
        reach = {"TELEGRAM_BOT_TOKEN": TOKEN, "BOT_API_URL": server.url, "METRICS_LISTEN": at, "READERS": "1"}
        bot = await asyncio.create_subprocess_exec(
            image / "venv" / "bin" / program[0], *program[1:], env=environment(image, **reach), cwd=image / "venv"
        )
        try:
            ann = server.world.person()
            assert (await answer_to(ann, ann.send_photo(photo("7"))))["text"].startswith("7")
            assert await is_well()
        finally:
            bot.terminate()
            await bot.wait()
    assert (image / "data" / "digitbot" / "digitbot.db").exists()


def test_the_image_is_for_nobody_special_and_holds_no_secret() -> None:
    assert len(DOCKERFILE.read_text("utf-8").splitlines()) <= 40
    assert the_only("bot", "USER") == the_only("train", "USER") == "digitbot"
    last = [rest for rest in DOCKERFILE.read_text("utf-8").splitlines() if rest.startswith("FROM ")][-1]
    assert last == "FROM base AS bot"  # what is built where no target is named
    reading, itself = pip_lines("base")
    (learning,) = pip_lines("train")
    assert reading[:-1] == learning[:-1] == ["install", "--require-hashes", "--requirement"]
    assert (reading[-1], learning[-1]) == ("requirements/postgres.txt", "requirements/train.txt")
    assert itself == ["install", "--no-deps", "--no-build-isolation", "."]
    let_in = {line[1:] for line in ROOT.joinpath(".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {name for step, rest in instructions("base") if step == "COPY" for name in rest.split()[:-1]}
    assert let_in == copied
    assert "*" in ROOT.joinpath(".dockerignore").read_text().splitlines()


LOCKED = {path.stem: path.read_text("utf-8") for path in ROOT.joinpath("requirements").glob("*.txt")}
PIN = re.compile(r"^([\w.-]+)==(\S+)(?: ; [^\\]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+$", re.MULTILINE)


def test_images_of_others_are_pinned_by_digest_and_renewed(compose: Any) -> None:
    first = DOCKERFILE.read_text("utf-8").partition("FROM ")[2].split()[0]
    named = [first, *(each["image"] for each in compose["services"].values() if "build" not in each)]
    assert len(named) == 2
    assert all(re.fullmatch(r"[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}", each) for each in named)
    renewed = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text("utf-8"))["updates"]
    assert {each["package-ecosystem"] for each in renewed} == {"docker", "docker-compose"}


def pins(locked: str) -> dict[str, str]:
    """The version of each package; what isn't pinned and hashed is left out."""
    return {canonicalize_name(name): release for name, release in PIN.findall(locked)}


def test_every_package_that_is_installed_is_pinned_by_hashes() -> None:
    assert set(LOCKED) == {"read", "train", "postgres", "dev", "bench"}
    for name, locked in LOCKED.items():
        assert PIN.sub("", locked).strip() == "", name  # no index's address either
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    wanted = {"read": (), "train": ("train",), "postgres": ("postgres",), "dev": ("train", "dev"), "bench": ("bench",)}
    for name, given in wanted.items():
        pinned = pins(LOCKED[name])
        ranges = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
        for each in (Requirement(text) for text in [*ranges, *(text for extra in given for text in extras[extra])]):
            if each.name != "digitbot":
                assert pinned[canonicalize_name(each.name)] in each.specifier, f"make locks: {each} in {name}.txt"


def test_a_package_has_the_same_version_wherever_it_is_installed() -> None:
    everywhere = pins(LOCKED["dev"]) | pins(LOCKED["bench"])
    for name, locked in LOCKED.items():
        assert pins(locked).items() <= everywhere.items(), f"make locks: {name}.txt"


def test_what_builds_the_bot_is_what_pyproject_says() -> None:
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text("utf-8"))
    lines = ROOT.joinpath("requirements", "build.in").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == project["build-system"]["requires"]


@pytest.fixture
def compose() -> Any:
    return yaml.safe_load(ROOT.joinpath("compose.yaml").read_text("utf-8"))


def test_compose_runs_what_can_learn_and_keeps_what_it_keeps(compose: Any) -> None:
    bot, database = compose["services"]["bot"], compose["services"]["database"]
    assert set(compose["services"]) == {"bot", "database"}
    stages = re.findall(r"FROM \S+ AS (\w+)", DOCKERFILE.read_text("utf-8"))
    assert bot["build"]["target"] == "train"
    assert "train" in stages
    assert "profiles" not in bot
    assert database["profiles"] == ["postgres"]
    where = the_only("base", "VOLUME")
    assert bot["volumes"] == [f"data:{where}"]
    assert bot["environment"]["DATA_DIR"] == where
    named = {mount.partition(":")[0] for service in compose["services"].values() for mount in service["volumes"]}
    assert named == set(compose["volumes"])
    assert "ports" not in bot
    assert "ports" not in database
    assert float(bot["stop_grace_period"].removesuffix("s")) > STOP


def test_every_name_in_compose_is_a_setting(compose: Any) -> None:
    bot = compose["services"]["bot"]
    assert bot["env_file"] == ".env"  # secrets are in no file that is kept with the program
    assert set(bot["environment"]) <= SETTINGS
    text = ROOT.joinpath("compose.yaml").read_text("utf-8")
    told = dict(re.findall(r"^#   (\w+)=(.*)$", text, re.MULTILINE))
    assert set(told) == {"COMPOSE_PROFILES", "BOTS", "POSTGRES_PASSWORD", "DATABASE_URL"}
    assert set(re.findall(r"\$\{(\w+)", text)) == {"BOTS", "POSTGRES_PASSWORD"}
    given = compose["services"]["database"]["environment"]
    assert told["DATABASE_URL"].endswith(f"@database/{given['POSTGRES_DB']}")
    assert told["DATABASE_URL"].startswith(f"postgresql://{given['POSTGRES_USER']}:")
    Settings.load(_env_file=None, database_url=told["DATABASE_URL"])


@pytest.fixture
def service() -> Any:
    unit = configparser.RawConfigParser(strict=False, delimiters=["="])
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "deploy" / "digitbot.service")
    return unit["Service"]


def test_the_unit_waits_for_an_orderly_end(service: Any) -> None:
    assert float(service["TimeoutStopSec"]) > STOP
    assert service["KillMode"] == "mixed"  # its readers end after what they read
    assert service["Restart"] == "always"
    assert service["RestartPreventExitStatus"] == "2"
    assert "WatchdogSec" not in service
    assert service["OOMPolicy"] == "continue"  # a reader or a training that is killed ends alone
    assert service["ExecStart"].endswith("/digitbot run")
    places = dict(word.split("=") for word in service["Environment"].split())
    assert places == {"XDG_DATA_HOME": "/var/lib", "XDG_CACHE_HOME": "/var/cache"}
    assert service["StateDirectory"] == service["CacheDirectory"] == "digitbot"


def test_there_is_memory_for_readers_and_a_training_and_no_more_in_both(service: Any, compose: Any) -> None:
    limits = {name: each["deploy"]["resources"]["limits"] for name, each in compose["services"].items()}
    assert service["MemoryMax"].lower() == limits["bot"]["memory"] == "3g"
    assert limits["database"]["memory"]
    assert child_process.MEMORY + MAX_READERS * 350 * 2**20 <= 3 * 2**30


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_unit_and_finds_it_safe(tmp_path: Path) -> None:
    unit = tmp_path / "digitbot.service"
    text = ROOT.joinpath("deploy", "digitbot.service").read_text("utf-8")
    unit.write_text(re.sub(r"ExecStart=\S+", f"ExecStart={sys.executable}", text))
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", unit],
        capture_output=True,
        text=True,
    )
    if "unrecognized option" in rated.stderr:
        pytest.skip("this systemd rates no files")
    assert rated.returncode == 0, rated.stdout[-300:]  # an exposure of at most 2.0 of 10
