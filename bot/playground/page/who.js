/** The switch at the top: in whose name the page writes. */

import { avatar } from "./avatar.js";
import { byId, element } from "./dom.js";
import * as identity from "./identity.js";
import { menu } from "./menu.js";
import { TEXTS } from "./texts.js";

/** The button with the page's own name, and the menu of all whom it can be. */
export class Who {
  #button = byId("identity");
  #list = byId("identity-menu");

  /** @param {() => void} onChange called when the page has become somebody else */
  constructor(onChange) {
    this.onChange = onChange;
    menu(this.#button, this.#list, ({ right, bottom }) => ({ right: `${innerWidth - right}px`, top: `${bottom + 6}px` }));
  }

  /** Shows who the page is now, where it can be several. */
  show() {
    const everybody = identity.everybody();
    const now = everybody.find(({ key }) => key === identity.who());
    this.#button.hidden = everybody.length < 2;
    this.#button.setAttribute("aria-label", TEXTS.youAre(now.name));
    this.#button.replaceChildren(avatar(now.name), element("span", {}, now.name));
    this.#list.replaceChildren(...everybody.map((one) => this.#item(one, one === now)));
  }

  #item({ key, name }, isNow) {
    const about = { type: "button", role: "menuitemradio", "aria-checked": String(isNow) };
    const onclick = () => {
      this.#list.hidePopover();
      identity.become(key);
      this.show();
      this.onChange();
    };
    return element("button", { ...about, onclick }, avatar(name), element("span", {}, name));
  }
}
