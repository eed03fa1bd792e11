/** Matrices and vectors of three dimensions: 4 × 4 in columns, as WebGL takes them. */

/** @typedef {import("./types.js").Point} Point */

/** @typedef {Float32Array} Matrix */

/** @param {Point} a @param {Point} b @returns {Point} */
export const plus = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];

/** @param {Point} a @param {Point} b @returns {Point} */
export const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

/** @param {Point} a @param {number} k @returns {Point} */
export const times = (a, k) => [a[0] * k, a[1] * k, a[2] * k];

/** The point at a share of the way from `a` to `b`. @param {Point} a @param {Point} b @param {number} share @returns {Point} */
export const between = (a, b, share) => plus(a, times(minus(b, a), share));

/** @param {Point} a @param {Point} b */
export const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** @param {Point} p */
export const isFinitePoint = (p) => Number.isFinite(p[0] + p[1] + p[2]);

/** @param {Matrix} a @param {Matrix} b @returns {Matrix} */
export function product(a, b) {
  const c = new Float32Array(16);
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      for (let k = 0; k < 4; k++) c[4 * column + row] += a[4 * k + row] * b[4 * column + k];
    }
  }
  return c;
}

/**
 * @param {number} angle vertical field of view, rad
 * @param {number} aspect width / height
 * @param {number} near
 * @param {number} far
 * @returns {Matrix}
 */
export function perspective(angle, aspect, near, far) {
  const f = 1 / Math.tan(angle / 2);
  const m = new Float32Array(16);
  m[0] = f / aspect;
  m[5] = f;
  m[10] = (far + near) / (near - far);
  m[11] = -1;
  m[14] = (2 * far * near) / (near - far);
  return m;
}

/**
 * The view from a sphere around a target: at angles of 0 it looks along -z, with growing azimuth
 * the eye moves to the right, with growing elevation it rises.
 * @param {Point} target
 * @param {number} away distance of the eye
 * @param {number} azimuth rad
 * @param {number} elevation rad
 * @returns {Matrix}
 */
export function orbitView(target, away, azimuth, elevation) {
  const [right, up, back] = orbitAxes(azimuth, elevation);
  const m = new Float32Array(16);
  [right, up, back].forEach((axis, row) => {
    for (let k = 0; k < 3; k++) {
      m[4 * k + row] = axis[k];
      m[12 + row] -= axis[k] * target[k];
    }
  });
  m[14] -= away;
  m[15] = 1;
  return m;
}

/**
 * The axes of that view in the scene: right, up, and towards the eye.
 * @param {number} azimuth
 * @param {number} elevation
 * @returns {[Point, Point, Point]}
 */
export function orbitAxes(azimuth, elevation) {
  const [sa, ca, se, ce] = [Math.sin(azimuth), Math.cos(azimuth), Math.sin(elevation), Math.cos(elevation)];
  return [[ca, 0, -sa], [-sa * se, ce, -ca * se], [sa * ce, se, ca * ce]];
}

/**
 * Where a point is on the screen: x and y from -1 to 1, y up, and its depth; null behind the eye.
 * @param {Matrix} m projection and view
 * @param {Point} p
 * @returns {Point|null}
 */
export function projected(m, [x, y, z]) {
  const w = m[3] * x + m[7] * y + m[11] * z + m[15];
  if (w <= 1e-6) return null;
  return [
    (m[0] * x + m[4] * y + m[8] * z + m[12]) / w,
    (m[1] * x + m[5] * y + m[9] * z + m[13]) / w,
    w,
  ];
}
