"""Groups with people and the bot: what people do in them, as at Telegram, and which updates the bot gets of it."""

import secrets
from collections.abc import Iterable
from dataclasses import replace

from bot.playground.chat import History
from bot.playground.group_chat import GroupChat
from bot.playground.members import ADMINISTRATOR, CREATOR, KICKED, LEFT, MEMBER, Membership, change
from bot.playground.person import NotSent, Person
from bot.playground.profile import Profile
from bot.playground.updates import Updates
from bot.playground.wire import Json

SUPERGROUPS = 10**12  # their ids begin with -100
GROUPS_KEPT = 200
TOPICS = 100  # the most that a forum has
MEMBERS = 200  # the most people that a group has, those who left counted


class Group:
    """One group, in the hands of its people: whatever nobody is named for, its creator does. Made by World.group()."""

    def __init__(self, chat: GroupChat, creator: Person, groups: "Groups") -> None:
        self.chat = chat
        self.creator = creator
        self._groups = groups
        chat.members[creator.id] = Membership(creator.user, CREATOR)

    @property
    def id(self) -> int:
        """The chat's id, which changes once: when it becomes a supergroup."""
        return self.chat.id

    def member(self, person: Person) -> Person:
        """This person in the group: what they send goes to it."""
        return person.at(self.chat)

    def add(self, *people: Person, by: Person | None = None) -> None:
        """People come in. Raises NotSent where the group is full."""
        if len(self.chat.members.keys() | {one.id for one in people}) > MEMBERS:
            raise NotSent(f"A group has at most {MEMBERS} people here.")
        for person in people:
            self._make(person, MEMBER, by)
            _tell_page(person)
        self._announce(by, {"new_chat_members": [person.user for person in people]})

    def remove(self, person: Person, by: Person | None = None) -> None:
        """Somebody has to go."""
        self._announce(by, {"left_chat_member": person.user})
        self._make(person, KICKED if self._is_super else LEFT, by)

    def promote(self, person: Person) -> None:
        """Somebody becomes an admin."""
        self._make(person, ADMINISTRATOR)

    def demote(self, person: Person) -> None:
        """An admin is a member like others again."""
        self._make(person, MEMBER)

    def add_bot(self, by: Person | None = None, status: str = MEMBER) -> None:
        """The bot comes in, as a "member" or an "administrator": its privacy mode is what it is now."""
        self.chat.privacy = self._groups.profile.privacy
        self.chat.met = True
        self._make_of_bot(status, self._user(by))
        self._announce(by, {"new_chat_members": [self.chat.bot.user]})

    def remove_bot(self, by: Person | None = None) -> None:
        """The bot has to go. From a supergroup it hears no more than that; in a group it is also told as all are."""
        user = self._user(by)
        message = self.chat.post(user, {"left_chat_member": self.chat.bot.user})
        self._make_of_bot(KICKED, user)
        if not self._is_super:
            self._groups.updates.put("message", message)

    def bot_leaves(self) -> None:
        """The bot goes by itself."""
        self.chat.post(self.chat.bot.user, {"left_chat_member": self.chat.bot.user})
        self._make_of_bot(LEFT, self.chat.bot.user)

    def promote_bot(self, by: Person | None = None) -> None:
        """The bot becomes an admin: it hears everything."""
        self._make_of_bot(ADMINISTRATOR, self._user(by))

    def demote_bot(self, by: Person | None = None) -> None:
        """The bot is a member like others again."""
        self._make_of_bot(MEMBER, self._user(by))

    def allow_reactions(self, emoji: list[str] | None) -> None:
        """Which reactions the group has, None for all."""
        self.chat.reactions = emoji

    def topic(self, name: str) -> int:
        """A new topic of a forum: gives its message_thread_id."""
        if not self.chat.info.get("is_forum"):
            raise NotSent("This group has no topics.")
        if len(self.chat.topics) >= TOPICS:
            raise NotSent(f"A group has at most {TOPICS} topics here.")
        first = self.chat.open_topic(self.creator.user, name)
        self._tell(first)
        return int(first["message_id"])

    def migrate(self) -> int:
        """Become a supergroup: gives the new id. With the old one nothing can be done, and messages begin at 1 anew.

        The bot is first told that it joined the supergroup, as any other (tdlib/telegram-bot-api, issue 266).
        """
        if self._is_super:
            raise NotSent("This group is a supergroup already.")
        before, bot = self.id, self.chat.bot
        supergroup = new_supergroup_id()
        if bot.is_in:
            there = {**self.chat.info, "id": supergroup, "type": "supergroup"}
            joined = change(there, self.creator.user, replace(bot, status=LEFT), bot)
            self._groups.updates.put("my_chat_member", joined)
        self._announce(None, {"migrate_to_chat_id": supergroup})
        self.chat.migrate(supergroup)
        self._groups.moved(self, before)
        self._announce(None, {"migrate_from_chat_id": before})
        return supergroup

    @property
    def _is_super(self) -> bool:
        return bool(self.chat.info["type"] == "supergroup")

    def _user(self, person: Person | None) -> Json:
        return (person or self.creator).user

    def _announce(self, by: Person | None, content: Json) -> None:
        """A service message, on behalf of whoever did what it says."""
        self._tell(self.chat.post(self._user(by), content))

    def _tell(self, message: Json) -> None:
        if self.chat.hears(message):
            self._groups.updates.put("message", message)

    def _make(self, person: Person, status: str, by: Person | None = None) -> None:
        """Change what a person is; the bot is told as an admin, where it asked to be."""
        before = self.chat.members.get(person.id, Membership(person.user, LEFT))
        after = self.chat.members[person.id] = Membership(person.user, status)
        if self.chat.bot.is_admin:
            self._groups.updates.put("chat_member", change(self.chat.info, self._user(by), before, after))

    def _make_of_bot(self, status: str, by: Json) -> None:
        before, self.chat.bot = self.chat.bot, replace(self.chat.bot, status=status)
        self._groups.updates.put("my_chat_member", change(self.chat.info, by, before, self.chat.bot))


class Groups:
    """All groups by id, under the old one too where one has become a supergroup. The longest idle one is forgotten."""

    def __init__(self, profile: Profile, updates: Updates, history: History) -> None:
        self.profile = profile
        self.updates = updates
        self._history = history
        self._kept: dict[int, Group] = {}  # which was last used comes last
        self._former: dict[int, int] = {}  # a supergroup's id by that of the group that it was

    def make(
        self, title: str, creator: Person, members: Iterable[Person], supergroup: bool, forum: bool, bot: str
    ) -> Group:
        """A new group; the bot is in it as `bot` says."""
        group_id = new_supergroup_id() if supergroup or forum else -(1 + secrets.randbelow(SUPERGROUPS - 1))
        info: Json = {"id": group_id, "type": "supergroup" if supergroup or forum else "group", "title": title}
        chat = GroupChat(info | ({"is_forum": True} if forum else {}), self.profile.user, self._history)
        group = self._kept[group_id] = Group(chat, creator, self)
        _tell_page(creator)
        if people := tuple(members):
            group.add(*people)
        if bot != LEFT:
            group.add_bot(status=bot)
        if len(self._kept) > GROUPS_KEPT:
            self._forget_the_longest_idle()
        return group

    def all(self) -> list[Group]:
        """All that there are, the longest idle one first."""
        return list(self._kept.values())

    def find(self, group_id: int) -> Group | None:
        """The group that has or had this id, which counts as used now."""
        group = self._kept.pop(self._former.get(group_id, group_id), None)
        if group is not None:
            self._kept[group.id] = group
        return group

    def moved(self, group: Group, before: int) -> None:
        """A group has become a supergroup."""
        del self._kept[before]
        self._kept[group.id] = group
        self._former[before] = group.id

    def _forget_the_longest_idle(self) -> None:
        idle = next((one for one in self._kept.values() if not one.chat.events.watched), None)
        forgotten = idle or next(iter(self._kept.values()))
        del self._kept[forgotten.id]
        self._former = {old: new for old, new in self._former.items() if new != forgotten.id}
        forgotten.chat.events.close()


def _tell_page(person: Person) -> None:
    """Their page doesn't listen to a group yet in which they weren't."""
    person.chat.events.publish({"type": "added"})


def new_supergroup_id() -> int:
    """An id that can't be guessed."""
    return -(SUPERGROUPS + 1 + secrets.randbelow(SUPERGROUPS - 1))
