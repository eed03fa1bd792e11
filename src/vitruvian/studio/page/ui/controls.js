/** Controls: the buttons, switches, choices and menus that panels are made of. */

import { element } from "./app.js";

const SVG = "http://www.w3.org/2000/svg";

/** A drawing of icons.svg. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `/page/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/**
 * A button with an icon, a text, or both. If the text is not shown, it is the label.
 * @param {string} name of the icon, or "" @param {string} text @param {() => void} press
 * @param {{class?: string, isShown?: boolean, title?: string}} [more]
 */
export function button(name, text, press, { class: kind = "quiet", isShown = false, title = text } = {}) {
  const made = element("button", { type: "button", title, class: isShown ? kind : `${kind} icon-only`, onclick: press });
  if (name) made.append(icon(name));
  made.append(element("span", { class: isShown ? "text" : "sr" }, text));
  return made;
}

/** Give a button another icon and another text. @param {HTMLElement} made @param {string} name @param {string} text */
export function relabel(made, name, text) {
  made.querySelector("use")?.setAttribute("href", `/page/icons.svg#${name}`);
  made.querySelector("span")?.replaceChildren(text);
}

/** A choice from a list. @param {Record<string, any>} properties
 * @param {[string, string][]} choices value and text @param {(value: string) => void} change */
export function select(properties, choices, change) {
  const made = element("select", { ...properties, onchange: () => change(made.value) });
  made.append(...choices.map(([value, text]) => element("option", { value }, text)));
  return made;
}

/** A row with a name and a control. @param {string} text @param {...HTMLElement} controls */
export const row = (text, ...controls) => element("label", { class: "row" }, element("span", {}, text), ...controls);

/** A switch with its label. @param {string} text @param {(on: boolean) => void} change @param {string} [title] */
export function toggle(text, change, title = "") {
  const input = element("input", { type: "checkbox", role: "switch", onchange: () => change(input.checked) });
  return { label: element("label", { class: "switch", title }, element("span", {}, text), input), input };
}

/**
 * A row of which one is chosen.
 * @param {string} legend @param {[string, string][]} choices value and text @param {(value: string) => void} change
 */
export function segmented(legend, choices, change) {
  const name = `choice-${legend}`;
  const inputs = choices.map(([value]) => element("input", { type: "radio", name, value, onchange: () => change(value) }));
  const labels = choices.map(([, text], i) => element("label", {}, inputs[i], element("span", {}, text)));
  const group = element("fieldset", { class: "segmented" }, element("legend", { class: "sr" }, legend), ...labels);
  return { group, choose: (/** @type {string} */ value) => inputs.forEach((i) => (i.checked = i.value === value)) };
}

/**
 * A button that opens a menu below itself; the browser closes it.
 * @param {HTMLButtonElement} opener @param {() => Node[]} content made anew at each opening
 */
export function menu(opener, content) {
  const list = element("div", { class: "menu", popover: "auto", id: `menu-${opener.id}` });
  opener.setAttribute("popovertarget", list.id);
  list.addEventListener("beforetoggle", (event) => {
    if (event.newState === "open") list.replaceChildren(...content());
  });
  list.addEventListener("toggle", (event) => {
    if (event.newState !== "open") return;
    const place = opener.getBoundingClientRect();
    list.style.top = `${place.bottom + 4}px`;
    list.style.left = `${Math.max(8, Math.min(place.left, innerWidth - list.offsetWidth - 8))}px`;
    list.querySelector("button")?.focus();
  });
  list.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("button")) list.hidePopover();
  });
  list.addEventListener("keydown", (event) => {
    const items = [...list.querySelectorAll("button:enabled, input")];
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way || !items.length) return;
    event.preventDefault();
    const next = items.indexOf(/** @type {Element} */ (document.activeElement)) + way;
    /** @type {HTMLElement} */ (items.at(next % items.length)).focus();
  });
  return list;
}
