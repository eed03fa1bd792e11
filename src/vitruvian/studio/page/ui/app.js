/** App: what every module of the page is given. */

/** @import { Engine } from "./engine.js" */
/** @import { History } from "./history.js" */
/** @import { Store } from "./store.js" */
/** @import { Actions, Info, Settings } from "./types.js" */

/**
 * @typedef {object} App
 * @property {Store} store
 * @property {Info} info
 * @property {Engine} engine
 * @property {Actions} actions
 * @property {History} history replaced when a source is opened
 * @property {(text: string, hint?: string, kind?: "info"|"error") => void} tell a message for the user
 */

/** @type {Settings} */
export const SETTINGS = {
  skeleton: true,
  landmarks: true,
  hidden: true,
  box: false,
  roi: false,
  score: false,
  ids: true,
  mask: false,
  fps: true,
  xyz: false,
  minVisibility: 0.5,
  mirror: false,
  locked: true,
  codec: "auto",
  space: "world",
  grid: true,
  trail: false,
  follow: true,
  person: null,
  spin: "off",
  spinSpeed: 1,
  angles: ["left_knee", "right_knee"],
  exercise: "",
  theme: "auto",
};

/**
 * An element with attributes and children; text is text, never HTML.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [properties] "class", "aria-...", "data-..." and "for" are attributes
 * @param {...(Node|string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (/^(class|for|role|style|aria-|data-)/.test(name)) made.setAttribute(name, value);
    else Reflect.set(made, name, value);
  }
  made.append(...children);
  return made;
}

/** An element of the page by its id. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element ${id}`);
  return found;
}

/**
 * Draw at most once for each frame of the screen: what is returned asks for it, and so do another
 * theme and another size of an element. `all`: more than the play head has changed.
 * @param {(all: boolean) => void} draw @param {Element} [watched]
 */
export function eachFrame(draw, watched) {
  let isAsked = false;
  let isAll = false;
  const ask = (all = true) => {
    isAll ||= all;
    if (!isAsked) requestAnimationFrame(() => {
      const now = isAll;
      isAsked = isAll = false;
      draw(now);
    });
    isAsked = true;
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => ask());
  if (watched) new ResizeObserver(() => ask()).observe(watched);
  return ask;
}
