"""Hostile pictures: each gets its sentence or is read, within its reader's memory, and the next photo is read.

Those that hang a decoder cost their reader, and no more.
"""

from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio

from bot.readers.pool import Readers, TooSlow
from bot.readers.work import CPU_LIMIT
from model.reading.result import Box, PhotoError
from model.versions.version import PRETRAINED
from tests.hostile import BOMBS, HANGING, mutated
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
async def test_what_hangs_a_decoder_cannot_be_cut_either(readers: Readers) -> None:
    with pytest.raises(TooSlow, match="worked for longer than"):
        await readers.cut(BOMBS[HANGING[0]](), [Box(0, 0, 9, 9)])
    assert (await readers.read(photo("7"))).reading.text == "7"


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
