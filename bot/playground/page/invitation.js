/** An invitation to a group, by its link: asks for a name, under which this browser is a new person in it. */

import { join } from "./api.js";
import { byId, modal } from "./dom.js";
import { isInvited } from "./identity.js";
import { tell } from "./toast.js";

const dialog = modal("invitation");
let accept = () => {};

/** Calls `onJoined` once the browser's own person is in the group: at once where it is. */
export function invited(group, onJoined) {
  if (isInvited(group)) return onJoined();
  accept = async (name) => {
    try {
      await join(group, name);
      onJoined();
    } catch (error) {
      tell(error.message);
    }
  };
  return dialog.showModal();
}

byId("invitation-form").addEventListener("submit", () => accept(byId("invitation-name").value));
