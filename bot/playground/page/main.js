/** Where the page begins: makes its parts and lets them know of each other. */

import { follow, press, reconnect } from "./api.js";
import { attachments } from "./attach.js";
import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { byId } from "./dom.js";
import * as identity from "./identity.js";
import { insist } from "./notice.js";
import { asPicture, Outbox } from "./outbox.js";
import { Pad } from "./pad.js";
import { Presence } from "./presence.js";
import { Preview } from "./preview.js";
import { fillTexts, TEXTS } from "./texts.js";
import { tell } from "./toast.js";
import { Viewer } from "./viewer.js";

fillTexts(document);

const chat = new Chat();
const viewer = new Viewer();
let held = []; // own messages that the stream told of before the request that sent them was answered
let offline = false;
let drawing = 0;

const outbox = new Outbox({
  onChange: show,
  onSent: (messages) => chat.put(...messages.filter(({ from }) => from.id === chat.me?.id)),
  onFailed: (error) => tell(error.message),
});
const composer = new Composer({ onText: (text) => submit({ text, replyTo: composer.takeReply() }), onCommand: command });
const preview = new Preview((drafts) => {
  drafts[0].replyTo = composer.takeReply();
  drafts.forEach(submit);
});
const pad = new Pad(async (file) => submit({ pictures: [await asPicture(file)], replyTo: composer.takeReply() }));
const conversation = new Conversation({
  command,
  reply: (message) => composer.reply(message, chat.isMine(message) ? TEXTS.you : chat.senderOf(message)),
  press: pressed,
  open: (message) => viewer.open(message, chat.messages),
  retry: (key) => outbox.retry(key),
  discard: (key) => outbox.discard(key),
});
const presence = new Presence(() => conversation.settle());
const choosePhoto = attachments((files, asFile) => preview.add(files, asFile));

byId("draw").addEventListener("click", () => pad.open());
byId("welcome-draw").addEventListener("click", () => pad.open());
byId("welcome-photo").addEventListener("click", choosePhoto);
byId("welcome-start").addEventListener("click", () => command("/start"));
document.addEventListener("keydown", (event) => {
  const withOthers = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key !== "d" || withOthers || event.target.closest("input, textarea, dialog, [popover]")) return;
  event.preventDefault();
  pad.open();
});

byId("identity").addEventListener("change", ({ target }) => {
  identity.become(target.value);
  composer.takeReply(); // of the other chat
  reconnect();
});
addEventListener("hashchange", showIdentity);
showIdentity();

follow({
  onState(state, isAnother) {
    if (isAnother) tell(TEXTS.restarted);
    offline = false;
    held = [];
    if (state.me.id !== chat.me?.id) conversation.toEnd();
    chat.reset(state);
    showIdentity();
    presence.connected(true);
    showProfile();
    show();
  },
  onEvent(event) {
    receive[event.type]?.(event);
    show();
  },
  onOffline(error) {
    presence.connected(false);
    if (!offline) tell(error.status ? error.message : TEXTS.unreachable);
    offline = true;
  },
});

const receive = {
  message({ message }) {
    if (chat.isMine(message) && outbox.busy) return held.push(message);
    chat.put(message);
    if (chat.isMine(message)) return null;
    presence.does(null);
    return conversation.arrived();
  },
  edited: ({ message }) => chat.put(message),
  deleted: (event) => chat.drop(event.message_id),
  action: ({ action }) => presence.does(action),
  bot(profile) {
    chat.profile(profile);
    showProfile();
  },
};

function submit(draft) {
  conversation.toEnd();
  outbox.send(draft, chat.me?.id);
}

function command(text) {
  submit({ text });
}

async function pressed(messageId, data) {
  const { me, bot } = chat;
  try {
    const { text, alert } = await press(messageId, data);
    if (!text || me.id !== chat.me.id) return;
    if (alert) insist(bot.first_name, text);
    else tell(text);
  } catch (error) {
    tell(error.message);
  }
}

function showIdentity() {
  identity.takeLink();
  byId("identity").hidden = !identity.isAdminKnown();
  byId("identity").querySelector(`[value=${identity.role()}]`).checked = true;
}

function showProfile() {
  presence.name(chat.bot);
  composer.commands.set(chat.commands);
  byId("welcome-title").textContent = TEXTS.welcome(chat.bot.first_name);
  byId("welcome-description").textContent = chat.description || TEXTS.welcomeDescription;
}

function show() {
  if (!drawing) drawing = requestAnimationFrame(showNow); // many events, one drawing
}

function showNow() {
  drawing = 0;
  if (!chat.me) return;
  if (!outbox.busy) chat.put(...held.splice(0));
  const pending = outbox.messagesFrom(chat.me);
  conversation.show(chat, pending);
  byId("welcome").hidden = chat.messages.length + pending.length > 0;
}
