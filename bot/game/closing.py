"""The end of a round of /demo: everybody's digits on one sheet.

The cropped digits stay in memory until it is drawn; after a restart the photos are downloaded again.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.game import show_words
from bot.game.rounds import Entry, Round, funniest, main_box, on_the_sheet
from bot.game.rounds_store import Rounds
from bot.i18n import speech
from bot.messages.downloads import Downloads
from bot.readers.pool import ReaderFailed, Readers
from bot.storage.records import SeenPhoto
from model.reading.result import PhotoError

FETCHING = 3.0  # seconds to download photos lost by a restart
AT_ONCE = 8  # downloads in parallel

log = logging.getLogger(__name__)


class Closing:
    """Draws and sends closing sheets."""

    def __init__(self, rounds: Rounds, readers: Readers, downloads: Downloads) -> None:
        self._rounds = rounds
        self._readers = readers
        self._downloads = downloads
        self._pixels: dict[tuple[int, int], bytes] = {}  # the digit, by round and message

    def keep(self, round_: int, message: int, pixels: bytes) -> None:
        """Keep the digit of a round's photo in memory."""
        self._pixels[round_, message] = pixels

    def forget_all_but(self, rounds: Collection[int]) -> None:
        """Drop the digits of all rounds but these."""
        self._pixels = {key: pixels for key, pixels in self._pixels.items() if key[0] in rounds}

    async def send(self, bot: ExtBot[Any], this: Round, entries: Sequence[Entry]) -> None:
        """Send the sheet with medals and figures; only text where pictures aren't allowed.

        Raises TelegramError.
        """
        spoken = speech(this.language)
        if not entries:
            words = show_words.nobody_came(spoken.gettext)
            await bot.send_message(this.chat, words, ParseMode.HTML, message_thread_id=this.thread)
            return
        words = show_words.closing(this, entries, spoken)
        keyboard = show_words.correct_mine(this.id, spoken.gettext)
        where: dict[str, Any] = {"message_thread_id": this.thread, "reply_markup": keyboard}
        if sheet := await self._sheet(this, entries):
            try:
                await bot.send_photo(this.chat, sheet, words, parse_mode=ParseMode.HTML, **where)
            except BadRequest as error:  # the group may not allow pictures
                log.info("The closing sheet of round %d can't be sent: %s", this.id, error)
            else:
                return
        await bot.send_message(this.chat, words, ParseMode.HTML, **where)

    async def _sheet(self, this: Round, entries: Sequence[Entry]) -> bytes | None:
        """Draw the sheet; None if it would show no digit."""
        shown = on_the_sheet(entries)
        pixels = await self._pixels_of(this, shown)
        marks = {entry.message: number for number, entry in enumerate(funniest(this, entries), 1)}
        drawn = [
            (pixels[each.message], this.digits[each.call], each.text, each.confidence, marks.get(each.message, 0))
            for each in shown
            if each.message in pixels
        ]
        try:
            return await self._readers.class_sheet(drawn) if drawn else None
        except ReaderFailed as error:
            log.error("No closing sheet: %s", error)
            return None

    async def _pixels_of(self, this: Round, entries: Sequence[Entry]) -> Mapping[int, bytes]:
        """Each entry's digit by its message, without those that can't be downloaded in time."""
        found = {each.message: self._pixels.get((this.id, each.message)) for each in entries}
        if not all(found.values()):
            photos = await self._rounds.photos(this.id)
            at_once = asyncio.Semaphore(AT_ONCE)

            async def fetch(photo: SeenPhoto) -> None:
                with suppress(TelegramError, PhotoError, ReaderFailed):
                    async with at_once, self._downloads.again(photo.file_id) as picture:
                        (found[photo.message],) = await self._readers.cut(picture, [main_box(photo)])

            lost = [photos[message] for message, pixels in found.items() if not pixels and message in photos]
            with suppress(TimeoutError):
                async with asyncio.timeout(FETCHING):
                    await asyncio.gather(*map(fetch, lost))
        return {message: pixels for message, pixels in found.items() if pixels}
