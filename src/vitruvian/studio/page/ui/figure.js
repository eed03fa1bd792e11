/** Figure: the capsules of one person from 33 points, as a jointed mannequin. */

import { between, distance, isFinitePoint, times } from "./matrix.js";

/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./gl.js").Capsule} Capsule */

const [NOSE, SHOULDERS, HIPS, EARS] = [0, [11, 12], [23, 24], [7, 8]];
const TRUNK_M = 0.5; // of the person who has the radii below
const JOINT = 1.12; // radius of a joint, in that of the limb
/** @type {Point} */
const JOINT_COLOR = [0.93, 0.94, 0.96];
/** Of the left side; the right one has the next landmarks. Radii in m. @type {[number, number, number, number][]} */
const LIMBS = [
  [11, 13, 0.045, 0.036], [13, 15, 0.034, 0.025], [23, 25, 0.068, 0.048], [25, 27, 0.046, 0.031],
  [15, 17, 0.02, 0.013], [15, 19, 0.023, 0.016], [15, 21, 0.017, 0.012], [27, 29, 0.03, 0.03], [29, 31, 0.03, 0.02], [27, 31, 0.026, 0.02],
];
const N_LARGE = 4; // the first ones end in joints

/**
 * @param {Point[]} points of 33 landmarks in the scene
 * @param {number[]} visibility
 * @param {object} look
 * @param {Point} look.color of the person, 0 to 1
 * @param {Record<string, Point>} look.sides colours of left and right
 * @param {Point} look.paper hidden limbs fade into it
 * @param {import("./types.js").Settings} look.settings
 * @returns {Capsule[]}
 */
export function figure(points, visibility, { color, sides, paper, settings }) {
  const middle = (/** @type {number[]} */ [a, b]) => between(points[a], points[b], 0.5);
  const [chest, hips, head] = [middle(SHOULDERS), middle(HIPS), middle(EARS)];
  const size = Math.max(1e-3, distance(chest, hips) / TRUNK_M);
  /** @type {Capsule[]} */
  const capsules = [];
  /** @param {Point} start @param {Point} end @param {number} from @param {number} to @param {Point} tint @param {number[]} landmarks */
  const add = (start, end, from, to, tint, landmarks) => {
    const isHidden = landmarks.some((i) => !(visibility[i] >= settings.minVisibility));
    if ((isHidden && !settings.hidden) || !isFinitePoint(start) || !isFinitePoint(end)) return;
    const k = isHidden ? 0.6 * size : size;
    const shade = isHidden ? between(tint, paper, 0.6) : tint;
    capsules.push({ start, end, startRadius: k * from, endRadius: k * to, color: shade });
  };
  if (settings.skeleton) {
    add(points[11], points[12], 0.056, 0.056, color, SHOULDERS);
    add(points[23], points[24], 0.074, 0.074, color, HIPS);
    for (const [a, b] of [[11, 23], [12, 24]]) {
      const [top, low] = [between(points[a], chest, 0.24), between(points[b], hips, 0.15)];
      add(between(top, low, 0.06), low, 0.074, 0.066, color, [a, b]);
    }
    add(between(hips, chest, 0.05), between(hips, chest, 0.88), 0.084, 0.092, color, [...SHOULDERS, ...HIPS]);
    add(between(hips, chest, 0.95), head, 0.048, 0.04, JOINT_COLOR, SHOULDERS);
    const face = between(head, points[NOSE], (0.1 * size) / Math.max(1e-6, distance(head, points[NOSE])));
    add(head, between(head, face, 0.25), 0.088, 0.082, color, [NOSE]);
    add(face, face, 0.02, 0.02, color, [NOSE]);
  }
  LIMBS.forEach(([left, leftEnd, from, to], i) => {
    for (const [shift, side] of [[0, "left"], [1, "right"]]) {
      const [a, b] = [left + Number(shift), leftEnd + Number(shift)];
      if (settings.skeleton) add(points[a], points[b], from, to, sides[side], [a, b]);
      if (settings.landmarks && i < N_LARGE) {
        add(points[b], points[b], to * JOINT, to * JOINT, JOINT_COLOR, [b]);
      }
    }
  });
  if (settings.landmarks && !settings.skeleton) {
    points.forEach((p, i) => add(p, p, 0.016, 0.016, sides[i % 2 ? "left" : "right"] ?? color, [i]));
  }
  return capsules;
}

/**
 * The point that stands for a person: the middle of the hips, or of the shoulders where the hips are hidden.
 * @param {Point[]} points
 * @param {number[]} visibility
 * @param {number} least visibility
 * @returns {Point}
 */
export function referenceOf(points, visibility, least) {
  const isSeen = (/** @type {number[]} */ pair) => pair.every((i) => visibility[i] >= least);
  const [a, b] = isSeen(HIPS) || !isSeen(SHOULDERS) ? HIPS : SHOULDERS;
  return between(points[a], points[b], 0.5);
}

/** Where the label of a person is. @param {Point[]} points @returns {Point} */
export function aboveHead(points) {
  const [x, y, z] = between(points[EARS[0]], points[EARS[1]], 0.5);
  const trunk = distance(between(points[11], points[12], 0.5), between(points[23], points[24], 0.5));
  return [x, y + 0.36 * trunk, z];
}

/** @param {readonly number[]} rgb 0 to 255 @returns {Point} */
export const unitColor = ([r, g, b]) => times([r, g, b], 1 / 255);
