/** Orbit: the eye on a sphere around a target, moved by pointers and keys, by presets, and by itself. */

import { between, distance, orbitAxes, orbitView, perspective, plus, product, times } from "./matrix.js";

/** @typedef {import("./types.js").Point} Point */
/** @typedef {{azimuth: number, elevation: number, away: number, shift: Point}} Pose3d */

const ANGLE = 0.6; // vertical field of view, rad
const EASE_MS = 90;
const SWING = (34 * Math.PI) / 180; // depthai_blazepose, view3d: 200 steps of 0.003 rad to each side
const SPEED = 0.36; // rad/s at speed 1: its 2 steps a frame at 60 fps
const EIGHTH = Math.PI / 4;
const STEEPEST = Math.PI / 2 - 1e-3;
const FRONT = { azimuth: 0, elevation: 0.1 };
/** @type {Record<string, {azimuth: number, elevation: number}>} */
export const PRESETS = {
  front: FRONT,
  side: { azimuth: Math.PI / 2, elevation: 0.1 },
  top: { azimuth: 0, elevation: STEEPEST },
  reset: { azimuth: 0.45, elevation: 0.22 },
};

export class Orbit {
  /** @param {HTMLElement} surface takes the pointers @param {() => void} onChange */
  constructor(surface, onChange) {
    this._surface = surface;
    this._onChange = onChange;
    /** @type {Point} middle of what is shown */
    this.target = [0, 1, 0];
    /** Distance from which all is seen. */
    this.far = 4;
    /** @type {"off"|"oscillate"|"rotate"} */
    this.spin = "off";
    this.speed = 1;
    /** @type {Pose3d} as shown; `_goal`: where it moves to */
    this.now = { ...PRESETS.reset, away: 1, shift: [0, 0, 0] };
    this._goal = { ...this.now };
    this._aim = { target: this.target, far: this.far };
    this._aspect = 1;
    this._swing = 0; // phase, rad
    /** @type {Map<number, PointerEvent>} */
    this._held = new Map();
    surface.addEventListener("pointerdown", (event) => {
      surface.setPointerCapture(event.pointerId);
      this._held.set(event.pointerId, event);
    });
    surface.addEventListener("pointermove", (event) => this._drag(event));
    for (const end of ["pointerup", "pointercancel"]) {
      surface.addEventListener(end, (event) => this._held.delete(/** @type {PointerEvent} */ (event).pointerId));
    }
    surface.addEventListener("contextmenu", (event) => event.preventDefault());
    surface.addEventListener("dblclick", () => this.preset("reset"));
    surface.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * 0.004));
    }, { passive: false });
  }

  /** Move the middle of the view. @param {import("./scene.js").SceneDrawing} scene @param {boolean} isJump without a motion */
  lookAt({ target, far, aspect }, isJump) {
    this._aim = { target, far };
    this._aspect = aspect;
    if (isJump) [this.target, this.far] = [target, far];
  }

  /** @param {string} name of PRESETS */
  preset(name) {
    const { azimuth, elevation } = PRESETS[name];
    const turns = Math.round((this.now.azimuth - azimuth) / (2 * Math.PI));
    this._moveTo({ azimuth: azimuth + turns * 2 * Math.PI, elevation, away: 1, shift: [0, 0, 0] });
  }

  /** @param {number} factor on the distance */
  zoom(factor) {
    this._moveTo({ away: Math.max(0.15, Math.min(4, this._goal.away * factor)) });
  }

  /** Turn by angles, rad. @param {number} azimuth @param {number} elevation */
  turn(azimuth, elevation) {
    const tilted = Math.max(-0.3, Math.min(STEEPEST, this._goal.elevation + elevation));
    this._moveTo({ azimuth: this._goal.azimuth + azimuth, elevation: tilted });
  }

  /** To the next of eight positions around the scene. @param {1|-1} by */
  turnToNext(by) {
    this._moveTo({ azimuth: EIGHTH * (Math.round(this._goal.azimuth / EIGHTH) + by) });
  }

  /**
   * Move by the time since the last frame.
   * @param {number} ms
   * @returns {boolean} whether it is still moving
   */
  step(ms) {
    const share = isCalm() ? 1 : 1 - Math.exp(-ms / EASE_MS);
    const { now, _goal: goal } = this;
    const spins = this._spins && !this._held.size;
    if (spins) this._turnByItself(Math.min(ms, 100) / 1000);
    const left = this._left + distance(this._aim.target, this.target) + Math.abs(this._aim.far - this.far);
    const k = left < 1e-3 ? 1 : share;
    now.azimuth += k * (goal.azimuth - now.azimuth);
    now.elevation += k * (goal.elevation - now.elevation);
    now.away += k * (goal.away - now.away);
    now.shift = between(now.shift, goal.shift, k);
    this.target = between(this.target, this._aim.target, k);
    this.far += k * (this._aim.far - this.far);
    return spins || k < 1;
  }

  /** Whether somebody turns it, or it turns by itself; following a person is neither. */
  get isTurning() {
    return this._held.size > 0 || this._spins || this._left > 1e-6;
  }

  get _spins() {
    return this.spin !== "off" && !isCalm();
  }

  /** How far the eye has to go. */
  get _left() {
    const { now, _goal: goal } = this;
    return Math.abs(goal.azimuth - now.azimuth) + Math.abs(goal.elevation - now.elevation)
      + Math.abs(goal.away - now.away) + distance(goal.shift, now.shift);
  }

  /** @param {number} aspect @returns {import("./gl.js").Eye} */
  eye(aspect) {
    const { azimuth, elevation, shift } = this.now;
    const away = this._away(aspect);
    const target = plus(this.target, times(shift, this.far));
    const [, , back] = orbitAxes(azimuth, elevation);
    const view = orbitView(target, away, azimuth, elevation);
    const lens = perspective(ANGLE, aspect, away / 50, away + 6 * this.far);
    return { matrix: product(lens, view), place: plus(target, times(back, away)) };
  }

  /** A narrow view is seen from farther away. @param {number} aspect */
  _away(aspect) {
    return this.now.away * this.far * Math.max(1, this._aspect / aspect);
  }

  /** @param {Partial<Pose3d>} changed */
  _moveTo(changed) {
    Object.assign(this._goal, changed);
    this._onChange();
  }

  /** @param {number} seconds */
  _turnByItself(seconds) {
    let by = SPEED * this.speed * seconds;
    if (this.spin === "oscillate") {
      const before = Math.sin(this._swing);
      this._swing += Math.abs(by) / SWING;
      by = SWING * (Math.sin(this._swing) - before);
    }
    this._goal.azimuth += by;
    this.now.azimuth += by;
  }

  /** @param {PointerEvent} event */
  _drag(event) {
    const before = this._held.get(event.pointerId);
    if (!before) return;
    this._held.set(event.pointerId, event);
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    const { clientWidth: width, clientHeight: height } = this._surface;
    const others = [...this._held.values()].filter((other) => other.pointerId !== event.pointerId);
    if (others.length) {
      const [other] = others;
      const gap = (/** @type {PointerEvent} */ e) => Math.hypot(e.clientX - other.clientX, e.clientY - other.clientY);
      this.zoom(gap(before) / Math.max(1, gap(event)));
    }
    if (others.length || event.shiftKey || event.buttons > 1) {
      const [right, up] = orbitAxes(this.now.azimuth, this.now.elevation);
      const perPx = (2 * Math.tan(ANGLE / 2) * this._away(width / height)) / height / this.far / (others.length + 1);
      const by = plus(times(right, -dx * perPx), times(up, dy * perPx));
      this._goal.shift = this.now.shift = plus(this._goal.shift, by);
      this._onChange();
    } else {
      this.turn((-dx / height) * 4, (dy / height) * 3);
      this.now.azimuth = this._goal.azimuth;
      this.now.elevation = this._goal.elevation;
    }
  }
}

/** Whether the user asked for less motion. */
export function isCalm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
