/** Messages → what the log shows: days, and in each day its bubbles. No DOM: conversation.js makes that of it. */

import { serviceText } from "./service.js";
import { dayOf } from "./time.js";

const SAME_RUN = 300; // seconds: messages of one sender closer than this stand together

/**
 * Puts messages into days and bubbles; an album is one bubble.
 * @param {Object[]} messages oldest first
 * @returns {{day: string, date: number, rows: {key: string, messages: Object[], service: string|null, first: boolean,
 *   last: boolean}[]}[]} `service`: the sentence of what nobody said; `first` and `last`: of a run of bubbles by one
 *   sender
 */
export function inDays(messages) {
  const days = [];
  for (const row of inBubbles(messages)) {
    const { date } = row.messages[0];
    if (days.at(-1)?.day !== dayOf(date)) days.push({ day: dayOf(date), date, rows: [] });
    days.at(-1).rows.push(row);
  }
  for (const { rows } of days) markRuns(rows);
  return days;
}

function inBubbles(messages) {
  const rows = [];
  for (const message of messages) {
    const album = rows.at(-1)?.messages;
    const continues = message.media_group_id && album?.[0].media_group_id === message.media_group_id;
    if (continues && canTile(message) && canTile(album[0])) album.push(message);
    else rows.push(rowOf(message));
  }
  return rows;
}

function rowOf(message) {
  const key = message.pending?.key ?? `m${message.message_id}`;
  return { key, messages: [message], service: serviceText(message) };
}

function canTile(message) {
  return Boolean(message.photo);
}

function markRuns(rows) {
  rows.forEach((row, index) => {
    row.first = !inOneRun(rows[index - 1], row);
    row.last = !inOneRun(row, rows[index + 1]);
  });
}

function inOneRun(row, next) {
  if (!row || !next || row.service || next.service) return false;
  const [before] = row.messages;
  const [after] = next.messages;
  return before.from?.id === after.from?.id && after.date - before.date < SAME_RUN;
}
