/** Where the page begins: makes its parts and lets them know of each other. */

import { follow, press, reconnect } from "./api.js";
import { attachments } from "./attach.js";
import { PRIVATE } from "./chat.js";
import { ChatList } from "./chat_list.js";
import { Chats } from "./chats.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { byId } from "./dom.js";
import { Hand } from "./hand.js";
import * as identity from "./identity.js";
import { invited } from "./invitation.js";
import { insist } from "./notice.js";
import { asPicture, Outbox } from "./outbox.js";
import { Pad } from "./pad.js";
import { enter, isNarrow, leave, onReturn, place, takeStart } from "./place.js";
import { Presence } from "./presence.js";
import { Preview } from "./preview.js";
import { changesGroup } from "./service.js";
import { Script } from "./script.js";
import { Stage } from "./stage.js";
import { story } from "./story.js";
import { fillTexts, TEXTS } from "./texts.js";
import { tell } from "./toast.js";
import { Viewer } from "./viewer.js";
import { Who } from "./who.js";

fillTexts(document);

const chats = new Chats();
const viewer = new Viewer();
let open; // the chat that is shown; undefined until the chats of who the page is are known
const early = []; // what was to be sent before that
let held = []; // own messages that the stream told of before the request that sent them was answered
let offline = false;
let drawing = 0;

const outbox = new Outbox({
  onChange: show,
  onSent: (messages, group) => chats.of(group)?.put(...messages.filter(({ from }) => from.id === chats.me?.id)),
  onFailed: (error) => tell(error.message),
});
const composer = new Composer({
  onText: (text) => submit({ text, replyTo: composer.takeReply() }),
  onCommand: (text) => submit({ text, replyTo: composer.takeReply() }),
});
const preview = new Preview((drafts) => {
  drafts[0].replyTo = composer.takeReply();
  drafts.forEach(submit);
});
const pad = new Pad(async (file) => submit({ pictures: [await asPicture(file)], replyTo: composer.takeReply() }));
const conversation = new Conversation({
  command,
  reply: (message) => composer.reply(message, open.senderOf(message)),
  press: pressed,
  open: (message) => viewer.open(message, open.messages),
  retry: (key) => outbox.retry(key),
  discard: (key) => outbox.discard(key),
});
const presence = new Presence(() => conversation.settle());
const list = new ChatList((key) => {
  turnTo(key);
  composer.invite();
});
const who = new Who(becameAnother);
const script = new Script({
  story: (player) => story(new Stage(player, new Hand(seed()), { chats, outbox, pad, conversation, turnTo, become })),
  onFailed: (error) => tell(error.message),
  onEnd: () => composer.invite(),
});
const choosePhoto = attachments((files, asFile) => preview.add(files, asFile));

byId("draw").addEventListener("click", () => pad.open());
for (const id of ["play", "welcome-play"]) byId(id).addEventListener("click", () => script.play());
byId("welcome-draw").addEventListener("click", () => pad.open());
byId("welcome-photo").addEventListener("click", choosePhoto);
byId("welcome-start").addEventListener("click", () => command("/start"));
byId("back").addEventListener("click", () => {
  leave();
  turn();
});
document.addEventListener("keydown", (event) => {
  const withOthers = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key !== "d" || script.isPlaying || withOthers || event.target.closest("input, textarea, dialog, [popover]")) return;
  event.preventDefault();
  pad.open();
});
onReturn(turn);
addEventListener("hashchange", () => {
  takeLink();
  reconnect();
});
takeLink();

follow({
  onState(state, isAnother) {
    if (isAnother) {
      tell(TEXTS.restarted);
      outbox.inherit(state.me);
    }
    offline = false;
    held = [];
    chats.reset(state);
    who.show();
    presence.connected(true);
    const start = takeStart();
    if (start) enter(PRIVATE);
    turn();
    if (start) command(start);
    early.splice(0).forEach(submit);
  },
  onEvent(event) {
    const chat = chats.of(event.chat);
    if (!chat) return reconnect();
    receive[event.type]?.(event, chat);
    return show();
  },
  onOffline(error) {
    presence.connected(false);
    if (!offline) tell(error.status ? error.message : TEXTS.unreachable);
    offline = true;
  },
});

const receive = {
  message({ message }, chat) {
    if (message.migrate_to_chat_id && chat === open) enter(String(message.migrate_to_chat_id));
    if (changesGroup(message)) return reconnect();
    if (chat.isMine(message) && outbox.busy) return held.push({ chat, message });
    chat.put(message);
    if (chat !== open || chat.isMine(message)) return null;
    presence.does(null);
    return conversation.arrived();
  },
  edited: ({ message }, chat) => chat.put(message),
  deleted: (event, chat) => chat.drop(event.message_id),
  action: ({ action }, chat) => chat === open && presence.does(action),
  bot(profile) {
    chats.profile(profile);
    showProfile();
  },
  added: reconnect, // to a group
  left(_, chat) {
    tell(TEXTS.notInGroup(chat.title));
    reconnect();
  },
};

function takeLink() {
  const group = identity.takeLink();
  if (!group) return;
  invited(group, () => {
    enter(group);
    reconnect();
  });
}

/** Shows the chat that is to be open. */
function turn() {
  if (!chats.me) return;
  const before = open;
  open = chats.get(place());
  const isAlone = chats.all.length === 1;
  byId("main").classList.toggle("alone", isAlone);
  byId("main").classList.toggle("at-list", !isAlone && place() === null && isNarrow());
  if (before?.key !== open.key || before.me.id !== open.me.id) conversation.open();
  composer.turnTo(`${identity.who()} ${open.key}`);
  showProfile();
  show();
}

/** Opens this chat, where it isn't open. */
function turnTo(key) {
  if (place() === key && open?.key === key) return;
  enter(key);
  turn();
}

function become(key) {
  identity.become(key);
  who.show();
  becameAnother();
}

function becameAnother() {
  chats.clear();
  open = undefined;
  conversation.open();
  composer.turnTo(`${identity.who()} ${place() ?? PRIVATE}`);
  reconnect();
}

function seed() {
  return Number(new URLSearchParams(location.search).get("seed") ?? 1);
}

function submit(draft) {
  if (!open) return early.push(draft);
  conversation.toEnd();
  return outbox.send(draft, open);
}

function command(text) {
  submit({ text });
}

async function pressed(messageId, data) {
  const { me, bot, isGroup, info } = open;
  try {
    const { text, alert } = await press(messageId, data, isGroup ? info.id : undefined);
    if (!text || me.id !== chats.me?.id) return;
    if (alert) insist(bot.first_name, text);
    else tell(text);
  } catch (error) {
    tell(error.message);
  }
}

function showProfile() {
  presence.of(open);
  composer.commands.set(open.commands);
  byId("welcome-title").textContent = TEXTS.welcome(open.bot.first_name);
  byId("welcome-description").textContent = chats.description || TEXTS.welcomeDescription;
}

function show() {
  if (!drawing) drawing = requestAnimationFrame(showNow); // many events, one drawing
}

function showNow() {
  drawing = 0;
  if (!open) return;
  if (!outbox.busy) for (const { chat, message } of held.splice(0)) chat.put(message);
  const pending = outbox.messagesTo(open);
  conversation.show(open, pending);
  const isSeen = !byId("main").classList.contains("at-list");
  if (isSeen) chats.read(open);
  list.show(chats, isSeen ? open.key : undefined);
  byId("welcome").hidden = open.isGroup || open.messages.length + pending.length > 0;
}
