/** What Telegram itself says in a group: who came and went, and what the group became. */

import { TEXTS } from "./texts.js";

/** The sentence of a service message, null where a message isn't one. */
export function serviceText(message) {
  const { from, new_chat_members: came, left_chat_member: gone } = message;
  const by = nameOf(from);
  if (came) {
    const names = came.map(nameOf).join(", ");
    return came.some(({ id }) => id === from.id) ? TEXTS.joined(names) : TEXTS.added(by, names);
  }
  if (gone) return gone.id === from.id ? TEXTS.left(by) : TEXTS.removed(by, nameOf(gone));
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return TEXTS.madeSupergroup;
  if (message.forum_topic_created) return TEXTS.topic(message.forum_topic_created.name);
  return null;
}

/** Whether a message changes who is in the group, or what it is. */
export function changesGroup(message) {
  return Boolean(serviceText(message)) && !message.forum_topic_created;
}

function nameOf({ first_name: name }) {
  return name;
}
