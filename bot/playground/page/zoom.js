/** A picture in a frame that can be enlarged and moved: wheel, double click, dragging, two fingers. */

const LARGEST = 8; // times
const CLOSER = 2.5; // times: what a double click gives

/** Lets `picture` be zoomed within `stage`. */
export class Zoom {
  #scale = 1;
  #x = 0;
  #y = 0;
  #pointers = new Map();

  /**
   * @param {HTMLElement} stage
   * @param {HTMLElement} picture
   */
  constructor(stage, picture) {
    Object.assign(this, { stage, picture });
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    stage.addEventListener("dblclick", (event) => this.by(this.#scale > 1 ? 0 : CLOSER, event));
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) {
      stage.addEventListener(end, (event) => this.#pointers.delete(event.pointerId));
    }
  }

  /** Back to the whole picture. */
  reset() {
    [this.#scale, this.#x, this.#y] = [1, 0, 0];
    this.#apply();
  }

  /** Enlarges by a factor, holding still what is under `at` ({clientX, clientY}), or the middle. */
  by(factor, at) {
    const { left, top, width, height } = this.stage.getBoundingClientRect();
    const [x, y] = at ? [at.clientX - left - width / 2, at.clientY - top - height / 2] : [0, 0];
    const scale = Math.min(Math.max(this.#scale * factor, 1), LARGEST);
    this.#x = x - ((x - this.#x) * scale) / this.#scale;
    this.#y = y - ((y - this.#y) * scale) / this.#scale;
    this.#scale = scale;
    this.#apply();
  }

  #wheel(event) {
    event.preventDefault();
    this.by(Math.exp(-event.deltaY / 300), event);
  }

  #down(event) {
    this.#pointers.set(event.pointerId, event);
    if (event.target === this.picture) this.stage.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const other = [...this.#pointers.values()].find((one) => one.pointerId !== event.pointerId);
    if (other) this.by(distance(event, other) / Math.max(distance(before, other), 1), middle(event, other));
    this.#x += (event.clientX - before.clientX) / (other ? 2 : 1);
    this.#y += (event.clientY - before.clientY) / (other ? 2 : 1);
    this.#pointers.set(event.pointerId, event);
    this.#apply();
  }

  #apply() {
    const reach = (side) => Math.max(0, ((this.#scale - 1) * side) / 2);
    const within = (value, most) => Math.min(Math.max(value, -most), most);
    this.#x = within(this.#x, reach(this.picture.clientWidth));
    this.#y = within(this.#y, reach(this.picture.clientHeight));
    this.picture.style.transform = `translate(${this.#x}px, ${this.#y}px) scale(${this.#scale})`;
    this.stage.classList.toggle("zoomed", this.#scale > 1);
  }
}

function distance(a, b) {
  return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
}

function middle(a, b) {
  return { clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 };
}
