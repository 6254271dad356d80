/** The way to the playground's server: a chat's state, sending, pressing buttons, and the stream of events. */

import * as identity from "./identity.js";
import { TEXTS } from "./texts.js";

const FIRST_PAUSE = 500; // ms before the first attempt to reconnect; doubled up to the longest
const LONGEST_PAUSE = 8000;
const SILENCE = 40_000; // ms: the server says something every 15 s, so a longer silence is a dead connection
const ANSWER_WITHIN = 20_000; // ms for a plain request
const UPLOAD_WITHIN = 120_000; // ms for a message with files

/** What went wrong between page and server, as a sentence for people; `status` is 0 when there was no answer. */
export class ServerError extends Error {
  constructor(sentence, status = 0) {
    super(sentence);
    this.status = status;
  }
}

/** The address of a file of the chat. */
export function fileUrl(fileId) {
  return `/chat/file/${encodeURIComponent(fileId)}`;
}

/**
 * Sends a message to the bot.
 * @param {FormData} form as `POST /chat/send` takes it
 * @param {number} sender whose message it is
 * @param {number} [group] where; else in private
 * @returns {Promise<Object[]>} the messages that it became
 * @throws {ServerError}
 */
export async function send(form, sender, group) {
  const { messages } = await call(as("/chat/send", sender, group), { method: "POST", body: form }, UPLOAD_WITHIN);
  return messages;
}

/**
 * Presses a button of a message, in a group or in private.
 * @returns {Promise<{text: string, alert: boolean}>} what the bot answers
 * @throws {ServerError} also where it doesn't answer
 */
export function press(messageId, data, group) {
  return call(as("/chat/press", undefined, group), json({ message_id: messageId, data }));
}

/**
 * Makes a new person for this browser, in the group to which it was invited.
 * @throws {ServerError}
 */
export async function join(group, name) {
  const wanted = { first_name: name, language_code: navigator.language, group };
  identity.keep((await call("/chat/people", json(wanted))).id, group);
}

let switched = false; // there is something else to follow
let connection = new AbortController();
let wake = () => {};

/** Begins anew: the page has become somebody else, or is in other groups than before. */
export function reconnect() {
  switched = true;
  connection.abort();
  wake();
}

/**
 * Follows the person's chats as long as the page lives, and reconnects by itself: each time first the whole state, then events.
 * @param {Object} listener
 * @param {(state: Object, isAnother: boolean) => void} listener.onState with `isAnother` when the server no longer knew
 *   who the page was, so that it is a new person now
 * @param {(event: Object) => void} listener.onEvent
 * @param {(error: Error) => void} listener.onOffline before each new attempt
 */
export async function follow({ onState, onEvent, onOffline }) {
  let pause = FIRST_PAUSE;
  for (;;) {
    switched = false;
    try {
      const { events, isAnother } = await arrive(); // before the state, so that nothing falls between the two
      onState(await call(as("/chat/state")), isAnother);
      pause = FIRST_PAUSE;
      for await (const event of events) onEvent(event);
      throw new ServerError(TEXTS.unreachable);
    } catch (error) {
      if (switched) continue;
      if (!(error instanceof ServerError)) console.error(error);
      onOffline(error);
    }
    await pauseOrWake(pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE);
  }
}

async function call(address, options = {}, within = ANSWER_WITHIN) {
  return (await answered(address, { ...options, signal: AbortSignal.timeout(within) })).json();
}

async function answered(address, options) {
  const response = await fetch(address, options).catch(() => {
    throw new ServerError(TEXTS.notReached);
  });
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({}));
  throw new ServerError(sentenceFor(response.status, error), response.status);
}

/** The server's own sentence, but for what it says in the words of HTTP. */
function sentenceFor(status, error) {
  if (status === 413) return TEXTS.tooLarge;
  if (status === 429) return TEXTS.tooMuch;
  return (status !== 500 && error) || TEXTS.serverFailed(status);
}

function as(path, person = identity.number(), group = "") {
  return `${path}?${new URLSearchParams({ as: person, chat: group })}`;
}

function json(content) {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) };
}

async function arrive() {
  for (let isAnother = !(await meetTheCast()); ; isAnother = true) {
    if (!identity.number()) await becomeSomebody();
    try {
      return { events: await openEvents(), isAnother };
    } catch (error) {
      if (error.status !== 404) throw error;
      identity.forget();
    }
  }
}

/** Learns whom the admin's link lets the page be; false when the server no longer knows the admin. */
async function meetTheCast() {
  const admin = identity.admin();
  if (!admin) return true;
  try {
    const { people } = await call(as("/chat/cast", admin), json({ language_code: navigator.language }));
    identity.meet(people);
    return true;
  } catch (error) {
    if (error.status !== 404) throw error;
    identity.forgetAdmin();
    return false;
  }
}

async function becomeSomebody() {
  const wanted = { first_name: TEXTS.you, language_code: navigator.language };
  identity.keep((await call("/chat/people", json(wanted))).id);
}

async function openEvents() {
  connection.abort(); // an earlier one that was left half-way
  connection = new AbortController();
  const response = await answered(as("/chat/events"), { signal: connection.signal });
  return eventsOf(response.body);
}

async function* eventsOf(body) {
  for await (const line of linesOf(body)) {
    if (line.startsWith("data:")) yield JSON.parse(line.slice("data:".length));
  }
}

async function* linesOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const watchdog = setTimeout(() => connection.abort(), SILENCE);
      const { value, done } = await reader.read().finally(() => clearTimeout(watchdog));
      if (done) return;
      const lines = (rest + value).split(/\r?\n/);
      rest = lines.pop();
      yield* lines;
    }
  } catch {
    throw new ServerError(TEXTS.unreachable);
  } finally {
    connection.abort();
  }
}

function pauseOrWake(milliseconds) {
  return new Promise((resolve) => {
    wake = () => {
      clearTimeout(timer);
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
  });
}
