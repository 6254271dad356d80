"""Small originals of every set of handwriting, in the forms in which their makers published them."""

import io
import tarfile
import zipfile

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Strokes = list[list[tuple[int, int]]]  # y grows upwards

SEVEN: Strokes = [[(10, 90), (50, 90), (25, 10)], [(20, 50), (45, 52)]]  # with a bar
BAR: Strokes = [[(30, 80), (31, 20)]]
CLEAR = 256  # of compress: forget all codes


def mark(side: int, *, light: bool) -> NDArray[np.uint8]:
    """A picture of one upright stroke: light ink on black, or dark ink on white."""
    picture = np.zeros((side, side), np.uint8)
    picture[side // 4 : -side // 4, side // 2 : side // 2 + side // 8] = 255
    return picture if light else 255 - picture


def png(picture: NDArray[np.uint8]) -> bytes:
    """Grey (h, w), or RGBA (h, w, 4)."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def drawn_on_glass(side: int) -> bytes:
    """A PNG of black ink on nothing: all of it lies in the transparency."""
    picture = np.zeros((side, side, 4), np.uint8)
    picture[..., 3] = mark(side, light=True)
    return png(picture)


def zipped(files: dict[str, bytes]) -> bytes:
    """A ZIP archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for path, content in files.items():
            file.writestr(path, content)
    return archive.getvalue()


def tarred(files: dict[str, bytes], packing: str) -> bytes:
    """A tar archive, packed by "gz" or "bz2"."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode=f"w:{packing}") as tar:  # type: ignore[call-overload]
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def compressed(content: bytes) -> bytes:
    """A .Z file: each byte as its own code of 9 bits, and the table cleared before codes would have to grow."""
    codes: list[int] = []
    for start in range(0, len(content), 247):  # with the clearing 248 codes: whole groups of eight, as compress pads
        codes += [*content[start : start + 247], CLEAR]
    bits = "".join(f"{code:09b}"[::-1] for code in codes[:-1])
    packed = bytes(int(bits[i : i + 8][::-1], 2) for i in range(0, len(bits), 8))
    return b"\x1f\x9d\x90" + packed


def semeion(labels: str) -> bytes:
    """Lines of 256 pixels and ten flags, with blanks and CR LF at their ends as published."""
    pixels = " ".join(f"{value:.4f}" for value in (mark(16, light=True) > 0).ravel())
    flags = {label: " ".join("1" if digit == label else "0" for digit in "0123456789") for label in labels}
    return "".join(f"{pixels} {flags[label]} \r\n" for label in labels).encode()


def optdigits(labels: str) -> bytes:
    """A head, and for each digit 32 lines of 0 and 1 and one with the label."""
    bitmap = "\n".join("".join("1" if pixel else "0" for pixel in row) for row in mark(32, light=True))
    digits = "\n".join(f"{bitmap}\n {label}" for label in labels)
    return f"Training file\n\nentwidth = 32\nntot = {len(labels)}\nlastparag = 0\n{digits}".encode()


def pen(strokes: Strokes) -> str:
    """Strokes as UNIPEN has them."""
    return "".join(
        ".PEN_DOWN\n" + "".join(f"\t{x + 400}\t{y + 700}\n" for x, y in stroke) + ".PEN_UP\n.DT 100\n"
        for stroke in strokes
    )


def pendigits(writers: dict[int, str]) -> bytes:
    """The digits of each writer, one with two strokes and the others with one."""
    lines, begun, count = ['.INCLUDE dene.doc\n.LEXICON "0" "1"\n.HIERARCHY DIGIT\n\n'], 0, 0
    for writer, labels in writers.items():
        for label in labels:
            strokes = SEVEN if label == "7" else BAR
            place = f"{begun}-{begun + 1}" if label == "7" else f"{begun}"
            lines.append(f'.SEGMENT DIGIT {place} ? "{label}"\n.COMMENT {label} {writer} {count}\n{pen(strokes)}\n')
            begun, count = begun + len(strokes), count + 1
    return "".join(lines).encode()


def omniglot(characters: dict[str, int]) -> bytes:
    """One drawing of a character, by its number, in each alphabet; by writer 3."""
    text = "START\n" + "".join("".join(f"{x},{y - 105},17.5\n" for x, y in stroke) + "BREAK\n" for stroke in SEVEN)
    return zipped(
        {
            f"strokes_background_small/{alphabet}/character{number:02}/0709_03.txt": text.encode()
            for alphabet, number in characters.items()
        }
    )


def bhmsds(names: list[str]) -> bytes:
    """Dark ink on white, named by a word or the character."""
    files = {f"bhmsds-07d2/symbols/{name}-0001.png": png(mark(28, light=False)) for name in names}
    return zipped(files | {"bhmsds-07d2/assets/symbols.gif": b"GIF89a", "bhmsds-07d2/README.md": b"symbols"})


def mdas() -> bytes:
    """Light ink on black, and what a Mac puts beside."""
    folders = ("addition_plus", "division_obelus", "division_slash", "multiplication_cross", "multiplication_dot")
    files = {f"symbols_partitioned/train/{folder}/1.png": png(mark(28, light=True)) for folder in folders}
    rest = {"symbols_partitioned/test/subtraction_minus/2.png": png(mark(28, light=True))}
    return zipped(files | rest | {"__MACOSX/symbols_partitioned/train/addition_plus/._1.png": b"no picture"})


def hasy(latex: list[str]) -> bytes:
    """Pictures and a table that labels them."""
    rows = "".join(f"hasy-data/v2-{i:05}.png,{i},{name},9\n" for i, name in enumerate(latex))
    files = {"hasy-data-labels.csv": f"path,symbol_id,latex,user_id\n{rows}".encode()}
    files |= {f"hasy-data/v2-{i:05}.png": png(mark(32, light=False)) for i in range(len(latex))}
    return tarred(files, "bz2")


def comnist(files: list[str]) -> bytes:
    """Drawings on a touch screen, as `letter/name`."""
    return zipped({f"QMNIST-c463/dataset/{path}.png": drawn_on_glass(278) for path in files})


def unipen(labelled: dict[str, str], included: dict[str, str]) -> bytes:
    """The files under data/ and include/, in the folder that all lies in."""
    files = {f"data/{path}": text for path, text in labelled.items()}
    files |= {f"include/{path}": text for path, text in included.items()}
    return tarred({f"CDROM/train_r01_v07/{path}": text.encode("latin-1") for path, text in files.items()}, "gz")


UNIPEN = unipen(
    labelled={
        # One writer with a name, in two files; one without; one of a contributor who is left out.
        "1a/apb/one.dat": '.INCLUDE apb/apb.doc\n.INCLUDE apb/data/one.dat\n.SEGMENT CHARACTER 0-1 ? "7"\n'
        '.SEGMENT CHARACTER 2 OK "1"\n.SEGMENT CHARACTER 9 ? "3"\n.SEGMENT WORD 0-2 ? "71"\n',
        "1a/kai/two.dat": '.INCLUDE kai/data/two.dat\n.SEGMENT CHARACTER 0 ? "1"\n',
        "1a/tos/out.dat": '.INCLUDE kai/data/two.dat\n.SEGMENT CHARACTER 0 ? "1"\n',
        "1b/apb/one.dat": ".INCLUDE apb/apb.doc\n.INCLUDE apb/data/more.dat\n"
        + "".join(f'.SEGMENT CHARACTER {i} ? "L"\n' for i in range(9)),
        "1c/apb/one.dat": '.INCLUDE apb/data/one.dat\n.SEGMENT CHARACTER 2 ? "l"\n',
        "1d/apb/one.dat": '.INCLUDE apb/data/one.dat\n.SEGMENT CHARACTER 2 ? "\\""\n.SEGMENT CHARACTER 2 ? "Unknown"\n',
        "8/apb/one.dat": '.INCLUDE apb/data/one.dat\n.SEGMENT TEXT 0-2 ? "71"\n',
    },
    included={
        "apb/apb.doc": '.COORD X Y\n.ALPHABET "0" "1"\n',
        "apb/data/one.dat": ".INCLUDE apb/name.doc\n" + pen([*SEVEN, *BAR]),
        "apb/data/more.dat": ".WRITER_ID  bill\n" + 9 * pen(BAR),
        "apb/name.doc": ".COMMENT formerly .WRITER_ID b\n.WRITER_ID bill\n",
        "kai/data/two.dat": ".START_BOX\n" + pen(BAR),
    },
)

# Each set's small originals, by the names of the published files, and how many characters they hold.
SMALL: dict[str, tuple[dict[str, bytes], dict[str, int]]] = {
    "semeion": ({"semeion.data": semeion("07")}, {"semeion": 2}),
    "optdigits": (
        {
            "optdigits-orig.tra.Z": compressed(optdigits("07")),
            "optdigits-orig.cv.Z": compressed(optdigits("3")),
        },
        {"optdigits": 3},
    ),
    "pendigits": (
        {
            "pendigits-orig.tra.Z": compressed(pendigits({1: "71", 30: "1"})),
            "pendigits-orig.tes.Z": compressed(pendigits({1: "7"})),
        },
        {"pendigits": 4},
    ),
    "omniglot_strokes": (
        {
            "strokes_background_small1.zip": omniglot({"Latin": 2, "Greek": 3}),
            "strokes_background_small2.zip": omniglot({"Greek": 3, "Japanese_(katakana)": 7}),
        },
        {"omniglot_strokes": 3},
    ),
    "bhmsds": ({"bhmsds.zip": bhmsds(["7", "dot", "x"])}, {"bhmsds": 3}),
    "mdas_symbols": ({"mdas_symbols_v1.zip": mdas()}, {"mdas_symbols": 6}),
    "hasy20": ({"HASYv2.tar.bz2": hasy([r"\pi", "7", r"\mathds{R}"])}, {"hasy20": 2}),
    "comnist_qazaq": (
        {"qmnist.zip": comnist(["и\u0306/58a9cea0bee57", "к/58a9cec8ab77a", "к/abgcppxvkz"])},
        {"comnist_qazaq": 3},
    ),
    "unipen_digits": ({"unipen.tgz": UNIPEN}, {"unipen_digits": 3, "unipen_letters": 5, "unipen_symbols": 1}),
}
