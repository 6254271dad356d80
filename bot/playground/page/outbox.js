/** Messages on their way to the server: shown at once, sent one after the other, kept for another try when they fail. */

import { send } from "./api.js";

/** The queue of messages that this page sends. */
export class Outbox {
  #items = [];
  #last = Promise.resolve();
  #serial = 0;

  /**
   * @param {Object} listener
   * @param {() => void} listener.onChange
   * @param {(messages: Object[], group: number|undefined) => void} listener.onSent with the messages as the server made
   *   them, and in which group they are
   * @param {(error: Error) => void} listener.onFailed
   */
  constructor({ onChange, onSent, onFailed }) {
    Object.assign(this, { onChange, onSent, onFailed });
    addEventListener("beforeunload", (event) => this.#items.length && event.preventDefault()); // the browser asks
  }

  /**
   * Sends text, photos (several are an album) or one document.
   * @param {{text?: string, pictures?: Object[], document?: File, caption?: string, replyTo?: Object}} draft
   *   `pictures` as `asPicture` gives them, `replyTo` the message that is answered
   * @param {import("./chat.js").Chat} chat where
   * @param {number} [sender] whose message it is, else of who the page is there
   * @returns {Promise<Object[]|undefined>} the messages that it became; none where it failed
   */
  send(draft, chat, sender = chat.me.id) {
    const place = { sender, group: groupOf(chat) };
    return this.#post({ key: `pending-${++this.#serial}`, date: Math.floor(Date.now() / 1000), draft, ...place });
  }

  /** Sends once more what failed. */
  retry(key) {
    this.#post(this.#taken(key));
  }

  /** Gives up what failed. */
  discard(key) {
    forget(this.#taken(key).draft.pictures);
    this.onChange();
  }

  /** The page is somebody else whom nobody knows yet: what wasn't sent is theirs, in private, and answers nothing. */
  inherit(me) {
    for (const item of this.#items) {
      Object.assign(item, { sender: me.id, group: undefined });
      delete item.draft.replyTo;
    }
  }

  /** Whether something is being sent just now. */
  get busy() {
    return this.#items.some((item) => !item.error);
  }

  /** What wasn't sent yet to this chat by who the page is, as messages like the server's, `pending` for an id. */
  messagesTo(chat) {
    const { me } = chat;
    const own = this.#items.filter(({ sender, group }) => group === groupOf(chat) && sender === me.id);
    return own.flatMap(({ key, date, draft, error }) => {
      const shared = { from: me, date, reply_to_message: draft.replyTo, pending: { key, error: error?.message } };
      if (!draft.pictures) return [{ ...shared, ...contentOf(draft) }];
      const album = draft.pictures.length > 1 ? key : undefined;
      return draft.pictures.map((picture, index) => ({
        ...shared,
        photo: [picture],
        media_group_id: album,
        caption: index === 0 ? draft.caption : undefined,
      }));
    });
  }

  #post(item) {
    delete item.error;
    this.#items.push(item);
    this.onChange();
    this.#last = this.#last.then(() => this.#deliver(item));
    return this.#last;
  }

  #taken(key) {
    const [item] = this.#items.filter((one) => one.key === key);
    this.#items = this.#items.filter((one) => one !== item);
    return item;
  }

  async #deliver(item) {
    try {
      const messages = await send(formOf(item.draft), item.sender, item.group);
      this.#taken(item.key);
      forget(item.draft.pictures);
      this.onSent(messages, item.group);
      return messages;
    } catch (error) {
      item.error = error;
      this.onFailed(error);
      return undefined;
    } finally {
      this.onChange();
    }
  }
}

/**
 * A picture file ready to be shown and sent as a photo; null when the browser can't show it.
 * @param {File} file
 * @returns {Promise<{file: File, url: string, width: number, height: number} | null>}
 */
export async function asPicture(file) {
  const image = new Image();
  const url = URL.createObjectURL(file);
  image.src = url;
  try {
    await image.decode();
  } catch {
    URL.revokeObjectURL(url);
    return null;
  }
  return { file, url, width: image.naturalWidth, height: image.naturalHeight };
}

/** Lets go of pictures that are shown no more. */
export function forget(pictures = []) {
  for (const { url } of pictures) URL.revokeObjectURL(url);
}

function groupOf({ isGroup, info }) {
  return isGroup ? info.id : undefined;
}

function contentOf({ text, document, caption }) {
  if (text) return { text };
  return { document: { file_name: document.name, file_size: document.size, mime_type: document.type }, caption };
}

function formOf({ text, pictures, document, caption, replyTo }) {
  const form = new FormData();
  if (text) form.set("text", text);
  for (const { file } of pictures ?? []) form.append("photo", file, file.name);
  if (document) form.set("document", document, document.name);
  if (caption) form.set("caption", caption);
  if (replyTo) form.set("reply_to", String(replyTo.message_id));
  return form;
}
