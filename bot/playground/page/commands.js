/** The bot's commands as a list over the input: all of them by the button, the fitting ones while "/" is typed. */

import { byId, element } from "./dom.js";

/** The command menu of the input line. */
export class CommandMenu {
  #list = byId("commands");
  #button = byId("command-button");
  #commands = [];
  #chosen = 0;

  /**
   * @param {HTMLTextAreaElement} input
   * @param {(command: string) => void} onChoose with the command as it is sent: "/help"
   */
  constructor(input, onChoose) {
    this.input = input;
    this.onChoose = onChoose;
    this.#button.addEventListener("click", () => {
      if (this.#list.hidden) this.#show(this.#commands);
      else this.hide();
      input.focus();
    });
    document.addEventListener("click", (event) => {
      if (!event.target.closest("#commands, #command-button, #input")) this.hide();
    });
    this.hide();
  }

  /** Takes over the bot's commands. */
  set(commands) {
    this.#commands = commands;
    this.#button.hidden = commands.length === 0;
  }

  /** Shows the commands that begin with what was typed, if it is the beginning of a command. */
  filter(typed) {
    if (!/^\/\S*$/.test(typed)) return this.hide();
    this.#show(this.#commands.filter(({ command }) => command.startsWith(typed.slice(1).toLowerCase())));
  }

  /** Takes a key pressed in the input; true when it was meant for the menu. */
  key(event) {
    if (this.#list.hidden) return false;
    const options = [...this.#list.children];
    if (event.key === "ArrowDown") this.#choose((this.#chosen + 1) % options.length);
    else if (event.key === "ArrowUp") this.#choose((this.#chosen + options.length - 1) % options.length);
    else if (event.key === "Enter") options[this.#chosen].click();
    else if (event.key === "Tab") this.input.value = options[this.#chosen].dataset.command;
    else if (event.key === "Escape") this.hide();
    else return false;
    event.preventDefault();
    return true;
  }

  /** Closes the list. */
  hide() {
    this.#list.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  #show(commands) {
    if (commands.length === 0) return this.hide();
    this.#list.replaceChildren(...commands.map((one) => this.#option(one)));
    this.#list.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
    this.#choose(0);
  }

  #option({ command, description }) {
    const name = `/${command}`;
    const choose = () => {
      this.hide();
      this.onChoose(name);
    };
    const properties = { role: "option", id: `command-${command}`, "data-command": name, onclick: choose };
    return element("li", properties, element("b", {}, name), element("span", {}, description));
  }

  #choose(index) {
    this.#chosen = index;
    [...this.#list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const option = this.#list.children[index];
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }
}
