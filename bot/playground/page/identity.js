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

/** Keeps the number if the page was opened by a link with one, and takes it out of the address. */
export function takeLink() {
  const [, kind, number] = LINK.exec(location.hash) ?? [];
  if (!kind) return;
  (kind === "admin" ? localStorage : sessionStorage).setItem(kind, number);
  history.replaceState(history.state, "", location.pathname + location.search);
}

/** The admin's number, null where this browser doesn't know it. */
export function admin() {
  return localStorage.getItem("admin");
}

/** The number of the group that a link invites to, once; null where there is none. */
export function takeInvitation() {
  const group = sessionStorage.getItem("group");
  sessionStorage.removeItem("group");
  return group;
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

/** The server made a person for this browser. */
export function keep(made) {
  localStorage.setItem("person", String(made));
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
