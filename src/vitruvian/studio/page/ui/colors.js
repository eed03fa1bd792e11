/** Colours: those of people, as draw/palette.py has them. */

/** @import { Info, Point } from "./types.js" */

/** @typedef {Point} Rgb */

/** Outlines, and text on a colour. @type {Rgb} */
export const INK = [16, 20, 28];

/** @param {Rgb} rgb @param {number} [opacity] of 255 */
export const css = ([r, g, b], opacity = 255) => `rgb(${r} ${g} ${b} / ${opacity / 255})`;

/** The colour of a person. @param {Info} info @param {number|null} id @param {number} place in the result */
export function personColor(info, id, place) {
  const colors = info.style.person_colors;
  return colors[(id ?? place) % colors.length];
}
