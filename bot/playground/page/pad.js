/** The pad: a sheet of paper to draw on with mouse, finger or pen; what is drawn goes as a photo. */

import { byId, modal } from "./dom.js";
import { Hand } from "./hand.js";
import { Ink } from "./ink.js";
import { TEXTS } from "./texts.js";

const LONG_SIDE = 960; // pixels of the picture that is sent
const THINNEST = 0.008; // pen thickness in widths of the paper…
const STEP = 0.008; // …and what each step of the slider adds
const IN_LINE = 4; // digits that keys write side by side
const WRITTEN = 0.6; // of the paper's height: a digit that is written by itself…
const MOVE = 8; // …ms from point to point…
const LIFT = 300; // …and after a stroke

/** The drawing dialog. */
export class Pad {
  #dialog = modal("pad");
  #canvas = byId("pad-canvas");
  #width = byId("pad-width");
  #ink = new Ink();
  #hand = new Hand(Date.now()); // writes what is typed
  #typed = 0; // digits
  #pointer = null; // the pointer that draws; others (a palm, a second finger) are ignored

  /** @param {(file: File) => void} onSend */
  constructor(onSend) {
    this.onSend = onSend;
    this.#canvas.addEventListener("pointerdown", (event) => this.#down(event));
    this.#canvas.addEventListener("pointermove", (event) => this.#move(event));
    // A finger on the paper is no gesture of the browser's, which would swallow the next tap.
    this.#canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    for (const end of ["pointerup", "pointercancel"]) this.#canvas.addEventListener(end, (event) => this.#up(event));
    byId("pad-undo").addEventListener("click", () => this.#change(() => this.#ink.undo()));
    byId("pad-clear").addEventListener("click", () => this.#change(() => this.#ink.clear()));
    byId("pad-send").addEventListener("click", () => this.#send());
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.#paint()).observe(this.#canvas);
    this.#paint();
  }

  /** Opens the pad; a drawing that was left is still there. */
  open() {
    this.#dialog.showModal();
  }

  /**
   * Lets a hand write on it, beside what the person has drawn: over the chat, without taking the keyboard.
   * @param {(place: {x: number, y: number, height: number}) => {width: number, points: number[][]}[]} strokesAt
   * @param {string} title
   * @param {(milliseconds: number) => Promise<void>} rest how to wait
   * @returns {Promise<File>} the picture
   */
  async write(strokesAt, title, rest) {
    const own = this.#ink;
    this.#ink = new Ink();
    byId("pad-title").textContent = title;
    this.#dialog.inert = true;
    const focused = document.activeElement;
    this.#dialog.show();
    focused.focus();
    try {
      const place = { x: 0.5, y: this.#tall / 2, height: this.#tall * WRITTEN };
      for (const stroke of strokesAt(place)) await this.#trace(stroke, rest);
      await rest(LIFT);
      return await this.#toFile();
    } finally {
      this.#dialog.close();
      this.#dialog.inert = false;
      byId("pad-title").textContent = TEXTS.draw;
      this.#ink = own;
      this.#paint();
    }
  }

  async #trace({ width, points }, rest) {
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (const [index, point] of points.entries()) {
      if (index) this.#ink.extend(point);
      else this.#ink.begin(point, width);
      if (!isStill) this.#paint();
      if (!isStill) await rest(MOVE);
    }
    this.#paint();
    await rest(LIFT);
  }

  #down(event) {
    if (this.#pointer !== null || event.button !== 0) return;
    event.preventDefault();
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#change(() => this.#ink.begin(this.#point(event), THINNEST + STEP * Number(this.#width.value)));
  }

  #move(event) {
    if (event.pointerId !== this.#pointer) return;
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) this.#ink.extend(this.#point(move));
    this.#paint();
  }

  #up(event) {
    if (event.pointerId === this.#pointer) this.#pointer = null;
  }

  #point(event) {
    const { left, top, width } = this.#canvas.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / width];
  }

  #change(change) {
    change();
    this.#paint();
  }

  #paint() {
    const { clientWidth, clientHeight } = this.#canvas;
    const [width, height] = [clientWidth, clientHeight].map((side) => Math.round(side * devicePixelRatio));
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    this.#ink.paint(this.#canvas);
    byId("pad-hint").hidden = !this.#ink.isEmpty;
    for (const id of ["pad-undo", "pad-clear", "pad-send"]) byId(id).disabled = this.#ink.isEmpty;
  }

  #key(event) {
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) this.#change(() => this.#ink.undo());
    else if (/^\d$/.test(event.key)) this.#change(() => this.#type(event.key));
    else if (event.key === "Enter" && !event.target.closest("button")) this.#send();
    else return;
    event.preventDefault();
  }

  async #send() {
    if (this.#ink.isEmpty) return;
    const file = await this.#toFile();
    this.#ink.clear();
    this.#paint();
    this.#dialog.close();
    this.onSend(file);
  }

  /** A key writes its digit: who has no pen can draw, too. The paper holds two lines of them. */
  #type(digit) {
    if (this.#ink.isEmpty) this.#typed = 0;
    const [column, line] = [this.#typed % IN_LINE, Math.floor(this.#typed / IN_LINE) % 2];
    const tall = this.#tall;
    const place = { x: (column + 0.5) / IN_LINE, y: tall * (0.28 + 0.46 * line), height: tall * 0.3 };
    for (const { width, points } of this.#hand.write(digit, place)) {
      this.#ink.begin(points[0], width);
      for (const point of points.slice(1)) this.#ink.extend(point);
    }
    this.#typed += 1;
  }

  /** The paper's height, in widths. */
  get #tall() {
    return this.#canvas.clientHeight / this.#canvas.clientWidth;
  }

  #toFile() {
    const { clientWidth, clientHeight } = this.#canvas;
    const scale = LONG_SIDE / Math.max(clientWidth, clientHeight);
    const sides = [clientWidth, clientHeight].map((side) => Math.round(side * scale));
    return this.#ink.toFile(...sides, TEXTS.drawing);
  }
}
