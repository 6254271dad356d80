/** The ways in which pictures and files come to the page: the attach menu, the camera, the clipboard, drag and drop. */

import { byId } from "./dom.js";

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
  menu();
  paste(onFiles);
  drop(onFiles);
  return () => byId("photo-input").click();
}

function menu() {
  const [button, list] = [byId("attach"), byId("attach-menu")];
  button.popoverTargetElement = list;
  byId("attach-camera").hidden = !matchMedia("(pointer: coarse)").matches;
  const items = () => [...list.children].filter((item) => !item.hidden);
  list.addEventListener("toggle", ({ newState }) => {
    button.setAttribute("aria-expanded", String(newState === "open"));
    if (newState !== "open") return;
    const { left, top } = button.getBoundingClientRect();
    list.style.left = `${left}px`;
    list.style.bottom = `${innerHeight - top + 14}px`;
    items()[0].focus();
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = items().indexOf(document.activeElement);
    items().at((at + step) % items().length).focus();
  });
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
