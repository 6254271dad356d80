"""Reads published pictures of characters: archives of PNGs, and two black-and-white tables."""

import csv
import io
import re
import tarfile
import unicodedata
import zipfile

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.data.sources.kept import Arrays, Sets, few

Pictures = NDArray[np.uint8]  # (n, h, w)

BHMSDS = {
    "dot": "·",
    "minus": "-",
    "plus": "+",
    "slash": "/",
}  # files are named with these words or the character itself
MDAS = {
    "addition": "+",
    "division_obelus": "÷",
    "division_slash": "/",
    "multiplication_cross": "×",
    "multiplication_dot": "·",
    "subtraction": "-",
}  # prefixes of the folders' names
HASY = {
    r"\int": "∫", r"\sum": "∑", r"\infty": "∞", r"\alpha": "α", r"\xi": "ξ", r"\equiv": "≡", r"\partial": "∂",
    r"\mathbb{R}": "ℝ", r"\mathds{R}": "ℝ", r"\in": "∈", r"\Box": "□", r"\square": "□", r"\forall": "∀",
    r"\approx": "≈", r"\sim": "∼", r"\Rightarrow": "⇒", r"\subseteq": "⊆", r"\pi": "π", r"\pm": "±", r"\neq": "≠",
    r"\varphi": "φ", r"\times": "×",
}  # fmt: skip
HASY_MOST = 220  # per sign
COMNIST_MOST = 160  # per letter
COMNIST_NAME = re.compile(r"[0-9a-f]{13}")  # CoMNIST's files are named by time; QazaqMNIST's by ten letters


def bhmsds(archive: bytes) -> Sets:
    """Read 28×28 PNGs symbols/NAME-NUMBER.png."""
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        paths = sorted(path for path in file.namelist() if re.search(r"/symbols/[^/]+-\d+\.png$", path))
        names = [path.rsplit("/", 1)[1].rsplit("-", 1)[0] for path in paths]
        return {"bhmsds": _arrays([BHMSDS.get(name, name) for name in names], [file.read(path) for path in paths], 28)}


def mdas(archive: bytes) -> Sets:
    """Read 28×28 PNGs in one folder per sign, within test, train and val."""
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        signs = {path: _mdas_sign(path) for path in sorted(file.namelist()) if path.endswith(".png")}
        paths = [path for path, sign in signs.items() if sign and "__MACOSX" not in path]
        return {"mdas_symbols": _arrays([signs[path] for path in paths], [file.read(path) for path in paths], 28)}


def _mdas_sign(path: str) -> str:
    folder = path.split("/")[-2] if "/" in path else ""
    return next((sign for name, sign in MDAS.items() if folder.startswith(name)), "")


def comnist(archive: bytes) -> Sets:
    """Read 278×278 PNGs in one folder per Cyrillic letter, and halve them.

    The array `sources` tells the two sets apart.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        paths = sorted(path for path in file.namelist() if re.search(r"/dataset/[^/]+/[^/]+\.png$", path))
        letters = [unicodedata.normalize("NFC", path.split("/")[-2]) for path in paths]
        chosen = few(letters, COMNIST_MOST)
        arrays = _arrays([letters[i] for i in chosen], [file.read(paths[i]) for i in chosen], 278)
    halved = arrays["images"].reshape(-1, 139, 2, 139, 2).mean(axis=(2, 4), dtype=np.float32)
    names = [paths[i].split("/")[-1].removesuffix(".png") for i in chosen]
    sources = np.array(["comnist" if COMNIST_NAME.fullmatch(name) else "qazaq" for name in names])
    return {"comnist_qazaq": arrays | {"images": np.rint(halved).astype(np.uint8), "sources": sources}}


def hasy(archive: bytes) -> Sets:
    """Read 32×32 PNGs, labelled in LaTeX by hasy-data-labels.csv."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:bz2") as tar:
        files = {path.name: _read(tar, path) for path in tar if path.name.startswith("hasy-data")}
    rows = csv.DictReader(io.StringIO(files["hasy-data-labels.csv"].decode("utf-8")))
    known = [(HASY[row["latex"]], row["path"]) for row in rows if row["latex"] in HASY]
    chosen = [known[i] for i in few((sign for sign, _ in known), HASY_MOST)]
    return {"hasy20": _arrays([sign for sign, _ in chosen], [files[path] for _, path in chosen], 32)}


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return file.read() if file else b""


def semeion(content: bytes) -> Sets:
    """Read a line per digit: 256 pixels and ten label flags, 0 or 1."""
    table = np.array(content.split(), np.float32).astype(np.uint8).reshape(-1, 256 + 10)
    labels = table[:, 256:].argmax(axis=1).astype("<U1")
    return {"semeion": {"images": 255 * table[:, :256].reshape(-1, 16, 16), "labels": labels}}


def optdigits(training: bytes, validation: bytes) -> Sets:
    """Read 32 lines of 0 and 1 per digit, and a line with its label."""
    parts = {"tra": _bitmaps(training), "cv": _bitmaps(validation)}
    images, labels = (np.concatenate(arrays) for arrays in zip(*parts.values(), strict=True))
    split = np.repeat(list(parts), [len(part[1]) for part in parts.values()])
    return {"optdigits": {"images": images, "labels": labels, "split": split}}


def _bitmaps(content: bytes) -> tuple[Pictures, NDArray[np.str_]]:
    found = re.findall(r"((?:[01]{32}\s+){32})(\d)\s", content.decode("ascii") + "\n")
    rows = np.array([list("".join(bitmap.split())) for bitmap, _ in found]).reshape(-1, 32, 32)
    return 255 * (rows == "1").astype(np.uint8), np.array([label for _, label in found])


def _arrays(labels: list[str], files: list[bytes], side: int) -> Arrays:
    images = np.stack([_picture(file, side) for file in files])
    if np.median(images) > 127:  # dark ink on paper: invert to light on black
        images = 255 - images
    return {"images": images, "labels": np.array(labels)}


def _picture(file: bytes, side: int) -> Pictures:
    with Image.open(io.BytesIO(file), formats=("PNG",)) as image:
        if image.size != (side, side):
            raise ValueError(f"a picture of {image.size[0]}×{image.size[1]} where all have {side}×{side}")
        paper = Image.new("RGBA", image.size, "white")
        return np.asarray(Image.alpha_composite(paper, image.convert("RGBA")).convert("L"))
