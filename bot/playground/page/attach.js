/** The ways in which pictures and files come to the page: the attach menu, the camera, the clipboard, drag and drop. */

import { byId } from "./dom.js";
import { menu } from "./menu.js";

/**
 * Listens to all of them.
 * @param {(files: File[], asFile: boolean) => void} onFiles
 * @returns {() => void} opens the choice of a photo
 */
export function attachments(onFiles) {
  const inputs = { photo: false, camera: false, file: true };
  for (const [name, asFile] of Object.entries(inputs)) {
    const input = byId(`${name}-input`);
    byId(`attach-${name}`).addEventListener("click", () => {
      byId("attach-menu").hidePopover();
      input.click();
    });
    input.addEventListener("change", () => {
      if (input.files.length) onFiles([...input.files], asFile);
      input.value = "";
    });
  }
  byId("attach-camera").hidden = !matchMedia("(pointer: coarse)").matches;
  menu(byId("attach"), byId("attach-menu"), ({ left, top }) => ({
    left: `${left}px`,
    bottom: `${innerHeight - top + 14}px`,
  }));
  paste(onFiles);
  drop(onFiles);
  return () => byId("photo-input").click();
}

function paste(onFiles) {
  document.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0 || taken()) return;
    event.preventDefault();
    onFiles(files, false);
  });
}

function drop(onFiles) {
  const overlay = byId("drop");
  const carriesFiles = (event) => event.dataTransfer.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    overlay.hidden = taken();
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) overlay.hidden = true;
  });
  addEventListener("drop", (event) => {
    overlay.hidden = true;
    if (!carriesFiles(event)) return;
    event.preventDefault();
    if (!taken()) onFiles([...event.dataTransfer.files], false);
  });
}

/** Whether a dialog other than the preview, which takes more files, is in the way. */
function taken() {
  return document.querySelector("dialog[open]:not(#preview)") !== null;
}
