"""Corrections: by the buttons under an answer, or a reply with the right number."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from gettext import GNUTranslations
from typing import cast

from telegram import CallbackQuery, InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest
from telegram.ext import CallbackQueryHandler, MessageHandler, filters

from bot.context import Context, message_of
from bot.i18n import Gettext, speech_of
from bot.messages import buttons
from bot.messages.addressing import replies_to_me
from bot.messages.buttons import Action, Press
from bot.messages.callback_queries import answered_with
from bot.messages.people import person_in
from bot.messages.privacy_mode import is_group_admin
from bot.storage.records import KeptReading, Label, SeenPhoto, Status
from bot.telemetry import metrics
from model.reading.result import N_, NOT_A_DIGIT, Box, PhotoError

OTHER_VERSION = N_("This button is out of date. Send the photo again for new ones.")
TOO_OLD = N_("I no longer have that reading. Please send the photo again.")
NOT_YOURS = N_("Only the person who sent the photo and the group's admins can use these buttons.")
NOT_YOUR_CONSENT = N_("Only the person who sent the photo can agree to this.")
NOT_LEARNT = N_("I'll only learn from this if the person who sent the photo agrees.")
PHOTO_GONE = N_("Telegram no longer has this photo. Please send it again.")
CONSENT = N_(
    "May I learn from this? I'd keep the cropped digits (28×28 pixels), your answer and your id; never the photo."
    " /privacy"
)
WHICH = N_("Which one is wrong? Or reply to my answer with the right number.")
WHICH_OF_ALBUM = N_("Which one is wrong? 2.1 means photo 2, box 1; “What I saw” shows the boxes.")
NOTHING_KEPT = N_("All right, I won't keep anything.")
THAT_WAS = N_("Thanks: that was {number}.")
OF_ONE_PERSON, OF_ONE_LABEL = 300, 40  # labels kept, so that nobody can flood the training data
OF_ONES_OWN = (Action.RIGHT, Action.WRONG, Action.SAW)  # the buttons under a fresh answer
CONSENTS = (Action.AGREE, Action.TYPED)
DIGIT_SIGNS = frozenset("0123456789")
NUMBER = r"^[0-9\s]+$"


class PhotoGone(Exception):
    """The photo is gone from Telegram, or can't be read again."""


class ReadingGone(Exception):
    """The reading was deleted while somebody was correcting it."""


async def pressed(query: CallbackQuery, context: Context, _: Gettext) -> str | None:
    """Handle a button under an answer: act and change the answer, or say why not."""
    press = Press.parse(query.data)
    if press is None:
        return _(OTHER_VERSION)
    reading = await context.bot_data.store.reading(press.reading)
    if reading is None or not isinstance(query.message, Message) or query.message.chat.id != reading.chat:
        return _(TOO_OLD)
    if press.action in OF_ONES_OWN and query.from_user.id != reading.person:
        reading = await _own(query, reading, context)
    if press.n and press.n >= len(reading.digits):
        return _(OTHER_VERSION)
    if not await _may_judge(query, reading, context):
        return _(NOT_YOURS)
    if press.action in CONSENTS and query.from_user.id != reading.person:
        return _(NOT_YOUR_CONSENT)
    try:
        return await _do(press, reading, query, context, _)
    except PhotoGone:
        return _(PHOTO_GONE)
    except ReadingGone:
        return _(TOO_OLD)


async def _own(query: CallbackQuery, reading: KeptReading, context: Context) -> KeptReading:
    """The presser's own reading, where an answer is to several people's photos."""
    message = cast("Message", query.message)
    own = await context.bot_data.store.reading_of(reading.chat, message.message_id, query.from_user.id)
    return own or reading


async def _may_judge(query: CallbackQuery, reading: KeptReading, context: Context) -> bool:
    """Whether the presser sent the photo or is an admin of the group, by their own id."""
    if query.from_user.id == reading.person:
        return True
    if cast("Message", query.message).chat.type == ChatType.PRIVATE:
        return False
    return await is_group_admin(context.bot, reading.chat, query.from_user.id)


async def _do(press: Press, reading: KeptReading, query: CallbackQuery, context: Context, _: Gettext) -> str | None:
    """Do what the press asks for; returns a text for the person who pressed."""
    message, store, person = cast("Message", query.message), context.bot_data.store, query.from_user.id
    match press.action:
        case Action.SAW:
            await show(message, reading, context, _)
        case Action.WRONG if len(reading.digits) > 1:
            which = _(WHICH_OF_ALBUM if any("." in name for name in buttons.box_names(reading)) else WHICH)
            await amend(message, which, buttons.picker(reading, await store.labels_of(reading.id), _))
        case Action.PICK if len(reading.digits) > 1:
            await amend(
                message,
                _question(reading, press.n, _),
                buttons.pad(reading, press.n, await store.labels_of(reading.id), _),
            )
        case Action.WRONG | Action.PICK:
            await amend(message, None, buttons.pad(reading, press.n, await store.labels_of(reading.id), _))
        case Action.BACK if await store.labels_of(reading.id):
            await amend(message, None, buttons.under_thanks(reading.id, _))
        case Action.BACK | Action.DECLINE:
            await amend(message, None, buttons.under_answer(reading.id, _))
            return _(NOTHING_KEPT) if press.action is Action.DECLINE else None
        case Action.UNDO:
            await store.unlabel(reading.id)
            await amend(message, None, buttons.under_answer(reading.id, _))
            return _("Undone. I've kept nothing of it.")
        case Action.TYPED:
            return await _keep_typed(message, reading, person, context, _)
        case Action.RIGHT | Action.LABEL | Action.AGREE:
            await _keep_pressed(press, message, reading, person, context, _)
    return None


async def _keep_typed(message: Message, reading: KeptReading, person: int, context: Context, _: Gettext) -> str | None:
    """Keep the typed digits that the question for consent replies to, now that consent is given."""
    labels = labels_in(message.reply_to_message)
    if len(labels) != len(reading.digits):
        return _(OTHER_VERSION)
    thanks = await keep(reading, dict(enumerate(labels)), person, context, _, agrees=True)
    await message.edit_text(thanks, ParseMode.HTML)
    return None


async def _keep_pressed(
    press: Press, message: Message, reading: KeptReading, person: int, context: Context, _: Gettext
) -> None:
    """Keep what a button says about one digit or all; ask for consent first if it is the person's own photo."""
    agrees = press.action is Action.AGREE
    if not agrees and person == reading.person and not await context.bot_data.store.has_agreed(person):
        await amend(message, _(CONSENT), buttons.consent(press, _))
        return
    said = {press.n: press.label} if press.label is not None else {}
    thanks = await keep(reading, said, person, context, _, agrees=agrees)
    await amend(message, thanks, buttons.under_thanks(reading.id, _))


def _question(reading: KeptReading, n: int, _: Gettext) -> str:
    box = buttons.box_names(reading)[n]
    if reading.is_album and "." not in box:
        return _("Which digit is in photo {number}?").format(number=box)
    return _("Which digit is in box {box}?").format(box=box)


async def typed(update: Update, context: Context) -> None:
    """Handle a reply with the right number: a label for each digit of the answer.

    In groups people also reply with numbers for fun: if it can't be a correction, the bot says nothing.
    """
    message = message_of(update)
    speech = speech_of(update)
    _ = speech.gettext
    answer = cast("Message", message.reply_to_message)
    person, private = person_in(message), message.chat.type == ChatType.PRIVATE
    store = context.bot_data.store
    reading = await store.reading_of(message.chat.id, answer.message_id, person)
    if reading is None and not private and await is_group_admin(context.bot, message.chat.id, person):
        reading = await store.reading_of(message.chat.id, answer.message_id)
    if reading is None:
        if private:
            await message.reply_html(_(TOO_OLD), do_quote=True)
        return
    labels = labels_in(message)
    if len(labels) != len(reading.digits):
        await message.reply_html(_how_many(len(reading.digits), len(labels), speech), do_quote=True)
        return
    if person == reading.person and not await store.has_agreed(person):
        keyboard = buttons.consent_to_typed(reading.id, _)
        await message.reply_html(_(CONSENT), reply_markup=keyboard, do_quote=True)
        return
    try:
        thanks = await keep(reading, dict(enumerate(labels)), person, context, _)
    except (PhotoGone, ReadingGone) as error:
        await message.reply_html(_(PHOTO_GONE if isinstance(error, PhotoGone) else TOO_OLD), do_quote=True)
        return
    await amend(answer, thanks, buttons.under_thanks(reading.id, _))
    await message.reply_html(thanks, do_quote=True)


def labels_in(message: Message | None) -> list[int]:
    """The digits in a message, as labels."""
    return [int(sign) for sign in (message and message.text) or "" if sign in DIGIT_SIGNS]


def _how_many(seen: int, typed_: int, speech: GNUTranslations) -> str:
    _ = speech.gettext
    counts = speech.ngettext(
        "I found {seen} digit there, but you wrote {typed}.",
        "I found {seen} digits there, but you wrote {typed}.",
        seen,
    ).format(seen=seen, typed=typed_)
    if typed_ > seen:
        return counts + "\n" + _("I can only learn from digits I found. Reply with just those, in order.")
    return counts + "\n" + _("Write one for each box, in order. If one isn't a digit, press ✗ under my answer.")


async def keep(
    reading: KeptReading, said: dict[int, int], person: int, context: Context, _: Gettext, *, agrees: bool = False
) -> str:
    """Store labels for a reading as its sender's corrections; none: everything was right.

    Only once the sender has consented, which `agrees` says; else the labels only amend the answer. Returns the thanks
    to show. Raises PhotoGone and ReadingGone.
    """
    store, admins = context.bot_data.store, context.bot_data.settings.admin_ids
    labels = said or {n: digit.digit for n, digit in enumerate(reading.digits)}
    learnt = agrees or await store.has_agreed(reading.person)
    if learnt:
        if person not in admins and await _enough(labels, reading, context):
            return _("Thanks, but I already have enough of these from you, so I won't keep this one.")
        pixels = await _cut(reading, context)
        status = Status.ACCEPTED if person in admins else Status.WAITING
        corrections = [
            Label(reading.id, n, reading.person, label, seen.digit, seen.confidence, pixels[n], reading.model, status)
            for n, label in labels.items()
            for seen in (reading.digits[n],)
        ]
        if not await store.label(corrections, agrees=agrees):
            raise ReadingGone
    wrong_now = sum(label != reading.digits[n].digit for n, label in labels.items())
    metrics.named(right=len(labels) - wrong_now, wrong=wrong_now)
    known = labels | await store.labels_of(reading.id)
    await store.judge(reading.id, all(label == reading.digits[n].digit for n, label in known.items()))
    thanks = _thanks(labels, reading, _)
    return thanks if learnt else f"{thanks} {_(NOT_LEARNT)}"


async def _enough(labels: dict[int, int], reading: KeptReading, context: Context) -> bool:
    """Whether these labels would exceed what is kept of the reading's person."""
    before = await context.bot_data.store.labels_of(reading.id)
    added = sum(n not in before for n in labels)
    for label, alike in Counter(label for n, label in labels.items() if before.get(n) != label).items():
        in_all, so_far = await context.bot_data.store.count_of(reading.person, label)
        if in_all + added > OF_ONE_PERSON or so_far + alike > OF_ONE_LABEL:
            return True
    return False


def _thanks(labels: dict[int, int], reading: KeptReading, _: Gettext) -> str:
    changed = {n: label for n, label in labels.items() if label != reading.digits[n].digit}
    if not changed:
        return _("Thanks, good to know.")
    if len(labels) > 1:
        return _(THAT_WAS).format(number="".join(map(buttons.sign, labels.values())))
    ((n, label),) = changed.items()
    if len(reading.digits) == 1:
        return _("Thanks: that wasn't a digit.") if label == NOT_A_DIGIT else _(THAT_WAS).format(number=label)
    words = _("Thanks: box {box} isn't a digit.") if label == NOT_A_DIGIT else _("Thanks: box {box} is {digit}.")
    return words.format(box=buttons.box_names(reading)[n], digit=label)


async def _cut(reading: KeptReading, context: Context) -> list[bytes]:
    """Crop every digit of a reading, 28×28, from its photos downloaded again.

    Raises PhotoGone.
    """
    pixels: list[bytes] = []
    for photo in reading.photos:
        boxes = [Box(*digit.box) for digit in photo.digits]
        if boxes:
            async with _fetched(photo, context) as picture:
                pixels += await context.bot_data.readers.cut(picture, boxes)
    return pixels


@asynccontextmanager
async def _fetched(photo: SeenPhoto, context: Context) -> AsyncIterator[bytes]:
    async with AsyncExitStack() as held:
        try:
            picture = await held.enter_async_context(context.bot_data.downloads.again(photo.file_id))
        except BadRequest as error:
            raise PhotoGone from error
        yield picture


async def show(message: Message, reading: KeptReading, context: Context, _: Gettext) -> None:
    """Send the explaining picture of each photo of a reading. Raises PhotoGone."""
    for number, photo in enumerate(reading.photos, 1):
        if not photo.size[0]:
            continue
        try:
            async with _fetched(photo, context) as fetched:
                picture, version = await context.bot_data.readers.explain(fetched, photo)
        except PhotoError as error:
            raise PhotoGone from error
        words = _explanation(photo, reading.model, version, _)
        if reading.is_album:
            words = _("Photo {number}.").format(number=number) + "\n" + words
        await message.reply_photo(picture, words, do_quote=True)


def _explanation(photo: SeenPhoto, read_by: str, likely_to: str, _: Gettext) -> str:
    if not photo.digits:
        return _("I found nothing that looks like a digit.")
    words = _(
        "Each digit I found is in a box. Below, each one as the network saw it (28×28 pixels), with the probability"
        " of every digit; x means “not a digit”."
    )
    if read_by == likely_to:
        return words
    since = _("Version {before} read it. The probabilities come from {now}, the version in use now.")
    return words + "\n" + since.format(before=read_by, now=likely_to)


async def amend(message: Message, line: str | None, keyboard: InlineKeyboardMarkup) -> None:
    """Replace an answer's buttons, and the line below the reading, if any."""
    text = message.text_html if message.text else message.caption_html
    text = text.split("\n\n")[0] + (f"\n\n{line}" if line else "")
    if message.text:
        await message.edit_text(text, ParseMode.HTML, reply_markup=keyboard)
    else:
        await message.edit_caption(text, parse_mode=ParseMode.HTML, reply_markup=keyboard)


class _ToMe(filters.MessageFilter):
    """A reply to one of the bot's messages."""

    def filter(self, message: Message) -> bool:
        return replies_to_me(message)


NUMBER_TO_ME = filters.UpdateType.MESSAGE & _ToMe() & filters.Regex(NUMBER)

HANDLERS = [CallbackQueryHandler(answered_with(pressed)), MessageHandler(NUMBER_TO_ME, typed)]
