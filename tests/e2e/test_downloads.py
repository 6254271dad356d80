"""Large files of many people at once: the bot's memory is bounded, it comes back, and everybody is answered."""

from pathlib import Path

from bot.playground.server import LocalServer
from tests.pictures import photo
from tests.process import digitbot
from tests.reader_process import memory, most_memory, needs_proc
from tests.running import TOKEN, answer_from_bot, answer_to, text_of
from tests.waiting import until

MB = 1_000_000
FILE, CHATS, BUDGET = 8 * MB, 12, 16


@needs_proc
async def test_memory_stays_within_what_downloads_may_take(tmp_path: Path) -> None:
    file = photo("7")
    file += bytes(FILE - len(file))
    async with LocalServer(token=TOKEN) as server:
        people = [server.world.person() for _ in range(CHATS)]
        reach = {"BOT_API_URL": server.url, "TELEGRAM_BOT_TOKEN": TOKEN, "DOWNLOAD_MB": str(BUDGET)}
        async with digitbot(tmp_path, "run", **reach) as bot:
            people[0].send_photo(photo("3"))
            await answer_from_bot(people[0])
            idle = most_memory(bot.pid)
            sent = [(person, person.send_file(file, "x.jpg", "image/jpeg", None)) for person in people]
            for person, message in sent:
                assert text_of(await answer_to(person, message)).startswith("7")
            # One file is in memory up to three times: as it is copied, and packed for a reader.
            assert most_memory(bot.pid) - idle < BUDGET * MB + 2 * FILE + 8 * MB
            await until(lambda: memory(bot.pid) - idle < FILE)
