/** Angles: joints measured in the landmarks of one pose, in degrees; NaN where they are not visible. */

/** @typedef {import("./types.js").Pose} Pose */
/** @typedef {[number, number, number]} Vector */

const TINY = 1e-18;

/** @param {Vector} a @param {Vector} b @returns {Vector} */
const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
/** @param {Vector} a @param {Vector} b */
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
/** @param {Vector} a @param {Vector} b @returns {Vector} */
const cross = (a, b) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** Angle between two vectors, 0 to 180. @param {Vector} a @param {Vector} b */
function between(a, b) {
  const across = cross(a, b);
  return (Math.atan2(Math.sqrt(dot(across, across)), dot(a, b)) * 180) / Math.PI;
}

/** The mean of landmarks. @param {(number|null)[][]} points @param {number[]} landmarks */
function mean(points, landmarks) {
  const axis = (/** @type {number} */ k) =>
    landmarks.reduce((sum, i) => sum + (points[i][k] ?? NaN), 0) / landmarks.length;
  return /** @type {Vector} */ ([axis(0), axis(1), axis(2)]);
}

/** Measures joints as `vitruvian.analysis` does; remembers the angles of each pose. */
export class Goniometer {
  /** @param {import("./types.js").Angle[]} angles */
  constructor(angles) {
    this.angles = angles;
    /** @type {WeakMap<Pose, Float64Array>} */
    this._known = new WeakMap();
  }

  /** The angles of a pose, in the order of `angles`. @param {Pose} pose */
  of(pose) {
    let found = this._known.get(pose);
    if (!found) {
      const isMeasured = pose.camera?.some((point) => point.some(Number.isFinite));
      const points = (isMeasured && pose.camera) || pose.world;
      found = Float64Array.from(this.angles, (angle) => measured(angle, points, pose.visibility));
      this._known.set(pose, found);
    }
    return found;
  }
}

/**
 * @param {import("./types.js").Angle} angle
 * @param {import("./types.js").Point[]} points
 * @param {number[]} visibility
 */
function measured(angle, points, visibility) {
  const isKnown = angle.points.every((p) => p.some((i) => visibility[i] >= angle.min_visibility));
  if (!isKnown) return NaN;
  const [a, b, c, d] = angle.points.map((landmarks) => mean(points, landmarks));
  const bone = minus(b, a);
  const other = minus(d, c);
  const degrees = angle.offset + angle.sign * between(bone, other);
  if (!angle.behind) return degrees;
  const [left, right] = angle.points[2].map((i) => mean(points, [i]));
  return degrees * hipSign(minus(a, b), other, minus(right, left), angle.behind);
}

/**
 * 1 for a thigh ahead of the trunk, -1 for one behind it, with a smooth step between the cosines.
 * @param {Vector} thigh
 * @param {Vector} trunk
 * @param {Vector} right
 * @param {[number, number]} behind
 */
function hipSign(thigh, trunk, right, behind) {
  const ahead = cross(trunk, right);
  const along = dot(thigh, trunk) / dot(trunk, trunk);
  const across = minus(thigh, [trunk[0] * along, trunk[1] * along, trunk[2] * along]);
  const lengths = dot(across, across) * dot(ahead, ahead);
  const cosine = dot(across, ahead) / Math.sqrt(Math.max(lengths, TINY));
  const part = Math.min(1, Math.max(0, (cosine - behind[0]) / (behind[1] - behind[0])));
  return 2 * part * part * (3 - 2 * part) - 1;
}

/**
 * The angle that counts an exercise, 180 for a straight joint: `exercise_angles` in Python.
 * @param {import("./types.js").Exercise} exercise
 * @param {Pose} pose
 */
export function exerciseAngle(exercise, pose) {
  /** @type {number[]} */
  const degrees = [];
  let weighted = 0;
  let total = 0;
  exercise.points.forEach((landmarks, side) => {
    const seen = landmarks.map((i, k) => (exercise.may_be_hidden[side][k] ? 1 : pose.visibility[i]));
    const weight = Math.min(...seen);
    const [a, apex, b] = landmarks.map((i) => mean(pose.world, [i]));
    const angle = between(minus(a, apex), minus(b, apex));
    if (!(weight >= exercise.min_visibility) || Number.isNaN(angle)) return;
    degrees.push(angle);
    weighted += angle * weight;
    total += weight;
  });
  if (!degrees.length) return NaN;
  return exercise.sides === "mean" ? weighted / total : Math[exercise.sides](...degrees);
}
