/**
 * Who this page is in the chat: a person of the browser's own, or the bot's admin.
 *
 * The server makes persons for everybody, but whoever has the admin's number is the admin. It comes in the page's
 * address (#admin=…), which the demo prints on its terminal, and which no browser sends to any server.
 */

const LINK = /^#admin=(\d+)$/;
const ROLE = "role"; // the key in sessionStorage: each tab can be somebody else

/** Keeps the admin's number if the page was opened by its link, and takes it out of the address. */
export function takeLink() {
  const number = LINK.exec(location.hash)?.[1];
  if (!number) return;
  localStorage.setItem("admin", number);
  history.replaceState(null, "", location.pathname);
}

/** "person" or "admin". */
export function role() {
  return isAdminKnown() && sessionStorage.getItem(ROLE) === "admin" ? "admin" : "person";
}

/** The number of who the page is, null for a person who isn't made yet. */
export function number() {
  return localStorage.getItem(role());
}

/** Whether the page can be the admin. */
export function isAdminKnown() {
  return localStorage.getItem("admin") !== null;
}

/** From now on the page is the other of the two. */
export function become(wanted) {
  sessionStorage.setItem(ROLE, wanted);
}

/** The server made a person for this browser. */
export function keep(made) {
  localStorage.setItem(role(), String(made));
}

/** The server no longer knows who the page was. */
export function forget() {
  localStorage.removeItem(role());
}
