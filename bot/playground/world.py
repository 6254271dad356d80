"""Everything there is in the playground: the bot, the people and their chats, files, and updates on their way.

In memory and bounded. Tests and the chat page put people into it; the modules called …_methods are the bot's side.
"""

import secrets
from collections import deque

from bot.playground.chat import Chat, History
from bot.playground.faults import Fault, Faults
from bot.playground.files import Files
from bot.playground.limits import SendingLimits
from bot.playground.person import Person
from bot.playground.presses import Presses
from bot.playground.profile import Profile
from bot.playground.updates import Updates
from bot.playground.webhook import Webhook
from bot.playground.wire import BotApiError, Json, bad_request, number_in

IDS = 2**40  # Telegram's have up to 52 bits
SUPERGROUPS = 10**12  # their ids begin with -100
UPGRADED = "Bad Request: group chat was upgraded to a supergroup chat"
PEOPLE_KEPT = 1_000
CALLS_KEPT = 1_000


class World:
    """One bot and the people who write to it. Without `limits` the bot may send as much as it likes."""

    def __init__(self, bot_id: int = 4242, limits: bool = True) -> None:
        self.profile = Profile(bot_id)
        self.updates = Updates()
        self.faults = Faults()
        self.webhook = Webhook(self.updates, self.faults)
        self.files = Files()
        self.presses = Presses()
        self.sending = SendingLimits() if limits else None
        self.calls: deque[tuple[str, Json]] = deque(maxlen=CALLS_KEPT)  # the bot's latest: method, parameters as sent
        self._history = History()
        self._people: dict[int, Person] = {}  # who was last active comes last
        self._supergroups: dict[int, Person] = {}  # whose chat it was

    @property
    def bot(self) -> Json:
        """The bot's User."""
        return self.profile.user

    def person(self, first_name: str = "Ann", language_code: str = "en", person_id: int | None = None) -> Person:
        """A new person, or the known one of this id. The 1,001st makes the longest idle one be forgotten.

        An id is the key to its chat, so it can't be guessed, nor is one of an earlier server given to somebody else.
        """
        if person_id is not None and (known := self.find(person_id)):
            return known
        if person_id is None:
            person_id = IDS + secrets.randbelow(IDS)
        user = {"id": person_id, "is_bot": False, "first_name": first_name, "language_code": language_code}
        chat = Chat(user, self._history)
        person = self._people[person_id] = Person(user, self.bot, chat, self.files, self.updates, self.presses)
        if len(self._people) > PEOPLE_KEPT:
            self._forget_the_longest_idle()
        return person

    def find(self, person_id: int) -> Person | None:
        """The person of this id, who counts as active now."""
        person = self._people.pop(person_id, None)
        if person is not None:
            self._people[person_id] = person
        return person

    def chat(self, chat_id: int | str) -> Chat:
        """The chat that the bot means. Raises BotApiError where it may not write."""
        if chat_id == "":
            raise bad_request("chat_id is empty")
        number = number_in(str(chat_id))
        person = self._in_chat(number) if number is not None else None
        if person is None or not person.chat.started:
            raise bad_request("chat not found")
        if person.chat.id != number:
            raise BotApiError(400, UPGRADED, migrate_to_chat_id=person.chat.id)
        if person.chat.blocked:
            raise BotApiError(403, "Forbidden: bot was blocked by the user")
        return person.chat

    def migrate(self, person: Person) -> int:
        """Make a supergroup of a person's chat, as a group becomes one: gives the new id, the old one serves no longer.

        A stand-in until there are groups: the chat has the one person, and no update tells the bot of the change.
        As at Telegram, the bot can't reply to or edit messages from before.
        """
        supergroup = -(SUPERGROUPS + secrets.randbelow(SUPERGROUPS))
        self._supergroups[supergroup] = person
        person.chat.migrate(supergroup)
        return supergroup

    def profile_changed(self) -> None:
        """Tell all chat pages."""
        for person in self._people.values():
            person.chat.events.publish({"type": "bot", **self.profile.shown_to(person.user)})

    def fail_next(
        self, method: str, status: int, description: str, retry_after: int | None = None, times: int = 1
    ) -> None:
        """A fault, for tests: the next calls of a method are answered so, whatever they ask."""
        self.faults.add(Fault(error=BotApiError(status, description, retry_after)), method, times=times)

    async def close(self) -> None:
        """End all event streams, long polls, deliveries, and what waits for the bot's answer to a press."""
        self.updates.close()
        self.presses.close()
        await self.webhook.remove()
        for person in self._people.values():
            person.chat.events.close()

    def _in_chat(self, chat_id: int) -> Person | None:
        member = self._supergroups.get(chat_id)
        return self.find(chat_id if member is None else member.id)

    def _forget_the_longest_idle(self) -> None:
        idle = next((one for one in self._people.values() if not one.chat.events.watched), None)
        forgotten = idle or next(iter(self._people.values()))
        del self._people[forgotten.id]
        self._supergroups.pop(forgotten.chat.id, None)
        forgotten.chat.events.close()
