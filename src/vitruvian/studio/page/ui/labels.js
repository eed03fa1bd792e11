/** Labels: text in a box at the head of each person, or in the corner, as in draw/labels.py. */

import { INK, css } from "./colors.js";

/** @import { Context, Person } from "./overlay.js" */

/** @typedef {{text: string, size: number, left: number, top: number, width: number, height: number}} Label */

// The figures of draw/labels.py.
const TEXT_PX_PER_LINE_PX = 5.8;
const MIN_TEXT_PX = 12;
const TEXT_SHARE = 1 / 4;
const CROWN = 0.72;
const CROWN_EARS = 0.9;
const UPRIGHT = 0.5;
const PLACES = [0, -1, 1, -2, 2, -3, 3];
const EARS = [7, 8];
const SHOULDERS = [11, 12];
const FONT = '"Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif';

/**
 * Paint a label for each person who has a text; one that would hide another moves up or down.
 * @param {Context} context @param {Person[]} people @param {string[]} texts
 * @param {number} width of the picture @param {number} height @param {number} scale
 */
export function paintLabels(context, people, texts, width, height, scale) {
  /** @type {Label[]} */
  const placed = [];
  people.forEach((person, i) => {
    const head = texts[i] ? crown(person) : null;
    if (!head) return;
    const label = sized(context, texts[i], person.line, Math.min(width, height), scale);
    const [x, y, upX, upY] = head;
    const away = (Math.abs(upX) * label.width + Math.abs(upY) * label.height) / 2 + label.height / 5 + person.line;
    const [left, top] = [x + upX * away - label.width / 2, y + upY * away - label.height / 2];
    const places = PLACES.map((n) => moved(label, left, top + n * (label.height + 2), width, height));
    const free = places.find((place) => !placed.some((other) => overlap(place, other))) ?? places[0];
    placed.push(free);
    box(context, free, css(INK, 150), 1);
    box(context, free, css(person.color));
    text(context, free, css(INK));
  });
}

/**
 * Paint light text on a dark box in the upper left corner.
 * @param {Context} context @param {string} content @param {number} line @param {number} width
 * @param {number} height @param {number} scale
 */
export function paintNote(context, content, line, width, height, scale) {
  const label = sized(context, content, line, Math.min(width, height), scale);
  const placed = moved(label, 2 * line, 2 * line, width, height);
  box(context, placed, css(INK, 170));
  text(context, placed, "#fff");
}

/** @param {Context} context @param {string} content @param {number} line @param {number} shorter @param {number} scale
 * @returns {Label} */
function sized(context, content, line, shorter, scale) {
  const size = Math.min(Math.max(MIN_TEXT_PX / scale, TEXT_PX_PER_LINE_PX * line), TEXT_SHARE * shorter);
  context.font = `600 ${size}px ${FONT}`;
  const width = context.measureText(content).width + (2 * size) / 3;
  return { text: content, size, left: 0, top: 0, width, height: 1.25 * size };
}

/** The label at a place, moved to lie inside the picture. @param {Label} label @param {number} left
 * @param {number} top @param {number} width @param {number} height @returns {Label} */
const moved = (label, left, top, width, height) => ({
  ...label,
  left: Math.max(Math.min(Math.max(left, 1), width - label.width - 1), 0),
  top: Math.max(Math.min(Math.max(top, 1), height - label.height - 1), 0),
});

/** @param {Label} a @param {Label} b */
const overlap = (a, b) =>
  a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

/** @param {Context} context @param {Label} label @param {string} color @param {number} [margin] */
function box(context, { left, top, width, height }, color, margin = 0) {
  context.fillStyle = color;
  context.beginPath();
  context.roundRect(left - 0.5 - margin, top - 0.5 - margin, width + 2 * margin, height + 2 * margin, height / 4);
  context.fill();
}

/** @param {Context} context @param {Label} label @param {string} color */
function text(context, label, color) {
  context.font = `600 ${label.size}px ${FONT}`;
  context.fillStyle = color;
  context.textBaseline = "middle";
  context.textAlign = "center";
  context.fillText(label.text, label.left - 0.5 + label.width / 2, label.top - 0.5 + label.height * 0.53);
}

/**
 * The point where the head ends and the direction in which it points, or null. Without a head it is
 * the middle of the upper side of the box.
 * @param {Person} person
 */
function crown(person) {
  const known = [...EARS, ...SHOULDERS].every((i) => person.isKnown(i));
  if (known) {
    const [head, chest] = [EARS, SHOULDERS].map(([a, b]) => middle(person.points[a], person.points[b]));
    const [x, y] = [head[0] - chest[0], head[1] - chest[1]];
    const length = Math.hypot(x, y);
    if (length > 0) {
      const up = [x / length, y / length - UPRIGHT];
      const norm = Math.hypot(...up);
      const [a, b] = EARS.map((i) => person.points[i]);
      const reach = Math.max(CROWN * length, CROWN_EARS * Math.hypot(a[0] - b[0], a[1] - b[1])) / norm;
      return [head[0] + up[0] * reach, head[1] + up[1] * reach, up[0] / norm, up[1] / norm];
    }
  }
  const box = person.box;
  return box && [(box[0] + box[2]) / 2, box[1], 0, -1];
}

/** @param {number[]} a @param {number[]} b */
const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
