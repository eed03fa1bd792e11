/** Scene: what the 3D view draws for a result. */

import { aboveHead, figure, referenceOf, unitColor } from "./figure.js";
import { between } from "./matrix.js";
import { Room } from "./room.js";

/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./types.js").Pose} Pose */
/** @typedef {import("./types.js").Result} Result */
/** @typedef {import("./types.js").Settings} Settings */
/** @typedef {import("./gl.js").Capsule} Capsule */
/** @typedef {import("./room.js").Space} Space */

/**
 * @typedef {object} SceneInput
 * @property {Result|null} result
 * @property {import("./history.js").History} history
 * @property {{width: number, height: number, hasPicture: boolean}} picture
 * @property {Settings} settings
 * @property {import("./types.js").Info["style"]} style
 * @property {Point} paper the background
 *
 * @typedef {object} Label
 * @property {string} text
 * @property {Point} at
 * @property {string} color "" for a number of the grid
 *
 * @typedef {object} SceneDrawing
 * @property {Space} space that is shown: "world" if "mixed" has no positions
 * @property {import("./gl.js").Drawing} drawing
 * @property {Label[]} labels
 * @property {Point} target
 * @property {number} far distance from which all is seen
 * @property {number} aspect width / height of the view that sees all from there
 * @property {string} note for the user
 */

const TRAIL_US = 3e6;
const GAP_US = 5e5;
const TRAIL_M = 0.011;
/** @type {Point} */
const CAMERA_COLOR = [0.2, 0.7, 1]; // depthai_blazepose, view3d
const NO_POSITIONS = "No positions from the camera: shown as world. Switch on “Positions in metres” in the settings.";
const ESTIMATED = "Distances between people are estimates.";

export class Scene {
  constructor() {
    this._room = new Room([]);
    /** Where the person was seen last who is followed. @type {{space: Space, target: Point}|null} */
    this._seen = null;
    /** @type {import("./history.js").History|null} */
    this._history = null;
  }

  /** @param {SceneInput} input @returns {SceneDrawing} */
  of(input) {
    const { result, history, picture, settings } = input;
    this._measure(history, result);
    const room = this._room;
    const isLost = settings.space === "mixed" && !room.isPlaced;
    /** @type {Space} */
    const space = isLost ? "world" : settings.space;
    const { planes, ...place } = room.stage(space, picture);
    /** @type {SceneDrawing} */
    const made = { space, drawing: { capsules: [], planes: [] }, labels: [], ...place, note: "" };
    if (isLost) made.note = NO_POSITIONS;
    else if (space === "world" && result && result.poses.length > 1) made.note = ESTIMATED;
    made.drawing.planes = planes.filter((plane) => settings.grid || plane.kind === "picture");
    if (settings.grid) made.labels.push(...ticks(planes, space));
    if (space === "mixed") made.drawing.capsules.push(...arrow());
    if (result) this._people(made, input, result);
    const { person, follow } = settings;
    if (result?.poses.some(({ id }) => person === null || id === person)) {
      this._seen = { space, target: made.target };
    } else if (result) {
      if (person !== null) made.note = `Person ${person} is not visible now. ${made.note}`;
      if (follow && this._seen?.space === space) made.target = this._seen.target;
    }
    return made;
  }

  /** Measure the room again when there are many more results. @param {import("./history.js").History} history @param {Result|null} result */
  _measure(history, result) {
    const { results } = history;
    const isNew = history !== this._history || results.length < this._room.nResults
      || results.length > 1.1 * this._room.nResults + 5;
    const isOdd = result && result.poses.length > 1 && !this._room.isShared;
    if (!isNew && !isOdd) return;
    if (history !== this._history) this._seen = null;
    this._history = history;
    this._room = new Room(isOdd ? [...results, result] : results.length || !result ? results : [result]);
  }

  /** @param {SceneDrawing} made @param {SceneInput} input @param {Result} result */
  _people(made, input, result) {
    const { settings, style, paper } = input;
    const sides = { left: unitColor(style.side_colors.left), right: unitColor(style.side_colors.right) };
    const { person } = settings;
    const chosen = person === null ? result.poses[0] : result.poses.find(({ id }) => id === person);
    result.poses.forEach((pose, place) => {
      const points = this._room.points(pose, result, made.space);
      if (!points) return;
      const rgb = style.person_colors[(pose.id ?? place) % style.person_colors.length];
      const look = { color: unitColor(rgb), sides, paper, settings };
      made.drawing.capsules.push(...figure(points, pose.visibility, look));
      if (settings.ids && pose.id !== null) {
        made.labels.push({ text: `#${pose.id}`, at: aboveHead(points), color: `rgb(${rgb.join()})` });
      }
      if (pose !== chosen) return;
      if (settings.trail) made.drawing.capsules.push(...this._trail(input, result, pose, made.space, look));
      const isAlone = !this._room.isShared;
      if (settings.follow && made.space !== "image" && (isAlone || settings.person !== null)) {
        const [x, y, z] = referenceOf(points, pose.visibility, settings.minVisibility);
        made.target = made.space === "world" ? [x, made.target[1], z] : [x, y, z];
      }
    });
  }

  /**
   * The paths of hips and wrists in the last seconds.
   * @param {SceneInput} input
   * @param {Result} result
   * @param {Pose} pose
   * @param {Space} space
   * @param {{color: Point, sides: Record<string, Point>}} look
   */
  _trail({ history, settings, paper }, result, pose, space, { color, sides }) {
    /** @type {Capsule[]} */
    const capsules = [];
    const { results } = history;
    let [before, after_us] = [/** @type {Point[]|null} */ (null), 0];
    for (let i = history.indexAt(result.timestamp_us); i >= 0 && i < results.length; i--) {
      const past = results[i];
      const age = (result.timestamp_us - past.timestamp_us) / TRAIL_US;
      if (age > 1 || (before && after_us - past.timestamp_us > GAP_US)) break;
      const same = past.poses.find((other) => other.id === pose.id);
      const points = same && age >= 0 ? this._room.points(same, past, space) : null;
      if (!same || !points) continue;
      const now = [referenceOf(points, same.visibility, settings.minVisibility), points[15], points[16]];
      if (before) {
        const [radius, last] = [TRAIL_M * (1 - 0.8 * age), before];
        [color, sides.left, sides.right].forEach((tint, k) => capsules.push({
          start: now[k], end: last[k], startRadius: radius, endRadius: radius,
          color: between(tint, paper, 0.75 * age), noShadow: true,
        }));
      }
      [before, after_us] = [now, past.timestamp_us];
    }
    return capsules;
  }
}

/** The camera: an arrow from its place in its direction. @returns {Capsule[]} */
function arrow() {
  /** @type {Point[]} */
  const [base, neck, tip] = [[0, 0, 0], [0, 0, -0.15], [0, 0, -0.28]];
  return [
    { start: base, end: neck, startRadius: 0.03, endRadius: 0.03, color: CAMERA_COLOR, noShadow: true },
    { start: neck, end: tip, startRadius: 0.06, endRadius: 0.004, color: CAMERA_COLOR, noShadow: true },
  ];
}

/**
 * Numbers of metres at the right of the floor and at the left of the wall.
 * @param {import("./gl.js").Plane[]} planes
 * @param {Space} space
 */
function ticks(planes, space) {
  /** @type {Label[]} */
  const labels = [];
  if (space === "image") return labels;
  const { origin: [x, y, z], u, v } = /** @type {import("./gl.js").Plane} */ (planes.find((plane) => plane.kind === "floor"));
  const isMixed = space === "mixed";
  for (let m = 1; m <= v[2]; m++) {
    labels.push({ text: `${m} m`, at: [x + u[0] + 0.12, y, isMixed ? -m : z + m], color: "" });
  }
  for (const m of [1, 2]) labels.push({ text: `${m} m`, at: [x - 0.1, y + m, z], color: "" });
  return labels;
}
