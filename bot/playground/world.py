"""Everything there is in the playground: the bot, the people and their chats, files, and updates on their way.

In memory and bounded. Tests and the chat page put people into it; the modules called …_methods are the bot's side.
"""

import secrets
from collections import deque

from bot.playground.chat import Chat, History, PrivateChat
from bot.playground.faults import Fault, Faults
from bot.playground.files import Files
from bot.playground.groups import Group, Groups
from bot.playground.limits import SendingLimits
from bot.playground.person import Person
from bot.playground.picture_workers import PictureWorkers
from bot.playground.presses import Presses
from bot.playground.profile import Profile
from bot.playground.updates import Updates
from bot.playground.webhook import Webhook
from bot.playground.wire import BotApiError, Json, bad_request, number_in

IDS = 2**40  # Telegram's have up to 52 bits
UPGRADED = "Bad Request: group chat was upgraded to a supergroup chat"
PEOPLE_KEPT = 1_000
CALLS_KEPT = 1_000


class World:
    """One bot, the people who write to it, and groups. Without `limits` the bot may send as much as it likes.

    With `privacy` it hears in groups only what is meant for it.
    """

    def __init__(self, bot_id: int = 4242, limits: bool = True, privacy: bool = True) -> None:
        self.profile = Profile(bot_id, privacy)
        self.updates = Updates()
        self.faults = Faults()
        self.webhook = Webhook(self.updates, self.faults)
        self.files = Files()
        self.pictures = PictureWorkers()
        self.presses = Presses()
        self.sending = SendingLimits() if limits else None
        self.calls: deque[tuple[str, Json]] = deque(maxlen=CALLS_KEPT)  # the bot's latest: method, parameters as sent
        self._history = History()
        self._people: dict[int, Person] = {}  # who was last active comes last
        self.groups = Groups(self.profile, self.updates, self._history)

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
        chat = PrivateChat(user, self.bot, self._history)
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

    def group(
        self,
        title: str,
        creator: Person,
        *members: Person,
        supergroup: bool = False,
        forum: bool = False,
        bot: str = "member",
    ) -> Group:
        """A new group of people; the bot is in it as a "member" or an "administrator", or not ("left").

        A forum is a supergroup with topics. The 201st group makes the longest idle one be forgotten.
        """
        return self.groups.make(title, creator, members, supergroup, forum, bot)

    def set_privacy(self, on: bool) -> None:
        """Privacy mode, as at BotFather: it counts in a group once the bot is added anew, and never for an admin."""
        self.profile.privacy = on

    def chat(self, chat_id: int | str) -> Chat:
        """The chat that the bot means. Raises BotApiError where it may not write."""
        if chat_id == "":
            raise bad_request("chat_id is empty")
        number = number_in(str(chat_id))
        chat = self._chat(number) if number is not None else None
        if chat is None or not chat.met:
            raise bad_request("chat not found")
        if chat.id != number:
            raise BotApiError(400, UPGRADED, migrate_to_chat_id=chat.id)
        chat.check_bot()
        return chat

    def shown_to(self, person: Person) -> Json:
        """What the bot shows of itself to a person in the chat that they are in: `Profile.shown_to`."""
        chat = person.chat
        group = None if chat.info["type"] == "private" else chat.id
        return self.profile.shown_to(person.user, group, chat.is_admin(person.id))

    def profile_changed(self) -> None:
        """Tell all chat pages."""
        for person in self._people.values():
            person.chat.events.publish({"type": "bot", **self.shown_to(person)})
        for group in self.groups.all():
            group.chat.events.publish({"type": "menu"})  # which is another one for admins

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
        for chat in (*(one.chat for one in self._people.values()), *(group.chat for group in self.groups.all())):
            chat.events.close()

    def _chat(self, chat_id: int) -> Chat | None:
        found = self.groups.find(chat_id) if chat_id < 0 else self.find(chat_id)
        return found.chat if found else None

    def _forget_the_longest_idle(self) -> None:
        idle = next((one for one in self._people.values() if not one.chat.events.watched), None)
        forgotten = idle or next(iter(self._people.values()))
        del self._people[forgotten.id]
        forgotten.chat.events.close()
