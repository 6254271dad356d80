/** One bubble: a message (or the messages of an album) → DOM. */

import { avatar, toneOf } from "./avatar.js";
import { element, icon, unseen } from "./dom.js";
import { formatted } from "./entities.js";
import { file, photos, photoUrl, sizeFor, sticker } from "./media.js";
import { serviceText } from "./service.js";
import { TEXTS } from "./texts.js";
import { clock } from "./time.js";

const OTHER_KINDS = ["voice", "video", "video_note", "animation", "audio"];
const THUMBNAIL = 40; // CSS pixels of the picture beside a quote

/**
 * The DOM of one row of the log.
 * @param {{key: string, messages: Object[], first: boolean, last: boolean}} row
 * @param {import("./chat.js").Chat} chat
 * @param {Object} actions what pressing does: command(text), reply(message), open(message), jump(id), retry(key),
 *   discard(key)
 * @returns {HTMLElement}
 */
export function bubble(row, chat, actions) {
  const [message] = row.messages;
  const mine = chat.isMine(message);
  const sender = chat.senderOf(message);
  const named = chat.isGroup && !mine;
  const body = content(row.messages, sender, actions);
  const place = [mine ? "mine" : "theirs", row.first && "first", row.last && "last"];
  const shape = ["bubble", message.sticker && "bare", row.messages.some((one) => one.photo) && "with-photo"];
  return element(
    "article",
    { class: classes(["message", ...place, named && "of-group", message.pending && "pending"]), id: row.key },
    named ? avatar(sender, message.from.id === chat.bot.id) : null,
    element(
      "div",
      { class: classes(shape), ondblclick: ({ target }) => isAnswerable(message, target) && actions.reply(message) },
      named && row.first ? element("b", { class: `sender ${toneOf(sender)}` }, sender, unseen(": ")) : unseen(`${sender}: `),
      quote(message.reply_to_message, chat, actions),
      ...body,
    ),
    message.pending ? failure(message.pending, actions) : replyButton(message, sender, actions),
  );
}

/** The line of a message that nobody said. */
export function serviceLine({ key, service }) {
  return element("p", { class: "service", id: key }, element("span", {}, service));
}

/** What a message is about in one line, for quotes. */
export function summary(message) {
  const text = message.text ?? message.caption ?? serviceText(message);
  if (text) return text;
  if (message.photo) return TEXTS.photo;
  if (message.sticker) return `${TEXTS.sticker} ${message.sticker.emoji ?? ""}`.trim();
  if (message.animation) return TEXTS.animation;
  if (message.document) return message.document.file_name ?? TEXTS.file;
  return TEXTS[OTHER_KINDS.find((kind) => message[kind])] ?? TEXTS.message;
}

function isAnswerable(message, target) {
  return !message.pending && !target.closest("button, a");
}

function content(messages, sender, actions) {
  const media = mediaOf(messages, sender, actions);
  const meta = metaOf(messages.find((one) => one.edit_date) ?? messages[0]);
  const words = messages.find((one) => one.text || one.caption);
  if (!words) return media ? [media, meta] : [element("p", { class: "text stand-in" }, TEXTS.unsupported, meta)];
  const text = textOf(words, actions);
  text.append(meta);
  return [media, text];
}

function mediaOf(messages, sender, actions) {
  const [message] = messages;
  if (message.photo) return photos(messages, sender, actions.open);
  if (message.sticker) return sticker(message.sticker);
  const kind = OTHER_KINDS.find((one) => message[one]);
  const sent = kind ? { file_name: TEXTS[kind] ?? TEXTS.file, ...message[kind] } : message.document;
  return sent ? file(sent, () => actions.open(message)) : null;
}

function textOf(message, actions) {
  const [text, entities] = message.text ? [message.text, message.entities] : [message.caption, message.caption_entities];
  return element("div", { class: "text", dir: "auto" }, formatted(text, entities, actions.command));
}

function metaOf(message) {
  const meta = element("span", { class: "meta" });
  if (message.edit_date) meta.append(TEXTS.edited, " ");
  meta.append(element("time", { dateTime: new Date(message.date * 1000).toISOString() }, clock(message.date)));
  const state = element("span", { class: "state" });
  const { pending } = message;
  if (pending) state.append(icon(pending.error ? "alert" : "clock"), unseen(pending.error ? TEXTS.notSent : TEXTS.sending));
  else state.append(icon("check"), unseen(TEXTS.sent));
  meta.append(state);
  return meta;
}

function quote(quoted, chat, actions) {
  if (!quoted) return null;
  const sender = chat.senderOf(quoted);
  const picture = quoted.photo && sizeFor(quoted, THUMBNAIL);
  const size = { width: THUMBNAIL, height: THUMBNAIL };
  return element(
    "button",
    { type: "button", class: "quote", onclick: () => actions.jump(quoted.message_id) },
    unseen(`${TEXTS.inReplyTo} `),
    picture ? element("img", { src: photoUrl(picture), alt: "", draggable: false, ...size }) : null,
    element("span", { class: "quoted" }, element("b", {}, sender), unseen(": "), element("span", {}, summary(quoted))),
  );
}

function replyButton(message, sender, actions) {
  const onclick = () => actions.reply(message);
  const names = { "aria-label": TEXTS.replyTo(sender), title: TEXTS.reply };
  return element("button", { type: "button", class: "answer", ...names, onclick }, icon("reply"));
}

function failure({ key, error }, actions) {
  if (!error) return null;
  const button = (text, onclick) => element("button", { type: "button", class: "link", onclick }, text);
  return element(
    "p",
    { class: "failure" },
    `${TEXTS.notSent} ${error} `,
    element(
      "span",
      { class: "ways" },
      button(TEXTS.retry, () => actions.retry(key)),
      " · ",
      button(TEXTS.discard, () => actions.discard(key)),
    ),
  );
}

function classes(names) {
  return names.filter(Boolean).join(" ");
}
