"""Sources of the handwriting datasets: downloaded once, verified, converted into the cache.

The table of sources is here; the modules beside it read each format. docs/data.md and model.data.handwriting, which
reads the cache, describe the sets and their licences.
"""

import hashlib
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from model.data.download import fetch
from model.data.mnist import DataError
from model.data.sources import pictures, strokes, unipen
from model.data.sources.kept import Sets, packed
from model.versions.atomic_files import write_atomically

CACHE = platformdirs.user_cache_path("digitbot") / "handwriting-1"  # incremented when a conversion changes
LARGEST = 500_000_000  # bytes of a download; UNIPEN, the largest, has a third of that
BROKEN = (OSError, EOFError, ValueError, LookupError, zipfile.BadZipFile, tarfile.TarError, zlib.error)


@dataclass(frozen=True, slots=True)
class Original:
    """A file as its authors published it."""

    address: str
    sha256: str | None  # after unpacking a .Z; None: unknown, so only the contents are verified

    def fetched(self) -> bytes:
        """Download its content, unpacking a .Z.

        Raises OSError, and ValueError if the checksum differs.
        """
        content = fetch(self.address, LARGEST)
        if self.address.endswith(".Z"):
            from unlzw3 import unlzw  # comes only with the extra `train`

            content = unlzw(content)
        if self.sha256 and hashlib.sha256(content).hexdigest() != self.sha256:
            raise ValueError("its checksum isn't that of the file that was published")
        return content


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of one or several sets, and how to read it."""

    originals: tuple[Original, ...]
    convert: Callable[..., Sets]  # takes the originals' contents
    samples: dict[str, int]  # the number of characters of each set

    def converted(self) -> Sets:
        """Download and convert the sets. Raises one of BROKEN if that fails or they differ."""
        sets = self.convert(*(original.fetched() for original in self.originals))
        for name, expected in self.samples.items():
            if abs(len(sets[name]["labels"]) - expected) > expected // 100:
                raise ValueError(f"{name} has {len(sets[name]['labels'])} characters, not about {expected}")
        return sets


UCI = "https://archive.ics.uci.edu/ml/machine-learning-databases"
OMNIGLOT = "https://github.com/brendenlake/omniglot/raw/ceffff1ba059df9c19f12021b738dd1e0d8dd650/python"

SOURCES = (
    Source(
        (Original(f"{UCI}/semeion/semeion.data", "f43228ae3da5ea6a3c95069d53450b86166770e3b719dcc333182128fe08d4b1"),),
        pictures.semeion,
        {"semeion": 1593},
    ),
    Source(
        (
            Original(
                f"{UCI}/optdigits/optdigits-orig.tra.Z",
                "a4eff709680076cae40420343de292b5960fc2b0da439b8a57c3d14124113bda",
            ),
            Original(
                f"{UCI}/optdigits/optdigits-orig.cv.Z",
                "29b0ea16767a56815aa39b608520aa18d4acc087b9db85847f4c79addb7d09d3",
            ),
        ),
        pictures.optdigits,
        {"optdigits": 2880},
    ),
    Source(
        (
            Original(
                f"{UCI}/pendigits/pendigits-orig.tra.Z",
                "a66225d68d7d68591e62944df1ad33b3f5aa608e2df2505844b41f5568a80da4",
            ),
            Original(
                f"{UCI}/pendigits/pendigits-orig.tes.Z",
                "ddb1c19e277a56c7ffe682cc024d6ab73696f9adcc1643ef9ed5aa753007e081",
            ),
        ),
        strokes.pendigits,
        {"pendigits": 10_992},
    ),
    Source(
        (
            Original(
                f"{OMNIGLOT}/strokes_background_small1.zip",
                "8cb3960fb6cf4ccf5f064ad83169f828c36c36782a0f6e7faacb7ecfae4468a2",
            ),
            Original(
                f"{OMNIGLOT}/strokes_background_small2.zip",
                "345bf2141efbea062833dbb2828abbc23d9e07825e46f2afdd4daecddfed6e78",
            ),
        ),
        strokes.omniglot,
        {"omniglot_strokes": 4840},
    ),
    Source(
        (
            Original(
                "https://github.com/wblachowski/bhmsds/archive/07d208e41923b061e338c241e59daacdd2752d53.zip",
                "5e109303251854908f361e35bf260ebb30248fa9967bd70d2bf3703df11a5274",
            ),
        ),
        pictures.bhmsds,
        {"bhmsds": 27_000},
    ),
    Source(
        (
            Original(
                "https://github.com/jdmacleod/handwritten-calculator/raw/fffcb836f45ddac77e313cdec93e17cd4ba857ca/"
                "mdas_symbol_dataset/mdas_symbols_v1.zip",
                "c779edb082fbe932e02ba129d4a0f7eee5e539873f988b587284d46a947d8791",
            ),
        ),
        pictures.mdas,
        {"mdas_symbols": 6006},
    ),
    Source(
        (
            Original(
                "https://zenodo.org/records/259444/files/HASYv2.tar.bz2",
                "7c3ffe709e8c2b83f6ab7d8afc79f7b5f46421657981b1752d22a0ed0052aa2d",
            ),
        ),
        pictures.hasy,
        {"hasy20": 4400},
    ),
    Source(
        (
            Original(
                "https://github.com/Aroaky/QMNIST/archive/c4637c44343e3af18ad46e31fe711b405eb0ef8a.zip",
                None,
            ),
        ),
        pictures.comnist,
        {"comnist_qazaq": 6720},
    ),
    Source(
        (Original("https://zenodo.org/records/1195803/files/unipen-CDROM-train_r01_v07.tgz", None),),
        unipen.unipen,
        {"unipen_digits": 15_377, "unipen_letters": 26_443, "unipen_symbols": 9885},
    ),
)


def gathered(report: Callable[..., None]) -> Path:
    """The cache with all sets, after downloading missing ones. Raises DataError."""
    for source in SOURCES:
        if all(_is_whole(CACHE / f"{name}.npz") for name in source.samples):
            continue
        names, hosts = ", ".join(source.samples), [original.address for original in source.originals]
        report("fetching", sets=names, addresses=hosts)
        try:
            sets = source.converted()
        except BROKEN as problem:
            raise DataError(
                f"{names} can't be fetched from {hosts[0]} ({problem}): try again where there is a network, give a "
                "folder with all the sets in HANDWRITING_PATH (docs/data.md says which), or learn from MNIST alone "
                "with --mnist-alone."
            ) from problem
        for name, arrays in sets.items():
            write_atomically(CACHE / f"{name}.npz", packed(arrays))
    return CACHE


def _is_whole(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as file:
            return file.testzip() is None
    except (OSError, zipfile.BadZipFile, zlib.error):
        return False
