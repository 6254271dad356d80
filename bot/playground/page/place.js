/**
 * Which chat is open: kept with the page's entry in the browser's history, so that a reload changes nothing and on a
 * phone "back" leads from a chat to the list.
 */

/** The key of the open chat; null where none was chosen, which on a phone is the list. */
export function place() {
  return history.state?.chat ?? null;
}

/** Opens a chat. From the list on a phone it is a step forward. */
export function enter(key) {
  if (place() === null && isNarrow()) history.pushState({ chat: key, fromList: true }, "");
  else history.replaceState({ ...history.state, chat: key }, "");
}

/** Goes back to the list. */
export function leave() {
  if (history.state?.fromList) history.back();
  else history.replaceState(null, "");
}

/** Whether the list is a view of its own. */
export function isNarrow() {
  return matchMedia("(max-width: 56.24rem)").matches;
}

/** Calls back when the browser's own buttons lead elsewhere. */
export function onReturn(listener) {
  addEventListener("popstate", listener);
}

/** The "/start …" that a deep link (?start=…) asks for, once; null where there is none. */
export function takeStart() {
  const payload = new URLSearchParams(location.search).get("start");
  if (payload === null) return null;
  history.replaceState(history.state, "", location.pathname);
  return /^[\w-]{1,64}$/.test(payload) ? `/start ${payload}` : "/start";
}
