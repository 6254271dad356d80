/** The way to the playground's server: who this browser is, its chat's state, sending, and the stream of events. */

import { TEXTS } from "./texts.js";

const FIRST_PAUSE = 500; // ms before the first attempt to reconnect; doubled up to the longest
const LONGEST_PAUSE = 8000;
const SILENCE = 40_000; // ms: the server says something every 15 s, so a longer silence is a dead connection
const ANSWER_WITHIN = 20_000; // ms for a plain request
const UPLOAD_WITHIN = 120_000; // ms for a message with files
const PERSON = "person"; // the key in localStorage

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
 * @returns {Promise<Object[]>} the messages that it became
 * @throws {ServerError}
 */
export async function send(form) {
  const { messages } = await call(asPerson("/chat/send"), { method: "POST", body: form }, UPLOAD_WITHIN);
  return messages;
}

/**
 * Follows the chat as long as the page lives, and reconnects by itself: each time first the whole state, then events.
 * @param {Object} listener
 * @param {(state: Object, isAnother: boolean) => void} listener.onState with `isAnother` when the server no longer knew
 *   this browser's person, so that it is a new one now
 * @param {(event: Object) => void} listener.onEvent
 * @param {(error: Error) => void} listener.onOffline before each new attempt
 */
export async function follow({ onState, onEvent, onOffline }) {
  let pause = FIRST_PAUSE;
  for (;;) {
    try {
      const { events, isAnother } = await arrive(); // before the state, so that nothing falls between the two
      onState(await call(asPerson("/chat/state")), isAnother);
      pause = FIRST_PAUSE;
      for await (const event of events) onEvent(event);
      throw new ServerError(TEXTS.unreachable);
    } catch (error) {
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
  throw new ServerError(error ?? TEXTS.serverFailed(response.status), response.status);
}

let person = null;

function asPerson(path) {
  return `${path}?as=${encodeURIComponent(person)}`;
}

async function arrive() {
  person = localStorage.getItem(PERSON);
  const wasSomebody = person !== null;
  if (wasSomebody) {
    try {
      return { events: await openEvents(), isAnother: false };
    } catch (error) {
      if (error.status !== 404) throw error;
    }
  }
  await becomeSomebody();
  return { events: await openEvents(), isAnother: wasSomebody };
}

async function becomeSomebody() {
  const made = await call("/chat/people", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ first_name: TEXTS.you, language_code: navigator.language }),
  });
  person = String(made.id);
  localStorage.setItem(PERSON, person);
}

async function openEvents() {
  const connection = new AbortController();
  const response = await answered(asPerson("/chat/events"), { signal: connection.signal });
  return eventsOf(response.body, connection);
}

async function* eventsOf(body, connection) {
  for await (const line of linesOf(body, connection)) {
    if (line.startsWith("data:")) yield JSON.parse(line.slice("data:".length));
  }
}

async function* linesOf(body, connection) {
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
    const wake = () => {
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
