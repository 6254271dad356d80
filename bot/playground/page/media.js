/** Pictures, albums, files and stickers of a message as DOM. */

import { fileUrl } from "./api.js";
import { element, icon, unseen } from "./dom.js";
import { TEXTS } from "./texts.js";

const SHOWN = 400; // CSS pixels: the largest that a picture in a bubble gets
const TALLEST = 0.6; // width to height; what goes beyond is cut off at its ends until it is opened
const WIDEST = 4;
const DRAWABLE = /^image\/(png|jpeg|webp|gif|bmp)$/;
const UNITS = ["B", "KB", "MB", "GB"];

/** The address of one size of a photo, whether it is on the server or still here. */
export function photoUrl(size) {
  return size.url ?? fileUrl(size.file_id);
}

/** The largest size of a message's photo. */
export function largest(message) {
  return message.photo.reduce((best, size) => (size.width > best.width ? size : best));
}

/** The smallest size that is sharp when shown `pixels` wide. */
export function sizeFor(message, pixels) {
  const wanted = pixels * devicePixelRatio;
  const enough = message.photo.filter((size) => Math.max(size.width, size.height) >= wanted);
  return enough.reduce((best, size) => (size.width < best.width ? size : best), enough[0] ?? largest(message));
}

/**
 * The photos of a bubble: one in its own proportions, several as a grid.
 * @param {Object[]} messages
 * @param {string} sender
 * @param {(message: Object) => void} onOpen
 */
export function photos(messages, sender, onOpen) {
  const tiles = messages.map((message) => {
    const size = sizeFor(message, SHOWN);
    const { width, height } = size;
    const image = element("img", { src: photoUrl(size), alt: "", width, height, draggable: false });
    const open = { type: "button", class: "photo", "aria-label": TEXTS.photoOf(sender), onclick: () => onOpen(message) };
    const tile = element("button", open, image);
    tile.style.setProperty("--wide", Math.min(Math.max(width / height, TALLEST), WIDEST));
    return tile;
  });
  if (tiles.length === 1) return tiles[0];
  const grid = { class: `album of-${tiles.length}`, role: "group", "aria-label": TEXTS.album(tiles.length) };
  return element("div", grid, ...tiles);
}

/** A file (a Bot API Document or its like) as a row to download; a picture among them shows itself, and opens. */
export function file(sent, onOpen) {
  const name = sent.file_name ?? TEXTS.file;
  const about = element("span", { class: "file-about" }, element("b", {}, name), element("small", {}, sizeOf(sent)));
  if (!sent.file_id) return element("div", { class: "file" }, badge(name), about);
  const download = { class: "file", href: fileUrl(sent.file_id), download: name };
  const invitation = unseen(`${TEXTS.download} `);
  if (!DRAWABLE.test(sent.mime_type)) return element("a", download, badge(name), invitation, about);
  const picture = thumbnail(sent, name, onOpen);
  return element("div", { class: "file-row" }, picture, element("a", download, invitation, about));
}

/** A sticker: the picture itself when it stands still, else what it stands for. */
export function sticker(sent) {
  const moves = sent.is_animated || sent.is_video;
  if (moves) return element("p", { class: "stand-in" }, sent.emoji ?? "", " ", TEXTS.animatedSticker);
  return element("img", {
    class: "sticker",
    src: fileUrl(sent.file_id),
    alt: `${TEXTS.sticker} ${sent.emoji ?? ""}`.trim(),
    width: sent.width,
    height: sent.height,
  });
}

/** A message's picture as the viewer shows it, {url, name for a download}; null where there is none. */
export function viewable(message) {
  if (message.photo) return { url: photoUrl(largest(message)), name: "photo.jpg" };
  const sent = message.document;
  if (!sent?.file_id || !DRAWABLE.test(sent.mime_type)) return null;
  return { url: fileUrl(sent.file_id), name: sent.file_name ?? "picture" };
}

function thumbnail(sent, name, onclick) {
  const source = sent.thumbnail ?? sent.thumb ?? sent;
  const onerror = () => image.replaceWith(badge(name));
  const image = element("img", { src: fileUrl(source.file_id), alt: "", draggable: false, onerror });
  const open = { type: "button", class: "file-picture", "aria-label": TEXTS.openFile(name), onclick };
  return element("button", open, image);
}

function badge(name) {
  const ending = /\.([a-z0-9]{1,4})$/i.exec(name)?.[1];
  return element("span", { class: "file-badge", "aria-hidden": "true" }, ending ? ending.toLowerCase() : icon("file"));
}

function sizeOf({ file_size: bytes }) {
  if (bytes === undefined) return "";
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const amount = bytes / 1000 ** power;
  return `${amount.toFixed(power && amount < 10 ? 1 : 0)} ${UNITS[power]}`;
}
