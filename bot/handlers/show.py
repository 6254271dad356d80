"""/demo, a round of drawing: started by anyone in private, by admins in a group."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from bot.context import Context, message_of
from bot.game.rounds import TEXT, Entry, Game, Round, main_box, read_as_called
from bot.game.show import Show
from bot.game.show_words import AS_CALLED, CHOOSE, MINE, NOT_AS_CALLED, WHICH, games, scoreboard
from bot.handlers.feedback import TOO_OLD
from bot.handlers.groups import read_asked
from bot.handlers.photos import read_one, read_pictures, seen_in
from bot.i18n import Gettext, language_of, speech, speech_of
from bot.inbox import Answer
from bot.messages.answer_log import note
from bot.messages.buttons import under_answer, under_blank
from bot.messages.callback_queries import answered_with
from bot.messages.found import Found
from bot.messages.people import name_in, person_in
from bot.messages.percent import percent
from bot.messages.pictures import PICTURE
from bot.messages.privacy_mode import is_group_admin
from bot.readers.pool import Outcome
from bot.storage.records import KeptReading, SeenDigit, SeenPhoto
from model.reading.result import N_

NEW = filters.UpdateType.MESSAGE
TOUR = filters.Regex(r"(?i)^/demo(@\w+)?\s+tour\b")
LINK = filters.Regex(r"^/start(@\w+)?\s+demo$")  # https://t.me/NAME?start=demo, and ?startgroup=demo
FOR_ADMINS = N_("Only this group's admins can start or stop a round, and not anonymously.")
PLAYING = N_("A round is already running. /stop ends it.")
ENOUGH = N_("No more of your photos count in this round. Let the others draw!")
CORRECT = re.compile(rf"{MINE}(\d{{1,18}})", re.ASCII)


async def demo(update: Update, context: Context) -> None:
    """Ask which game to play, or start the one named."""
    message, speech = message_of(update), speech_of(update)
    _ = speech.gettext
    if not await may_lead(message, person_in(message), context):
        await message.reply_html(_(FOR_ADMINS), do_quote=True)
        return
    if context.bot_data.show.in_chat(message.chat.id):
        await message.reply_html(_(PLAYING), do_quote=True)
        return
    game = next((each for each in Game if [each] == [word.lower() for word in context.args or []]), None)
    if game is None:
        await message.reply_html(_(WHICH), reply_markup=games(_))
    elif not await context.bot_data.show.begin(message, person_in(message), language_of(update), game, None):
        await message.reply_html(_(PLAYING), do_quote=True)


async def chosen(query: CallbackQuery, context: Context, _: Gettext) -> str | None:
    """Handle a game's button: start; its message becomes the scoreboard."""
    message, person = query.message, query.from_user
    game = (query.data or "").removeprefix(CHOOSE)
    if not isinstance(message, Message) or game not in set(Game):
        return _(TOO_OLD)
    if not await may_lead(message, person.id, context):
        return _(FOR_ADMINS)
    show, language = context.bot_data.show, language_of(Update(0, callback_query=query))
    if not await show.begin(message, person.id, language, Game(game), message.message_id):
        return _(PLAYING)
    if this := show.in_chat(message.chat.id):
        await message.edit_text(scoreboard(this, (), speech(language)), ParseMode.HTML)
    return None


async def stop(update: Update, context: Context) -> None:
    """Stop the running round, for the person who started it and the group's admins."""
    message = message_of(update)
    _ = speech_of(update).gettext
    show, person = context.bot_data.show, person_in(message)
    this = await show.rounds.in_chat(message.chat.id)
    if this is None:
        await message.reply_html(_("No round is running."), do_quote=True)
    elif person == this.person or await may_lead(message, person, context):
        await show.stop(this)
    else:
        await message.reply_html(_(FOR_ADMINS), do_quote=True)


async def play(update: Update, context: Context) -> None:
    """Read a round's photos in parallel, add them and react; handle others as usual."""
    messages = [message_of(each) for each in context.handling.updates]
    this = await context.bot_data.show.rounds.in_chat(messages[0].chat.id)
    in_time = [each for each in messages if this and each.date.timestamp() <= this.ends]
    if this is None or not in_time:
        await (read_pictures if messages[0].chat.id > 0 else read_asked)(update, context)
        return
    results = await asyncio.gather(*(_play(each, this, context) for each in in_time), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    if found := [each for each in results if isinstance(each, Found)]:
        note(found, context.handling, context.bot_data.settings)


async def _play(message: Message, this: Round, context: Context) -> Found | None:
    show, person = context.bot_data.show, person_in(message)
    if await show.rounds.has_enough_of(this, person):
        if show.is_news(this, person):
            await message.reply_html(speech(this.language).gettext(ENOUGH), do_quote=True)
        return None
    found = await read_one(message, context)
    outcome = found.outcome if isinstance(found.outcome, Outcome) else None
    entry = _entry(message, this, outcome)
    photo = seen_in(message, outcome)
    pixels = _main_pixels(photo, outcome)
    model = outcome.reading.model if outcome else ""
    if await show.enter(this, entry, photo, pixels, model, context.handling.ids):
        reaction = AS_CALLED if read_as_called(this, entry) else NOT_AS_CALLED
        with context.handling.stage("send"):
            await show.react(this, message, reaction)
    return found


def _entry(message: Message, this: Round, outcome: Outcome | None) -> Entry:
    replied = message.reply_to_message
    call = this.call_of(replied.message_id if replied else None)
    digits = outcome.reading.digits if outcome else ()
    text = "".join(str(each.digit) for each in digits)[:TEXT]
    least = min((each.confidence for each in digits), default=0.0)
    return Entry(message.message_id, person_in(message), name_in(message), call, text, least, message.date.timestamp())


def _main_pixels(photo: SeenPhoto, outcome: Outcome | None) -> bytes | None:
    """The pixels of a photo's main digit."""
    digits = outcome.reading.digits if outcome else ()
    return next((each.pixels for each in digits if each.box == main_box(photo)), None)


async def mine(query: CallbackQuery, context: Context, _: Gettext) -> str | None:
    """Send the presser their own photos of the round for correction.

    In their private chat if the bot may write there, else in the group.
    """
    found = CORRECT.fullmatch(query.data or "")
    rounds, store, person = context.bot_data.show.rounds, context.bot_data.store, query.from_user.id
    reading_id = await rounds.reading_of(int(found[1]), person) if found else None
    if reading_id is None:
        return _("You didn't send a photo in this round.")
    reading = await store.reading(reading_id)
    if reading is None:
        return _(TOO_OLD)
    if reading.answer:
        return _("You already have it: look for my message with your digits.")
    theirs = speech(await store.languages.alone_with(query.from_user)).gettext
    what: dict[str, Any] = {
        "text": _lines(reading, theirs),
        "parse_mode": ParseMode.HTML,
        "reply_markup": (under_answer if reading.digits else under_blank)(reading.id, theirs),
    }
    try:
        sent = await context.bot.send_message(person, **what)
    except (Forbidden, BadRequest):  # the bot may not write first to this person
        if not isinstance(query.message, Message):
            return _(TOO_OLD)
        sent = await query.message.reply_text(**what, reply_to_message_id=reading.photos[-1].message, do_quote=False)
    context.handling.answers.append(Answer(reading.id, sent.chat.id, sent.message_id))
    here = query.message is not None and sent.chat.id == query.message.chat.id
    return _("It's below, in reply to your photo.") if here else _("I've sent you my reading of your digits.")


def _lines(reading: KeptReading, _: Gettext) -> str:
    """The readings of all photos, as in the answer to an album."""
    lines = [_line(photo.digits, _) for photo in reading.photos]
    return "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1)) if reading.is_album else lines[0]


def _line(digits: Sequence[SeenDigit], _: Gettext) -> str:
    if not digits:
        return _("I see no digit here.")
    text = "".join(str(each.digit) for each in digits)[:TEXT]
    return f"<b>{text}</b> · {percent(min(each.confidence for each in digits), _, 1)}"


async def may_lead(message: Message, person: int, context: Context) -> bool:
    """Whether a person may start rounds: in a group only its admins, by their own id."""
    return message.chat.id > 0 or await is_group_admin(context.bot, message.chat.id, person)


async def moved(update: Update, context: Context) -> None:
    """Handle a group's move to a supergroup: its round continues there."""
    message = message_of(update)
    if message.migrate_to_chat_id:
        await context.bot_data.show.move(message.chat.id, message.migrate_to_chat_id)
    elif message.migrate_from_chat_id:
        await context.bot_data.show.move(message.migrate_from_chat_id, message.chat.id)


def handlers(show: Show) -> list[BaseHandler[Any, Context, None]]:
    """The handlers, including one for photos of its rounds that comes before others."""

    class InARound(filters.MessageFilter):
        """A photo that belongs to a round."""

        def filter(self, message: Message) -> bool:
            return show.plays(message)

    return [
        CommandHandler("demo", demo, NEW & ~TOUR),
        CommandHandler("start", demo, NEW & LINK),
        CommandHandler("stop", stop, NEW),
        CallbackQueryHandler(answered_with(mine), f"^{MINE}"),
        CallbackQueryHandler(answered_with(chosen), f"^{CHOOSE}"),
        MessageHandler(NEW & PICTURE & InARound(), play),
    ]


MOVED = MessageHandler(filters.StatusUpdate.MIGRATE, moved)  # in addition to what other handlers do
