/** The demo that plays by itself: one step after the other with its caption; it can be paused, hurried and stopped. */

import { byId } from "./dom.js";
import { TEXTS } from "./texts.js";

const TICK = 16; // ms
const PATIENCE = 60_000; // ms that the bot has for what a step waits for

class Stopped extends Error {}

/** Plays a story, with a bar in the place of the composer. */
export class Script {
  #bar = byId("script");
  #isPlaying = false;
  #isPaused = false;
  #isHurried = false; // the step waits for nothing but the bot
  #isStopped = false;

  /**
   * @param {Object} listener
   * @param {(script: Script) => {steps: {caption: string, play: () => Promise<void>}[], tidy: () => Promise<void>}}
   *   listener.story tidied up also where it failed or was stopped
   * @param {(error: Error) => void} listener.onFailed
   * @param {() => void} listener.onEnd
   */
  constructor({ story, onFailed, onEnd }) {
    Object.assign(this, { story, onFailed, onEnd });
    byId("script-pause").addEventListener("click", () => this.#pause(!this.#isPaused));
    byId("script-next").addEventListener("click", () => this.#hurry());
    byId("script-stop").addEventListener("click", () => this.stop());
    document.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("visibilitychange", () => document.hidden && this.#isPlaying && this.#pause(true));
  }

  get isPlaying() {
    return this.#isPlaying;
  }

  /** Plays it from the beginning; nothing where it plays already. */
  async play() {
    if (this.#isPlaying) return;
    this.#isPlaying = true;
    this.#isStopped = false;
    this.#pause(false);
    this.#show(true);
    const { steps, tidy } = this.story(this);
    try {
      for (const [index, step] of steps.entries()) await this.#step(step, index, steps.length);
    } catch (error) {
      if (!(error instanceof Stopped)) this.onFailed(error);
    }
    await tidy().catch(this.onFailed);
    this.#isPlaying = false;
    this.#show(false);
    this.onEnd();
  }

  /** Ends it, as soon as what was begun is done. */
  stop() {
    this.#isStopped = true;
  }

  /** Says what is to be seen now. */
  caption(text) {
    byId("script-caption").textContent = text;
  }

  /** Waits for so many milliseconds in which it isn't paused; "next" ends that. */
  async rest(milliseconds) {
    for (let left = milliseconds; this.#isPaused || (left > 0 && !this.#isHurried); ) left -= await this.#tick();
    this.#check();
  }

  /**
   * Waits until there is something: gives it.
   * @param {() => any} find
   * @throws {Error} where it didn't come in time
   */
  async until(find) {
    for (let left = PATIENCE; ; left -= await this.#tick()) {
      const found = find();
      if (found) return found;
      if (left <= 0) throw new Error(TEXTS.script.noAnswer);
    }
  }

  async #step({ caption, play }, index, count) {
    this.#isHurried = false;
    this.#bar.dataset.step = String(index + 1);
    byId("script-progress").max = count;
    byId("script-progress").value = index + 1;
    byId("script-count").textContent = TEXTS.script.step(index + 1, count);
    this.caption(caption);
    await play();
  }

  /** A moment goes by; gives the milliseconds of it in which it wasn't paused. */
  async #tick() {
    const began = performance.now();
    await new Promise((resolve) => setTimeout(resolve, TICK));
    this.#check();
    return this.#isPaused ? 0 : performance.now() - began;
  }

  #check() {
    if (this.#isStopped) throw new Stopped();
  }

  #pause(is) {
    this.#isPaused = is;
    this.#bar.classList.toggle("paused", is);
    const button = byId("script-pause");
    button.title = is ? TEXTS.script.resume : TEXTS.script.pause;
    button.setAttribute("aria-label", button.title);
  }

  #hurry() {
    this.#pause(false);
    this.#isHurried = true;
  }

  #show(is) {
    byId("main").classList.toggle("playing", is);
    this.#bar.hidden = !is;
    byId("composer").hidden = is;
    if (is) byId("script-pause").focus();
  }

  #key(event) {
    if (!this.#isPlaying || event.target.closest("dialog, [popover], input, textarea")) return;
    const isOnButton = event.target.closest("button, a");
    if (event.key === "Escape") this.stop();
    else if (event.key === "ArrowRight") this.#hurry();
    else if (event.key === " " && !isOnButton) this.#pause(!this.#isPaused);
    else return;
    event.preventDefault();
  }
}
