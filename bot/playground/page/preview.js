/** The look at what will be sent: pictures and files, a caption, and whether pictures go as photos or as files. */

import { byId, element, growing, icon, modal } from "./dom.js";
import { asPicture, forget } from "./outbox.js";
import { TEXTS } from "./texts.js";
import { tell } from "./toast.js";

const ALBUM = 10; // the most pictures that Telegram takes in one album

/** The dialog before files are sent. */
export class Preview {
  #dialog = modal("preview");
  #form = byId("preview-form");
  #caption = byId("preview-caption");
  #chosen = []; // {file, picture}: picture is null for what can't be shown

  /** @param {(drafts: Object[]) => void} onSend with messages as the outbox takes them */
  constructor(onSend) {
    this.onSend = onSend;
    this.fit = growing(this.#caption);
    this.#form.addEventListener("change", () => this.#show());
    this.#form.addEventListener("submit", () => this.#send());
    this.#dialog.addEventListener("close", () => this.#forget());
    this.#caption.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
  }

  /** Shows these files, beside those already chosen. */
  async add(files, asFile) {
    const added = await Promise.all(files.map(async (file) => ({ file, picture: await asPicture(file) })));
    this.#chosen.push(...added);
    const strange = added.find(({ file, picture }) => !picture && file.type.startsWith("image/"));
    if (strange && !asFile) tell(TEXTS.unreadable(strange.file.name));
    if (!this.#dialog.open) {
      this.#form.elements.as.value = asFile ? "file" : "photo";
      this.#dialog.showModal();
      this.fit();
      this.#caption.focus();
    }
    this.#show();
  }

  get #asPhotos() {
    return this.#form.elements.as.value === "photo" && this.#chosen.every(({ picture }) => picture);
  }

  #show() {
    if (this.#chosen.length === 0) return this.#dialog.close();
    const count = this.#chosen.length;
    byId("preview-title").textContent = this.#asPhotos ? TEXTS.sendPhotos(count) : TEXTS.sendFiles(count);
    byId("preview-choice").hidden = this.#chosen.some(({ picture }) => !picture);
    const list = byId("preview-files");
    list.className = this.#asPhotos ? `chosen of-${Math.min(count, 4)}` : "chosen as-files";
    list.replaceChildren(...this.#chosen.map((one) => this.#item(one)));
  }

  #item(one) {
    const { file, picture } = one;
    const { name } = file;
    const button = { type: "button", class: "round", "aria-label": TEXTS.remove(name) };
    const remove = () => {
      this.#chosen = this.#chosen.filter((other) => other !== one);
      this.#show();
    };
    return element(
      "li",
      {},
      picture ? element("img", { src: picture.url, alt: name }) : element("span", { class: "file-badge" }, icon("file")),
      element("span", { class: "file-name" }, name),
      element("button", { ...button, onclick: remove }, icon("close")),
    );
  }

  #send() {
    const drafts = this.#asPhotos ? this.#albums() : this.#chosen.map(({ file }) => ({ document: file }));
    const caption = this.#caption.value.trim();
    if (caption) drafts[0].caption = caption;
    this.onSend(drafts);
  }

  #albums() {
    const pictures = this.#chosen.splice(0).map(({ picture }) => picture);
    const starts = pictures.map((_, index) => index).filter((index) => index % ALBUM === 0);
    return starts.map((start) => ({ pictures: pictures.slice(start, start + ALBUM) }));
  }

  #forget() {
    forget(this.#chosen.splice(0).flatMap(({ picture }) => picture ?? []));
    this.#caption.value = "";
  }
}
