/** One sentence over everything else for a few seconds: what went wrong, and what to do. */

import { byId } from "./dom.js";

const LASTS = 7000; // ms

const toast = byId("toast");
let timer = 0;

/** Shows the sentence; a later one takes its place. */
export function tell(sentence) {
  byId("toast-text").textContent = sentence;
  hush();
  toast.showPopover(); // again, so that it lies over a dialog opened meanwhile
  timer = setTimeout(hush, LASTS);
}

function hush() {
  clearTimeout(timer);
  toast.hidePopover();
}

byId("toast-close").addEventListener("click", hush);
toast.addEventListener("pointerenter", () => clearTimeout(timer));
toast.addEventListener("pointerleave", () => (timer = setTimeout(hush, LASTS)));
