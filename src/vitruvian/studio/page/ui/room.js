/** Room: where people stand in a space of the 3D view, from all results so far. */

import { between, isFinitePoint } from "./matrix.js";

/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./types.js").Pose} Pose */
/** @typedef {import("./types.js").Result} Result */
/** @typedef {"world"|"image"|"mixed"} Space */

const N_SAMPLES = 60;
const FOCAL = Math.sqrt(3) / 2; // of the longer side: 60 degrees, vitruvian.core.camera
const PICTURE_M = 2; // height of a picture in the scene
const FLOOR_M = 1; // below the camera: depthai_blazepose, view3d

export class Room {
  /** @param {Result[]} results */
  constructor(results) {
    this.nResults = results.length;
    const step = Math.max(1, results.length / N_SAMPLES);
    /** @type {Pose[]} */
    const placed = [];
    /** @type {[number, number][]} */
    const places = [];
    this.isShared = false;
    for (let i = 0; i < results.length; i += step) {
      const result = results[Math.floor(i)];
      this.isShared ||= result.poses.length > 1;
      for (const pose of result.poses) {
        if (pose.camera) placed.push(pose);
        places.push(placeOf(pose, result));
      }
    }
    this.isPlaced = placed.length > 0;
    const known = places.filter(([x, z]) => Number.isFinite(x + z));
    /** Middle of the people, estimated, m: x, and z away. @type {[number, number]} */
    this.middle = [middle(known.map(([x]) => x)), middle(known.map(([, z]) => z))];
    const radius = known.map(([x, z]) => Math.max(Math.abs(x - this.middle[0]), Math.abs(z - this.middle[1])));
    /** Half a side of the floor, m. */
    this.half = this.isShared ? Math.max(1.5, Math.ceil(2 * share(radius, 0.9) + 1) / 2) : 1;
    /** Floor below the camera, and the farthest person, m. */
    this.below = this.isPlaced ? share(placed.map((pose) => Math.max(...ys(pose.camera))), 0.9) : FLOOR_M;
    this.deep = Math.max(5, Math.ceil(share(placed.map((pose) => -scene(pose.camera?.[23])[2]), 0.98) + 1));
  }

  /**
   * The landmarks of a person in the scene: y up, z towards the viewer; null if the person has no place there.
   * @param {Pose} pose
   * @param {Result} result
   * @param {Space} space
   * @returns {Point[]|null}
   */
  points(pose, result, space) {
    if (space === "mixed") return pose.camera ? pose.camera.map(scene) : null;
    if (space === "image") {
      const k = PICTURE_M / result.height;
      return pose.landmarks.map(([x, y, z]) => [k * (x - result.width / 2), k * (result.height - y), -k * z]);
    }
    const lowest = Math.max(...ys(pose.world));
    let [dx, dz] = [0, 0];
    if (this.isShared) {
      const [x, away] = placeOf(pose, result);
      [dx, dz] = [x - this.middle[0], this.middle[1] - away];
      if (!Number.isFinite(dx + dz)) return null;
    }
    return pose.world.map(([x, y, z]) => [x + dx, lowest - y, dz - z]);
  }

  /**
   * Floor, wall or picture, the middle of the view, and how far and how wide a view sees all.
   * @param {Space} space
   * @param {{width: number, height: number, hasPicture: boolean}} picture
   * @returns {{planes: import("./gl.js").Plane[], target: Point, far: number, aspect: number}}
   */
  stage(space, picture) {
    if (space === "mixed") {
      const { below, deep } = this;
      return {
        planes: [
          { kind: "wall", origin: [-3, -below, -deep], u: [6, 0, 0], v: [0, 2, 0], cells: [6, 2] },
          { kind: "floor", origin: [-3, -below, -deep], u: [6, 0, 0], v: [0, 0, deep], cells: [6, deep] },
        ],
        target: [0, 0.8 - below, -deep / 2],
        far: 3 + 0.95 * deep,
        aspect: 1.35,
      };
    }
    if (space === "image") {
      const width = (PICTURE_M * picture.width) / picture.height;
      const depth = Math.min(width, PICTURE_M) / 3; // depthai_blazepose, view3d
      const kind = picture.hasPicture ? "picture" : "wall";
      /** @type {[number, number]} */
      const cells = [Math.round(2.5 * width), 5];
      return {
        planes: [
          { kind, origin: [-width / 2, 0, -depth], u: [width, 0, 0], v: [0, PICTURE_M, 0], cells },
          { kind: "floor", origin: [-width / 2, 0, -depth], u: [width, 0, 0], v: [0, 0, 2 * depth], cells: [cells[0], 3] },
        ],
        target: [0, PICTURE_M / 2, 0],
        far: 2.3 * PICTURE_M,
        aspect: Math.max(0.8, 0.45 * width),
      };
    }
    const { half } = this;
    return {
      planes: [
        { kind: "wall", origin: [-half, 0, -half], u: [2 * half, 0, 0], v: [0, 2, 0], cells: [2 * half, 2] },
        { kind: "floor", origin: [-half, 0, -half], u: [2 * half, 0, 0], v: [0, 0, 2 * half], cells: [2 * half, 2 * half] },
      ],
      target: [0, 0.85, 0],
      far: 2.4 + 1.9 * half,
      aspect: this.isShared ? 1.2 : 0.95,
    };
  }
}

/**
 * Where a person stands, estimated from the size of the picture of the person: metres to the right of the
 * camera's axis, and away from the camera, for a lens of 60 degrees.
 * @param {Pose} pose
 * @param {Result} result
 * @returns {[number, number]}
 */
function placeOf(pose, result) {
  let [inPx, inM] = [0, 0];
  const hips = between(pose.landmarks[23], pose.landmarks[24], 0.5);
  pose.world.forEach(([x, y], i) => {
    const [u, v] = pose.landmarks[i];
    inPx += (u - hips[0]) ** 2 + (v - hips[1]) ** 2;
    inM += x ** 2 + y ** 2;
  });
  const mPerPx = Math.sqrt(inM / inPx);
  return [(hips[0] - result.width / 2) * mPerPx, FOCAL * Math.max(result.width, result.height) * mPerPx];
}

/** @param {Point|undefined} p @returns {Point} */
const scene = (p) => (p ? [p[0], -p[1], -p[2]] : [NaN, NaN, NaN]);

/** @param {Point[]|undefined} points */
const ys = (points) => (points ?? []).filter(isFinitePoint).map((p) => p[1]);

/** The value below which a share of the values lies; 0 for none. @param {number[]} values @param {number} part */
function share(values, part) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(part * (sorted.length - 1))] : 0;
}

/** Between the outer ones, without the outermost. @param {number[]} values */
const middle = (values) => (share(values, 0.05) + share(values, 0.95)) / 2;
