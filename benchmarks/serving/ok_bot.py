"""A bot that downloads each photo and answers "ok" without reading it: what load.py measures ours beside.

Written as the examples of python-telegram-bot are, many updates at once; it forgets what it was told when it ends.
"""

import os

from telegram import Update
from telegram.ext import Application, ApplicationBuilder, ContextTypes, MessageHandler, filters


async def answer(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Download and answer."""
    message = update.effective_message
    assert message is not None
    photo = await message.photo[-1].get_file()
    await photo.download_as_bytearray()
    await message.reply_text("ok", do_quote=True)


async def say_ready(_: Application) -> None:  # type: ignore[type-arg]
    """As ours does."""
    print("The bot is ready", flush=True)


def main() -> None:
    """Poll until SIGTERM."""
    server = os.environ["BOT_API_URL"]
    bot = (
        ApplicationBuilder()
        .token(os.environ["TELEGRAM_BOT_TOKEN"])
        .base_url(f"{server}/bot")
        .base_file_url(f"{server}/file/bot")
        .concurrent_updates(True)
        .post_init(say_ready)
        .build()
    )
    bot.add_handler(MessageHandler(filters.PHOTO, answer))
    bot.run_polling()


if __name__ == "__main__":
    main()
