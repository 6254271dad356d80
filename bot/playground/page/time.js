/** Bot API dates (seconds since 1970) as people read them. */

import { TEXTS } from "./texts.js";

const clockFormat = new Intl.DateTimeFormat(navigator.language, { hour: "numeric", minute: "2-digit" });
const pageLanguage = document.documentElement.lang;
const dayFormat = new Intl.DateTimeFormat(pageLanguage, { day: "numeric", month: "long" });
const yearFormat = new Intl.DateTimeFormat(pageLanguage, { day: "numeric", month: "long", year: "numeric" });

const dateOf = (seconds) => new Date(seconds * 1000);

/** The time of day, as the person's own language writes it. */
export function clock(seconds) {
  return clockFormat.format(dateOf(seconds));
}

/** A name that all moments of one day, here, share. */
export function dayOf(seconds) {
  return dateOf(seconds).toDateString();
}

/** "Today", "Yesterday", "24 November", or with the year when it is another one. */
export function dayName(seconds, now = new Date()) {
  const date = dateOf(seconds);
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (date.toDateString() === now.toDateString()) return TEXTS.today;
  if (date.toDateString() === yesterday.toDateString()) return TEXTS.yesterday;
  return (date.getFullYear() === now.getFullYear() ? dayFormat : yearFormat).format(date);
}
