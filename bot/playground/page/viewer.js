/** The viewer: pictures of the conversation, large, one after the other. */

import { byId, modal } from "./dom.js";
import { viewable } from "./media.js";
import { TEXTS } from "./texts.js";
import { clock, dayName } from "./time.js";
import { Zoom } from "./zoom.js";

const STEP = 1.5; // times, by button or key

/** The dialog that shows pictures large. */
export class Viewer {
  #dialog = modal("viewer");
  #picture = byId("viewer-picture");
  #stage = byId("viewer-stage");
  #zoom = new Zoom(this.#stage, this.#picture);
  #messages = [];
  #index = 0;

  constructor() {
    const presses = {
      "viewer-in": () => this.#zoom.by(STEP),
      "viewer-out": () => this.#zoom.by(1 / STEP),
      "viewer-previous": () => this.#turn(-1),
      "viewer-next": () => this.#turn(1),
    };
    for (const [id, press] of Object.entries(presses)) byId(id).addEventListener("click", press);
    this.#stage.addEventListener("click", ({ target }) => target === this.#stage && this.#dialog.close());
    this.#dialog.addEventListener("keydown", ({ key }) => {
      if (key === "ArrowLeft") this.#turn(-1);
      else if (key === "ArrowRight") this.#turn(1);
      else if (key === "+" || key === "=") this.#zoom.by(STEP);
      else if (key === "-") this.#zoom.by(1 / STEP);
      else if (key === "0") this.#zoom.reset();
    });
  }

  /**
   * Opens at one message.
   * @param {Object} message with a photo, or a picture as its document
   * @param {Object[]} messages of the conversation; those with pictures can be leafed through
   */
  open(message, messages) {
    const all = messages.filter(viewable);
    const index = all.findIndex((one) => one.message_id === message.message_id);
    this.#messages = index < 0 ? [message] : all;
    this.#show(Math.max(index, 0));
    this.#dialog.showModal();
  }

  #turn(step) {
    const index = this.#index + step;
    if (index in this.#messages) this.#show(index);
  }

  #show(index) {
    this.#index = index;
    const message = this.#messages[index];
    const { url, name } = viewable(message);
    this.#picture.src = url;
    this.#picture.alt = message.caption ?? TEXTS.picture;
    this.#zoom.reset();
    byId("viewer-title").textContent =
      `${TEXTS.pictureOf(index + 1, this.#messages.length)} · ${dayName(message.date)}, ${clock(message.date)}`;
    byId("viewer-caption").textContent = message.caption ?? "";
    Object.assign(byId("viewer-download"), { href: url, download: name });
    byId("viewer-previous").hidden = index === 0;
    byId("viewer-next").hidden = index === this.#messages.length - 1;
  }
}
