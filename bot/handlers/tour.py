"""/demo tour: how a photo is read, in five messages with real pictures."""

import asyncio
from functools import cache
from pathlib import Path

from telegram import Message, Update
from telegram.constants import ChatAction, ParseMode
from telegram.error import TelegramError
from telegram.ext import CommandHandler, filters

from bot.context import Context, message_of
from bot.handlers.show import FOR_ADMINS, TOUR, may_lead
from bot.i18n import speech_of
from bot.messages.chat_action import showing
from bot.messages.downloads import TooLarge
from bot.messages.people import person_in
from bot.messages.percent import percent
from bot.messages.pictures import asked_about, picture_of
from bot.readers.pool import ReaderFailed
from model.reading.result import N_, Digit, PhotoError

AN_EXAMPLE = N_("This is an example. Send me a photo of a digit first, and I'll use yours.")
EXAMPLE = Path(__file__).parents[1] / "example.jpg"
STEPS = (
    N_(
        "<b>1 of 5 · The photo.</b> You see the digit {digit}. I see a grid of numbers, and first have to find the"
        " writing in it. What I found is in a box."
    ),
    N_(
        "<b>2 of 5 · The ink.</b> Shadows, paper colour and ruled lines say nothing about the digit, so I remove"
        " them. What's left is ink."
    ),
    N_(
        "<b>3 of 5 · 28×28.</b> I shrink the digit, centre it and make it white on black, just like the 60,000 digits"
        " of MNIST that I learnt from. These 784 numbers are all my network sees."
    ),
    N_(
        "<b>4 of 5 · The layers.</b> Each tile is one detector of my network, bright where it found its pattern. The"
        " top ones find edges; those below combine what the ones above found into strokes, curves and corners. Nobody"
        " told them what to look for."
    ),
    N_(
        "<b>5 of 5 · The answer.</b> The last layer weighs it all and gives each digit a probability; x means “not a"
        " digit”. The result is {digit}, {confidence} sure. Send me a digit of yours: “What I saw” under my answer"
        " shows the same."
    ),
)  # fmt: skip


async def tour(update: Update, context: Context) -> None:
    """Send the tour of the photo replied to, else the sender's latest, else an example."""
    message = message_of(update)
    _ = speech_of(update).gettext
    if not await may_lead(message, person_in(message), context):
        await message.reply_html(_(FOR_ADMINS), do_quote=True)
        return
    async with showing(message.chat, ChatAction.UPLOAD_PHOTO):
        digit, pictures, is_own = await _pictures(message, context)
        named = {"digit": digit.digit, "confidence": percent(digit.confidence, _)}
        captions = [_(words).format(**named) for words in STEPS]
        if not is_own:
            captions[0] += "\n" + _(AN_EXAMPLE)
        for words, picture in zip(captions, pictures, strict=True):
            await message.reply_photo(picture, words, parse_mode=ParseMode.HTML, do_quote=False)


async def _pictures(message: Message, context: Context) -> tuple[Digit, list[bytes], bool]:
    """Draw the first of these photos that is available and has a digit.

    Also returns whether it is the sender's own.
    """
    readers = context.bot_data.readers
    try:
        if found := await _of_own(message, context):
            return *found, True
    except (PhotoError, TooLarge, TelegramError):  # it is gone, or wasn't a picture
        pass
    found = await readers.tour(await asyncio.to_thread(_example))
    if found is None:
        raise ReaderFailed("no digit was found in the example")
    return *found, False


async def _of_own(message: Message, context: Context) -> tuple[Digit, list[bytes]] | None:
    """Of the photo that the command asks about, else of the sender's newest one here."""
    readers, downloads = context.bot_data.readers, context.bot_data.downloads
    if asked := asked_about(message):
        async with downloads.picture(picture_of(asked)) as photo:
            return await readers.tour(photo)
    reading = await context.bot_data.store.newest_of(message.chat.id, person_in(message))
    with_digits = [photo for photo in reading.photos if photo.digits] if reading else []
    if not with_digits:
        return None
    async with downloads.again(with_digits[0].file_id) as photo:
        return await readers.tour(photo)


@cache
def _example() -> bytes:
    return EXAMPLE.read_bytes()


HANDLERS = [CommandHandler("demo", tour, filters.UpdateType.MESSAGE & TOUR)]
