/** What the page knows of a chat: who takes part, the bot's profile and commands, the messages. No DOM here. */

/** A chat as the server told of it. */
export class Chat {
  me = null;
  bot = null;
  commands = [];
  description = "";
  #messages = new Map();

  /** Starts anew from what `GET /chat/state` gave. */
  reset(state) {
    this.#messages.clear();
    this.me = state.me;
    this.profile(state);
    this.put(...state.messages);
  }

  /** Takes over the bot's profile: its User, commands, description. */
  profile({ bot, commands, description }) {
    this.bot = bot;
    this.commands = commands ?? [];
    this.description = description ?? "";
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

  /** Whether the message is from the person of this browser. */
  isMine(message) {
    return message.from?.id === this.me.id;
  }

  /** Whose message it is, by name. */
  senderOf(message) {
    const { first_name = "", last_name = "" } = message.from ?? message.sender_chat ?? {};
    return `${first_name} ${last_name}`.trim();
  }
}
