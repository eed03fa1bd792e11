/** Angles: joints measured in the landmarks of one pose as `vitruvian.analysis` does, in degrees; NaN if not visible. */

/** @import { Angle, Exercise, Pose } from "./types.js" */

/** @typedef {number[]} Vector */

const minus = (/** @type {Vector} */ a, /** @type {Vector} */ b) => a.map((value, k) => value - b[k]);
const dot = (/** @type {Vector} */ a, /** @type {Vector} */ b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (/** @type {Vector} */ [a, b, c], /** @type {Vector} */ [x, y, z]) => [b * z - c * y, c * x - a * z, a * y - b * x];
const between = (/** @type {Vector} */ a, /** @type {Vector} */ b) =>
  (Math.atan2(Math.hypot(...cross(a, b)), dot(a, b)) * 180) / Math.PI;

/** Mean of landmarks. @param {(number|null)[][]} points @param {number[]} rows */
const mean = (points, rows) => [0, 1, 2].map((k) => rows.reduce((sum, i) => sum + (points[i][k] ?? NaN), 0) / rows.length);

/** As `pose_angles`: from camera landmarks if there are some. @param {Angle} angle @param {Pose} pose */
export function jointAngle({ points: rows, offset, sign, behind, min_visibility }, { camera, world, visibility }) {
  if (!rows.every((landmarks) => landmarks.some((i) => visibility[i] >= min_visibility))) return NaN;
  const points = camera?.some((point) => point.some(Number.isFinite)) ? camera : world;
  const [a, b, c, d] = rows.map((landmarks) => mean(points, landmarks));
  const degrees = offset + sign * between(minus(b, a), minus(d, c));
  if (!behind) return degrees;
  const [left, right] = rows[2].map((i) => points[i]);
  return degrees * hipSign(minus(a, b), minus(d, c), minus(right, left), behind);
}

/**
 * 1 for a thigh ahead of the trunk, -1 for one behind it, with a smooth step between the cosines.
 * @param {Vector} thigh @param {Vector} trunk @param {Vector} right @param {[number, number]} behind
 */
function hipSign(thigh, trunk, right, [low, high]) {
  const ahead = cross(trunk, right);
  const along = dot(thigh, trunk) / dot(trunk, trunk);
  const across = thigh.map((value, k) => value - along * trunk[k]);
  const cosine = dot(across, ahead) / Math.max(Math.hypot(...across) * Math.hypot(...ahead), 1e-9);
  const part = Math.min(1, Math.max(0, (cosine - low) / (high - low)));
  return 2 * part * part * (3 - 2 * part) - 1;
}

/** The angle that counts an exercise, 180 if straight. @param {Exercise} exercise @param {Pose} pose */
export function exerciseAngle({ points, may_be_hidden, min_visibility, sides }, { world, visibility }) {
  const seen = points.map((rows, side) => {
    const [a, apex, b] = rows.map((i) => mean(world, [i]));
    const weight = Math.min(...rows.map((i, k) => (may_be_hidden[side][k] ? 1 : visibility[i])));
    return { degrees: between(minus(a, apex), minus(b, apex)), weight };
  }).filter(({ degrees, weight }) => weight >= min_visibility && !Number.isNaN(degrees));
  if (!seen.length) return NaN;
  if (sides !== "mean") return Math[sides](...seen.map(({ degrees }) => degrees));
  const total = seen.reduce((sum, { weight }) => sum + weight, 0);
  return seen.reduce((sum, { degrees, weight }) => sum + degrees * weight, 0) / total;
}
