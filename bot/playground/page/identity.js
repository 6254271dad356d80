/**
 * Who this page is: a person of the browser's own; or, by the key in the demo's link, any of its people.
 *
 * The server makes persons for everybody, but whoever has a person's number is that person. The admin's comes in the
 * page's address (#admin=…), which the demo prints on its terminal, and which no browser sends to any server. With it
 * the server tells the numbers of the others whom this page can be.
 */

import { TEXTS } from "./texts.js";

const LINK = /^#(admin|group)=(-?\d+)$/;
const WHO = "who"; // the key in sessionStorage: each tab can be somebody else

let cast = []; // Users of the demo: those whom the page can be, the one that it is at first in front

/**
 * If the page was opened by a link with a number, takes it out of the address: the admin's is kept.
 * @returns {string|null} that of the group to which the link invites
 */
export function takeLink() {
  const [, kind, number] = LINK.exec(location.hash) ?? [];
  if (!kind) return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  if (kind === "group") return number;
  localStorage.setItem("admin", number);
  return null;
}

/** The admin's number, null where this browser doesn't know it. */
export function admin() {
  return localStorage.getItem("admin");
}

/** Whom the page can be beside the admin and the browser's own person: Users. */
export function meet(people) {
  cast = people;
}

/** All whom the page can be: {key, name}. */
export function everybody() {
  const known = cast.map(({ id, first_name: name }) => ({ key: String(id), name }));
  if (known.length) return known;
  const own = { key: "person", name: TEXTS.you };
  return admin() ? [own, { key: "admin", name: TEXTS.admin }] : [own];
}

/** The key of who the page is, of those in `everybody`. */
export function who() {
  const wanted = sessionStorage.getItem(WHO);
  const all = everybody();
  return (all.find(({ key }) => key === wanted) ?? all[0]).key;
}

/** The number of who the page is, null for a person who isn't made yet. */
export function number() {
  return /^\d+$/.test(who()) ? who() : localStorage.getItem(who());
}

/** From now on the page is another one of them. */
export function become(key) {
  sessionStorage.setItem(WHO, key);
}

/** The server made a person for this browser, who was invited to this group, if to any. */
export function keep(made, group = "") {
  localStorage.setItem("person", String(made));
  localStorage.setItem("invited", group);
}

/** Whether the browser's own person came by an invitation to this group. */
export function isInvited(group) {
  return localStorage.getItem("invited") === group;
}

/** The server no longer knows the admin, so that the page is the browser's own person again. */
export function forgetAdmin() {
  localStorage.removeItem("admin");
  cast = [];
}

/** The server no longer knows who the page was. */
export function forget() {
  localStorage.removeItem(who());
  cast = [];
}
