/** Overlay: draws poses as `vitruvian.draw.draw_poses` does, with its colours and its line widths. */

import { INK, css, personColor } from "./colors.js";
import { paintLabels, paintNote } from "./labels.js";

/** @import { Info, Point, Pose, Settings, Shown } from "./types.js" */

/** @typedef {CanvasRenderingContext2D|OffscreenCanvasRenderingContext2D} Context */
/** @typedef {Point} Rgb */
/** @typedef {[number, number, number, number, number]} Line x0, y0, x1, y1, radius */

// The figures of draw/overlay.py; opacities are shares of 255.
const IMAGE_PX_PER_LINE_PX = 240;
const ROI_PX_PER_LINE_PX = 250;
const MIN_LINE_PX = 1.5;
const MIN_RATIO = 0.45;
const HIDDEN_RATIO = 0.55;
const DASH = 3.5;
const MAX_DASHES = 40;
const MASK_OPACITY = 76;
const VISIBLE = 0.5; // of the landmarks that make the box
const MIN_SCREEN_PX = 2.2; // width of a line on the screen, in CSS px
const MAX_SCREEN_PX = 5;

/**
 * Draw a picture in its own px, mirrored or not.
 * @param {Context} context @param {Shown} shown @param {boolean} isMirrored
 */
export function drawPicture(context, { image, width, height }, isMirrored) {
  if (!image) {
    context.fillStyle = "#23272e"; // results without a picture
    context.fillRect(0, 0, width, height);
    return;
  }
  context.save();
  if (isMirrored) {
    context.translate(width, 0);
    context.scale(-1, 1);
  }
  context.drawImage(image, 0, 0, width, height);
  context.restore();
}

/**
 * Draw the overlay of a result. The context has image px as its unit.
 * @param {Context} context @param {Shown} shown
 * @param {Settings} settings `mirror`: as the picture behind was drawn @param {Info} info
 * @param {number} [scale] screen px per image px; 1 for a file
 * @param {{fps?: number|null, highlight?: number|null}} [more] text in the corner; a landmark to mark
 */
export function drawOverlay(context, shown, settings, info, scale = 1, more = {}) {
  const { result, width, height } = shown;
  const least = scale === 1 ? MIN_LINE_PX : MIN_SCREEN_PX / scale;
  const wanted = Math.max(MIN_LINE_PX, Math.min(width, height) / IMAGE_PX_PER_LINE_PX);
  const limit = Math.max(least, Math.min(wanted, Math.max(wanted, MAX_SCREEN_PX) / scale));
  context.save();
  context.translate(0.5, 0.5); // pixel (x, y) has its middle at (x, y)
  const people = (result?.poses ?? []).map((pose, place) => {
    const line = Math.min(limit, Math.max(MIN_RATIO * limit, Math.max(...pose.roi.wh) / ROI_PX_PER_LINE_PX));
    const flip = settings.mirror ? width - 1 : null;
    return new Person(pose, personColor(info, pose.id, place), Math.max(least, line), flip);
  });
  if (settings.mask && shown.mask) drawMask(context, shown.mask, people, width, height, settings.mirror);
  for (const person of people) {
    drawRegions(context, person, settings);
    drawBody(context, person, settings, info);
    if (more.highlight != null) mark(context, person, more.highlight, scale);
  }
  paintLabels(context, people, labelTexts(shown, settings), width, height, scale);
  if (settings.fps && more.fps) paintNote(context, `${more.fps.toFixed(1)} fps`, limit, width, height, scale);
  context.restore();
}

/** A pose with its colour, its line width, and its points as they are drawn: mirrored or not. */
export class Person {
  /** @param {Pose} pose @param {Rgb} color @param {number} line @param {number|null} flip width - 1 */
  constructor(pose, color, line, flip) {
    this.pose = pose;
    this.color = color;
    this.line = line;
    this.edge = Math.max(0.7 * Math.min(1, line / MIN_LINE_PX), 0.3 * line);
    /** @param {number[]} point @returns {[number, number]} */
    this.place = ([x, y]) => [flip === null ? x : flip - x, y];
    this.points = pose.landmarks.map(this.place);
  }

  isKnown(/** @type {number} */ i) {
    const [x, y] = this.pose.landmarks[i];
    return x !== null && y !== null;
  }

  /** The box of the visible landmarks, or of all if none is: left, top, right, bottom; or null. */
  get box() {
    const known = this.points.map((_, i) => i).filter((i) => this.isKnown(i));
    const seen = known.filter((i) => this.pose.visibility[i] > VISIBLE);
    const used = (seen.length ? seen : known).map((i) => this.points[i]);
    if (!used.length) return null;
    const [x, y] = [used.map((p) => p[0]), used.map((p) => p[1])];
    return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
  }
}

/** @param {Shown} shown @param {Settings} settings */
function labelTexts(shown, settings) {
  return (shown.result?.poses ?? []).map((pose, place) => {
    const id = settings.ids && pose.id !== null ? `#${pose.id}` : "";
    const score = settings.score ? pose.score.toFixed(2) : "";
    const name = [id, score].filter(Boolean).join(" ");
    return [name, settings.xyz ? xyz(pose) : "", shown.repetitions?.[place]?.text ?? ""].filter(Boolean).join("  ");
  });
}

/** The middle of the hips in camera space. @param {Pose} pose */
function xyz({ camera }) {
  const middle = camera?.[23].map((value, axis) => (value + camera[24][axis]) / 2);
  return middle?.every(Number.isFinite) ? `${middle.map((value) => value.toFixed(2)).join(", ")} m` : "";
}

/**
 * Fill lines with round ends. They are one shape: where they overlap, nothing is more opaque.
 * @param {Context} context
 * @param {Line[]} lines @param {string} color @param {number} [wider] added to each radius
 */
function fill(context, lines, color, wider = 0) {
  const path = new Path2D();
  for (const [x0, y0, x1, y1, radius] of lines) {
    const [r, angle] = [radius + wider, Math.atan2(y1 - y0, x1 - x0)];
    path.moveTo(x1 + r * Math.sin(angle), y1 - r * Math.cos(angle));
    path.arc(x1, y1, r, angle - Math.PI / 2, angle + Math.PI / 2);
    path.arc(x0, y0, r, angle + Math.PI / 2, angle + 1.5 * Math.PI);
    path.closePath();
  }
  context.fillStyle = color;
  context.fill(path);
}

/** @param {[number, number][]} corners @param {number} radius @returns {Line[]} */
const outline = (corners, radius) =>
  corners.map((corner, i) => [...corner, ...corners[(i + 1) % corners.length], radius]);

/** @param {Context} context @param {Person} person @param {Settings} settings */
function drawRegions(context, person, settings) {
  const radius = person.line / 3;
  const { center, wh, rotation } = person.pose.roi;
  if (settings.roi) {
    const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)];
    const corners = [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]].map(([u, v]) => {
      const [x, y] = [u * wh[0], v * wh[1]];
      return person.place([center[0] + x * cos - y * sin, center[1] + x * sin + y * cos]);
    });
    const lines = outline(corners, radius);
    lines[0][4] *= 3; // the upper side of the person
    fill(context, lines, css(INK, 165), person.edge);
    fill(context, lines, css(person.color, 200));
  }
  const box = settings.box && person.box;
  if (box) {
    const [x0, y0, x1, y1] = box;
    const lines = outline([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], 1.5 * radius);
    fill(context, lines, css(INK, 165), person.edge);
    fill(context, lines, css(person.color));
  }
}

/** Hands and faces have many landmarks close to each other. @param {number} i */
const isSmall = (i) => !((i >= 11 && i <= 16) || (i >= 23 && i <= 28));

/** @param {Context} context @param {Person} person @param {Settings} settings @param {Info} info */
function drawBody(context, person, settings, info) {
  const { line, edge, points, pose } = person;
  const { connections, sides } = info.skeleton;
  const known = points.map((_, i) => person.isKnown(i));
  const visible = known.map((is, i) => is && pose.visibility[i] >= settings.minVisibility);
  /** @returns {Line} */
  const limb = (/** @type {number[]} */ [a, b]) =>
    [...points[a], ...points[b], (isSmall(a) || isSmall(b) ? 0.35 : 0.5) * line];
  /** @returns {Line} */
  const dot = (/** @type {number} */ i) => [...points[i], ...points[i], (isSmall(i) ? 0.6 : 0.95) * line];
  /** @param {number[]} landmarks @param {number} opacity @param {number} ratio */
  const dots = (landmarks, opacity, ratio) => {
    for (const [side, color] of Object.entries(info.style.side_colors)) {
      const lines = landmarks.filter((i) => sides[i] === side).map(dot);
      fill(context, lines.map((l) => scaled(l, ratio)), css(color, opacity));
    }
  };
  const shown = points.map((_, i) => i);
  if (settings.hidden) {
    const hidden = shown.filter((i) => known[i] && !visible[i]);
    if (settings.skeleton) {
      const pairs = connections.filter(([a, b]) => known[a] && known[b] && !(visible[a] && visible[b]));
      const lines = pairs.flatMap((pair) => dashes(scaled(limb(pair), HIDDEN_RATIO), DASH * line));
      fill(context, lines, css(INK, 110), 0.6 * edge);
      fill(context, lines, css(person.color, 200));
    }
    if (settings.landmarks) {
      fill(context, hidden.map((i) => scaled(dot(i), HIDDEN_RATIO)), css(INK, 110), 0.6 * edge);
      dots(hidden, 200, HIDDEN_RATIO);
    }
  }
  const limbs = settings.skeleton ? connections.filter(([a, b]) => visible[a] && visible[b]).map(limb) : [];
  const seen = settings.landmarks ? shown.filter((i) => visible[i]) : [];
  fill(context, [...limbs, ...seen.map(dot)], css(INK, 165), edge);
  fill(context, limbs, css(person.color));
  fill(context, seen.map(dot), css(INK), 0.8 * edge);
  dots(seen, 255, 1);
}

/** @param {Line} line @param {number} ratio of the radius @returns {Line} */
const scaled = ([x0, y0, x1, y1, r], ratio) => [x0, y0, x1, y1, r * ratio];

/** Dashes of about `dash` px with gaps as long. @param {Line} line @param {number} dash @returns {Line[]} */
function dashes([x0, y0, x1, y1, r], dash) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const n = Math.trunc(Math.min(Math.max(Math.hypot(dx, dy) / (2 * dash), 1), MAX_DASHES));
  const step = 1 / (2 * n - 1);
  return Array.from({ length: n }, (_, i) => {
    const [from, to] = [2 * i * step, (2 * i + 1) * step];
    return [x0 + dx * from, y0 + dy * from, x0 + dx * to, y0 + dy * to, r];
  });
}

/** @param {Context} context @param {Person} person @param {number} landmark @param {number} scale */
function mark(context, person, landmark, scale) {
  if (!person.isKnown(landmark)) return;
  const [x, y] = person.points[landmark];
  for (const [width, color] of /** @type {[number, string][]} */ ([[4, css(INK, 200)], [2, "#fff"]])) {
    context.beginPath();
    context.arc(x, y, 2 * person.line + 3 / scale, 0, 2 * Math.PI);
    context.lineWidth = width / scale;
    context.strokeStyle = color;
    context.stroke();
  }
}

/** @type {{mask: ImageBitmap|null, colors: string, tint: OffscreenCanvas}} the last one */
const tinted = { mask: null, colors: "", tint: new OffscreenCanvas(1, 1) };

/**
 * @param {Context} context @param {ImageBitmap} mask @param {Person[]} people
 * @param {number} width @param {number} height @param {boolean} isMirrored
 */
function drawMask(context, mask, people, width, height, isMirrored) {
  const colors = people.map((person) => person.color).join();
  if (tinted.mask !== mask || tinted.colors !== colors) {
    const tint = new OffscreenCanvas(mask.width, mask.height);
    const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (tint.getContext("2d", { willReadFrequently: true }));
    pen.drawImage(mask, 0, 0);
    const pixels = pen.getImageData(0, 0, mask.width, mask.height);
    for (let i = 0; i < pixels.data.length; i += 4) {
      const color = people[pixels.data[i] - 1]?.color;
      pixels.data.set(color ? [...color, MASK_OPACITY] : [0, 0, 0, 0], i);
    }
    pen.putImageData(pixels, 0, 0);
    Object.assign(tinted, { mask, colors, tint });
  }
  context.save();
  context.translate(isMirrored ? width - 0.5 : -0.5, -0.5);
  context.scale(isMirrored ? -1 : 1, 1);
  context.drawImage(tinted.tint, 0, 0, width, height);
  context.restore();
}
