/** All chats of who the page is, which of them is open, and how far each is read. No DOM here. */

import { Chat, PRIVATE } from "./chat.js";

/** The private chat with the bot, and the groups. */
export class Chats {
  me = null;
  description = "";
  #all = new Map();

  /** Nothing is known, until the next `reset`. */
  clear() {
    this.me = null;
    this.#all.clear();
  }

  /** Starts anew from what `GET /chat/state` gave. */
  reset(state) {
    this.me = state.me;
    this.#all.clear();
    for (const told of [state, ...state.groups]) {
      const chat = new Chat(state.me, state.bot, told);
      this.#all.set(chat.key, chat);
    }
    this.description = state.description;
  }

  /** Takes over the bot's profile: its User, description, and its commands in the chat of the event. */
  profile({ bot, commands, description, chat }) {
    this.description = description;
    for (const one of this.all) one.bot = bot;
    this.of(chat).commands = commands;
  }

  /** Those in the list, in its order. */
  get all() {
    return [...this.#all.values()];
  }

  /** The chat with this key; without one that there is the private chat. */
  get(key) {
    return this.#all.get(key) ?? this.#all.get(PRIVATE);
  }

  /** The chat of an event, which names a group by its number; undefined for one that isn't known. */
  of(group) {
    return this.#all.get(group === undefined ? PRIVATE : String(group));
  }

  /** How many messages of others came after the last one that was read. */
  unread(chat) {
    const read = Number(sessionStorage.getItem(this.#place(chat)) ?? 0);
    return chat.messages.filter((message) => message.message_id > read && !chat.isMine(message)).length;
  }

  /** All that there is in this chat has been seen. */
  read(chat) {
    const last = chat.messages.at(-1)?.message_id;
    if (last) sessionStorage.setItem(this.#place(chat), String(last));
  }

  #place(chat) {
    return `read:${this.me.id}:${chat.key}`;
  }
}
