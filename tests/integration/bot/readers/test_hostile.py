"""Hostile pictures: each gets its sentence or is read, within its reader's memory, and the next photo is read.

Those that hang a decoder cost their reader, and no more.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import numpy as np
import pytest
import pytest_asyncio

from bot.readers.pool import LIBRARIES, ReaderFailed, Readers, TooSlow, Workers
from bot.readers.work import CPU_LIMIT
from bot.storage.records import SeenDigit, SeenPhoto
from model.reading.result import Box, PhotoError
from model.versions.version import PRETRAINED
from tests.hostile import BOMBS, HANGING, mutated, tiff_of_many_strips
from tests.pictures import photo
from tests.reader_process import cpu_seconds, most_memory, needs_proc, reader_pids

pytestmark = pytest.mark.asyncio(loop_scope="module")
RESIDENT = 300_000_000  # bytes that a reader may take
CHANGED = 200  # files


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def readers() -> AsyncIterator[Readers]:
    """One reader for all of them: whatever they leave behind adds up."""
    async with Readers(1, PRETRAINED) as readers:
        yield readers


async def sentence_for(data: bytes, readers: Readers) -> str | None:
    """What its sender would be told; None where it was read. Raises ReaderFailed."""
    try:
        await readers.read(data)
    except PhotoError as error:
        return str(error)
    return None


@needs_proc
@pytest.mark.parametrize("name", [name for name in BOMBS if name not in HANGING])
async def test_a_bomb_costs_a_sentence_at_most(name: str, readers: Readers) -> None:
    reader = reader_pids()

    said = await sentence_for(BOMBS[name](), readers)

    assert said is None or said.endswith(".")
    assert reader_pids() == reader  # it is alive
    assert most_memory(*reader) < RESIDENT
    assert (await readers.read(photo("7"))).reading.text == "7"


@needs_proc
@pytest.mark.parametrize("name", HANGING)
async def test_what_hangs_a_decoder_costs_its_reader_and_a_sentence(name: str, readers: Readers) -> None:
    reader = reader_pids()

    with pytest.raises(TooSlow, match="worked for longer than"):  # not the limit of time by the clock
        await readers.read(BOMBS[name]())

    assert (await readers.read(photo("7"))).reading.text == "7"
    assert reader_pids() != reader


@needs_proc
@pytest.mark.parametrize("what", ["cut", "explain", "tour"])
async def test_what_hangs_a_decoder_hangs_nothing_else_that_is_made_of_it(what: str, readers: Readers) -> None:
    data, box = BOMBS[HANGING[0]](), (0, 0, 9, 9)
    seen = SeenPhoto(1, "", (5_000, 5_000), (SeenDigit(7, 0.9, box),))
    ask: dict[str, Callable[[], Awaitable[object]]] = {
        "cut": lambda: readers.cut(data, [Box(*box)]),
        "explain": lambda: readers.explain(data, seen),
        "tour": lambda: readers.tour(data),
    }

    with pytest.raises(TooSlow, match="worked for longer than"):
        await ask[what]()

    assert (await readers.read(photo("7"))).reading.text == "7"


@needs_proc
async def test_a_picture_is_decoded_once_for_all_its_boxes(readers: Readers) -> None:
    """Where none of them is found again, by a version that reads otherwise."""
    [reader] = reader_pids()
    large, boxes = BOMBS["as large as may be"](), [Box(60 * n, 6_000, 50, 50) for n in range(100)]
    began = cpu_seconds(reader)

    assert len(await readers.cut(large, boxes)) == 100

    assert cpu_seconds(reader) < began + CPU_LIMIT


@needs_proc
async def test_what_takes_more_than_its_head_tells_costs_its_reader_and_a_sentence(readers: Readers) -> None:
    """Its strips take their time to be listed, and their memory: whichever ends first."""
    with pytest.raises(ReaderFailed):
        await readers.read(tiff_of_many_strips(1_500_000))

    assert (await readers.read(photo("7"))).reading.text == "7"


@needs_proc
async def test_a_reader_is_given_less_than_300_mb_beside_what_it_starts_with() -> None:
    """Whatever no head of a file tells beforehand."""
    worker = Workers(1, (*LIBRARIES, __name__))
    try:
        assert 200_000_000 < await worker.run(take_all) < 300_000_000
        with pytest.raises(ReaderFailed, match="ran out of memory"):
            await worker.run(take_too_much)
        assert await worker.run(take_all) < 300_000_000
    finally:
        await worker.stop()


def take_all() -> int:
    """In a reader: the bytes by which it has grown when it's given no more."""
    import resource

    before, taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
    with suppress(MemoryError):
        while True:
            taken.append(b"x" * 1_000_000)
    taken.clear()
    return 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)


def take_too_much() -> int:
    """In a reader."""
    return len(b"x" * 300_000_000)


@needs_proc
async def test_the_time_of_one_photo_is_not_counted_for_the_next(readers: Readers) -> None:
    [reader] = reader_pids()
    began, large = cpu_seconds(reader), BOMBS["as large as may be"]()

    while cpu_seconds(reader) < began + 1.5 * CPU_LIMIT:
        await readers.read(large)


@needs_proc
async def test_files_with_something_changed_cost_a_sentence_at_most(readers: Readers) -> None:
    reader = reader_pids()
    said = [await sentence_for(mutated(np.random.default_rng(seed)), readers) for seed in range(CHANGED)]

    assert None in said  # some can still be read
    assert len(set(said)) > 2
    assert reader_pids() == reader
    assert most_memory(*reader) < RESIDENT
    assert (await readers.read(photo("7"))).reading.text == "7"
