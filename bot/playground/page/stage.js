/** What the demo does on the page: as a person does it, with the page's own pad, outbox and buttons. */

import { PRIVATE } from "./chat.js";
import { byId } from "./dom.js";
import * as identity from "./identity.js";
import { asPicture } from "./outbox.js";
import { photographed } from "./paper.js";
import { TEXTS } from "./texts.js";

const LOOK = 700; // ms in which a button is seen before it is pressed

/** The hands of a story. */
export class Stage {
  #key = PRIVATE; // the chat that is played in
  #before = identity.who();

  /**
   * @param {import("./script.js").Script} script
   * @param {import("./hand.js").Hand} hand
   * @param {Object} page {chats, outbox, pad, conversation, turnTo: (key: string) => void, become: (key: string) => void}
   */
  constructor(script, hand, page) {
    Object.assign(this, { script, hand, page });
  }

  /** The chat that is played in, as it is now. */
  get chat() {
    return this.page.chats.get(this.#key);
  }

  /** The people of the class that the page can be, whoever leads it in front; none without the admin's link. */
  get people() {
    return identity.admin() ? identity.everybody().filter(({ key }) => /^\d+$/.test(key)) : [];
  }

  /** Plays in the private chat. */
  openPrivate() {
    this.#open(PRIVATE);
  }

  /** Plays in the class's group, as whoever leads it. */
  async openGroup() {
    const { chats } = this.page;
    const [{ key }] = this.people;
    this.#become(key);
    const group = await this.script.until(() => chats.me?.id === Number(key) && chats.all.find((chat) => chat.isGroup));
    this.#open(group.key);
  }

  /** Says a last word, if there is one; then the page is who it was before. */
  async leave(text) {
    if (text) await this.#post({ text });
    this.#become(this.#before);
  }

  /** Waits: see script.js. */
  rest(milliseconds) {
    return this.script.rest(milliseconds);
  }

  /** Says what is to be seen now. */
  caption(text) {
    this.script.caption(text);
  }

  /** Writes a message: gives it as it was sent. */
  say(text, replyTo) {
    return this.#send({ text, replyTo });
  }

  /**
   * A digit, or another shape, is drawn on the pad and sent.
   * @param {string} text
   * @param {{key: string, name: string}} [person] who draws, of `people`; else who the page is
   * @param {Object} [replyTo] the message that is answered
   */
  async draw(text, person, replyTo) {
    const title = person ? TEXTS.script.draws(person.name) : TEXTS.draw;
    const file = await this.page.pad.write((place) => this.hand.write(text, place), title, (ms) => this.rest(ms));
    return this.#send({ pictures: [await asPicture(file)], replyTo }, person);
  }

  /** A photo of these lines on paper is sent. */
  async photograph(...lines) {
    return this.#send({ pictures: [await asPicture(await photographed(lines, this.hand, TEXTS.photo))] });
  }

  /** The bot's answer to a message. */
  answerTo(sent) {
    return this.next(sent, (message) => message.reply_to_message?.message_id === sent.message_id);
  }

  /** The bot's first message after this one that is as wanted. */
  next({ message_id: id }, isWanted = () => true) {
    const { bot } = this.chat;
    const fits = (message) => message.message_id > id && message.from.id === bot.id && isWanted(message);
    return this.script.until(() => this.chat.messages.find(fits));
  }

  /** A message as it is now, once it is as wanted. */
  async changed({ message_id: id }, isWanted) {
    return this.script.until(() => this.chat.messages.find((message) => message.message_id === id && isWanted(message)));
  }

  /** The button whose data begins so is pressed, where it is under the message; gives whether it is. */
  async press(message, data) {
    if (!hasButton(message, data)) return false;
    const selector = `#m${message.message_id} .key[data-data^="${data}"]`;
    const button = await this.script.until(() => document.querySelector(selector));
    button.classList.add("shown");
    await this.rest(LOOK);
    button.classList.remove("shown");
    (document.querySelector(selector) ?? button).click();
    return true;
  }

  /** Brings a message into view. */
  async show({ message_id: id }) {
    await this.script.until(() => byId(`m${id}`));
    this.page.conversation.jump(id);
  }

  #become(key) {
    if (identity.who() !== key) this.page.become(key);
  }

  #open(key) {
    this.#key = key;
    this.page.turnTo(key);
  }

  #post(draft, person) {
    this.page.turnTo(this.#key);
    return this.page.outbox.send(draft, this.chat, person && Number(person.key));
  }

  async #send(draft, person) {
    const messages = await this.#post(draft, person);
    if (!messages) this.script.stop(); // the outbox says why, and keeps it
    await this.rest(0);
    return messages[0];
  }
}

/** Whether there is a button under the message whose data begins so. */
export function hasButton({ reply_markup: markup }, data) {
  return Boolean(markup?.inline_keyboard.flat().some((button) => button.callback_data?.startsWith(data)));
}
