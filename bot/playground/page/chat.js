/** What the page knows of a chat: who takes part, the bot's commands there, the messages. No DOM here. */

import { TEXTS } from "./texts.js";

export const PRIVATE = "bot"; // the key of the private chat with the bot, whoever the page is

/** A chat as the server told of it. */
export class Chat {
  #messages = new Map();

  /**
   * @param {Object} me the User of who the page is
   * @param {Object} bot the bot's User
   * @param {Object} told {chat, commands, messages}, of a group `people` too: how many are in it
   */
  constructor(me, bot, { chat, commands, people, messages }) {
    Object.assign(this, { me, bot, commands, people, info: chat });
    this.put(...messages);
  }

  /** What the page calls it: the same in each reload. */
  get key() {
    return this.isGroup ? String(this.info.id) : PRIVATE;
  }

  get isGroup() {
    return this.info.type !== "private";
  }

  /** Its name: a group's title, else the bot's. */
  get title() {
    return this.isGroup ? this.info.title : this.bot.first_name;
  }

  /** Adds messages, or changes those already there. */
  put(...messages) {
    for (const message of messages) this.#messages.set(message.message_id, message);
  }

  /** Forgets a deleted message. */
  drop(messageId) {
    this.#messages.delete(messageId);
  }

  /** All messages, oldest first. */
  get messages() {
    return [...this.#messages.values()].sort((a, b) => a.message_id - b.message_id);
  }

  /** Whether the message is from the person of this page. */
  isMine(message) {
    return message.from?.id === this.me.id;
  }

  /** Whose message it is, by name: "You" is told to oneself alone, for in a group everybody is somebody. */
  senderOf(message) {
    if (!this.isGroup && this.isMine(message)) return TEXTS.you;
    const { title, first_name = "", last_name = "" } = message.sender_chat ?? message.from ?? {};
    return title ?? `${first_name} ${last_name}`.trim();
  }
}
