"""How long a photo takes to read, in CPU time on one core, beside what others take for it; and a reader's memory.

    python -m benchmarks.reading.cpu_time [--photos FOLDER] [--model VERSION] [--finder FILE] [--rounds N] [--memory N]

Every photo is first made what Telegram would send: upright, its long side 1280 pixels, JPEG at quality 87, so small
pictures are enlarged and all cost about the same to decode. Each side then takes its turn on each photo, and what is
compared is the time for one and the same photo. Linux only.
"""

import argparse
import io
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import compress
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from benchmarks.conditions import conditions, parsed
from benchmarks.reading.others import Read, general_ocr, need_general_ocr, tutorial_in_keras
from benchmarks.reading.photo_sets import REAL, Photo, real_folder, real_photos
from benchmarks.reading.photos import EACH
from benchmarks.reading.readers import Reader, add_reader, name_of, reader_for
from benchmarks.reading.stages import stages
from tests.handwriting import page

SENT_SIDE = 1280  # pixels
QUALITY = 87
PATIENCE = 300  # seconds for one photo, the start of TensorFlow included
SAMPLE = 12  # photos for those who are slow
TWENTIES, HUNDREDS = 10, 3  # generated pages

_read: Read  # of a child process: one of the sides compared


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU milliseconds for one photo: the least of some rounds."""

    decoding: float  # by Pillow, whole
    reading: float

    @property
    def ratio(self) -> float:
        """Reading in units of decoding."""
        return self.reading / self.decoding


def main() -> int:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=real_folder, default=str(REAL), help="folder with manifest.jsonl")
    add_reader(parser)
    parser.add_argument("--rounds", type=int, default=2, help="of each, the least counts")
    parser.add_argument("--others", action="store_true", help="also the tutorial's pipeline and a general OCR")
    parser.add_argument("--memory", type=int, metavar="N", help="also a reader's memory over N photos, 10 at least")
    args = parsed(parser, rounds=1)
    if args.others:
        need_general_ocr()
    reader = reader_for(args)
    photos = real_photos(args.photos)[:: EACH if args.quick else 1]
    jpegs = [as_telegram_sends(photo.data) for photo in photos]
    is_single = [photo.kind == "single" and photo.source == "photo" for photo in photos]
    single = list(compress(jpegs, is_single))
    print(f"{conditions()} · {name_of(reader, args)} · {len(photos)} photos\n")
    hundreds = list(many_digits(10, 10, HUNDREDS, height=38))
    timings = [timed(jpeg, reader, args.rounds) for jpeg in jpegs]
    groups = {
        "one digit, photographed": list(compress(timings, is_single)),
        "20 digits, generated": [timed(jpeg, reader, args.rounds) for jpeg in many_digits(4, 5, TWENTIES, height=100)],
        "100 digits, generated": [timed(jpeg, reader, args.rounds) for jpeg in hundreds],
        "all photos, scenes too": timings,
    }
    print_ratios(groups)
    print_slowest(photos, timings)
    print_stages(reader, {"one digit": single, "100 digits": hundreds, "all photos": jpegs})
    ours = partial(our_reading, args)
    if args.others and single:
        print_others(single[:: max(1, len(single) // SAMPLE)], ours)
    if args.memory:
        print_memory(ours, jpegs, args.memory)
    return 0


def as_telegram_sends(photo: bytes) -> bytes:
    """The photo upright, its long side 1280 pixels, as a JPEG."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(photo))).convert("RGB")
    scale = SENT_SIDE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    encoded = io.BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(encoded, "JPEG", quality=QUALITY)
    return encoded.getvalue()


def many_digits(rows: int, columns: int, pages: int, height: int) -> Iterator[bytes]:
    """Generated pages of about 1280×960 with so many rows of digits, so high in pixels, written by nobody."""
    rng = np.random.default_rng(0)
    for _ in range(pages):
        numbers = ["".join(map(str, rng.integers(0, 10, columns))) for _ in range(rows)]
        yield page(numbers, rng, height=height, size=(1280, 960), quality=QUALITY)[0]


def timed(photo: bytes, reader: Reader, rounds: int) -> Timing:
    """Pillow's whole decode and our reading, in turn."""
    turns = [(cpu_ms(decode_whole, photo), cpu_ms(reader.read, photo)) for _ in range(rounds)]
    return Timing(*map(min, zip(*turns, strict=True)))


def decode_whole(photo: bytes) -> None:
    """Everything that Pillow decodes of a photo, in grey."""
    Image.open(io.BytesIO(photo)).convert("L")


def cpu_ms(work: Callable[[bytes], object], photo: bytes) -> float:
    """CPU milliseconds of this process for one photo, all threads counted."""
    started = time.process_time_ns()
    work(photo)
    return (time.process_time_ns() - started) / 1e6


def print_ratios(groups: dict[str, list[Timing]]) -> None:
    """Reading in units of Pillow's whole decode of the same JPEG."""
    print(f"{'':<30} photos   decode    read   read/decode: median     p95    most")
    for name, group in groups.items():
        if not group:
            continue
        ratios = [t.ratio for t in group]
        decoding, reading = (
            statistics.median(times) for times in zip(*((t.decoding, t.reading) for t in group), strict=True)
        )
        print(
            f"{name:<30} {len(group):6d} {decoding:5.1f} ms {reading:4.1f} ms"
            f" {statistics.median(ratios):20.2f} {np.percentile(ratios, 95):7.2f} {max(ratios):7.2f}"
        )
    print()


def print_slowest(photos: Sequence[Photo], timings: Sequence[Timing], most: int = 5) -> None:
    """The photos that take longest, to look at."""
    slowest = sorted(zip(photos, timings, strict=True), key=lambda each: -each[1].ratio)[:most]
    print("slowest, read/decode:")
    for photo, timing in slowest:
        print(f"  {timing.ratio:7.2f}  {photo.kind} {photo.source}  {photo.file}")
    print()


def print_stages(reader: Reader, groups: dict[str, Sequence[bytes]]) -> None:
    """Where the time goes: mean CPU milliseconds a photo in each module, for each group of photos."""
    spent = {name: stages(reader, photos) for name, photos in groups.items() if photos}
    print(f"{'where the time goes':<30}" + "".join(f"{name:>13}" for name in spent) + "   (mean CPU ms a photo)")
    names = {name for each in spent.values() for name in each}
    for stage in sorted(names, key=lambda stage: -next(iter(spent.values())).get(stage, 0)):
        print(f"{stage:<30}" + "".join(f"{each.get(stage, 0):13.2f}" for each in spent.values()))
    print(f"{'in all':<30}" + "".join(f"{sum(each.values()):13.2f}" for each in spent.values()) + "\n")


def print_others(photos: Sequence[bytes], ours: Callable[[], Read]) -> None:
    """Our reading and each other's, in turn on the same photos, each in a process of its own."""
    sides: dict[str, Callable[[], Read]] = {
        "this reader": ours,
        "the tutorial's pipeline": tutorial_in_keras,
        "a general OCR (rapidocr)": general_ocr,
    }
    times = side_by_side(sides, photos)
    our_middle = statistics.median(times["this reader"])
    print(f"{f'on {len(photos)} photos of one digit':<30} median CPU ms   this reader takes")
    for name, each in times.items():
        middle = statistics.median(each)
        print(f"{name:<30} {middle:13.1f} {'1 / ' + format(middle / our_middle, '.1f'):>18}")
    print()


def our_reading(args: argparse.Namespace) -> Read:
    """This reader."""
    reader = reader_for(args)
    return lambda photo: reader.read(photo).text


def side_by_side(sides: dict[str, Callable[[], Read]], photos: Sequence[bytes]) -> dict[str, list[float]]:
    """CPU milliseconds of each side for each photo; before, each reads one that doesn't count."""
    spawn = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        pools = {
            name: stack.enter_context(ProcessPoolExecutor(1, spawn, _start, (make,))) for name, make in sides.items()
        }
        times: dict[str, list[float]] = {name: [] for name in sides}
        for photo in [photos[0], *photos]:
            for name, pool in pools.items():
                times[name].append(pool.submit(_cpu_ms_here, photo).result(PATIENCE))
    return {name: each[1:] for name, each in times.items()}


def print_memory(ours: Callable[[], Read], photos: Sequence[bytes], readings: int) -> None:
    """Resident memory of a reader's process at each tenth of the readings."""
    spawn = multiprocessing.get_context("spawn")
    sizes: list[float] = []
    with ProcessPoolExecutor(1, spawn, _start, (ours,)) as pool:
        for i in range(readings):
            pool.submit(_cpu_ms_here, photos[i % len(photos)]).result(PATIENCE)
            if (i + 1) * 10 // readings > len(sizes):
                sizes.append(pool.submit(_resident_here).result(PATIENCE))
    print(f"resident memory of a reader at each tenth of {readings} photos, MB: {' '.join(f'{s:.0f}' for s in sizes)}")
    print(f"growth from the second tenth to the last: {sizes[-1] / sizes[1] - 1:+.1%}")


def _start(make: Callable[[], Read]) -> None:
    global _read
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # threads that wait for each other would cost time
    _read = make()


def _cpu_ms_here(photo: bytes) -> float:
    return cpu_ms(_read, photo)


def _resident_here() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())
