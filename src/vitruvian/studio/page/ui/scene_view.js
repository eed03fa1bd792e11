/** SceneView: a canvas that shows a scene, drawn again only when something changed. */

import { element } from "./app.js";
import { Painter } from "./gl.js";
import { projected } from "./matrix.js";
import { Orbit, PRESETS } from "./orbit.js";
import { Scene } from "./scene.js";

/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./scene.js").SceneInput} SceneInput */

const MAX_SPEED = 4;
const MAX_RATIO = 2; // of canvas px to CSS px
// Without a graphics card, drawing may take these shares of the time: the live picture comes first.
const LIVE_SHARE = 0.05;
const SHARE = 0.4;
const LONGEST_REST_MS = 500;
const LOOK_MS = 25; // between two looks whether it is done, or may begin

export class SceneView {
  /**
   * @param {HTMLElement} host gets the canvas and the labels
   * @param {() => Omit<SceneInput, "paper"> & {image: CanvasImageSource|null, isLive?: boolean}} input what to show now
   * @param {(note: string) => void} onNote a sentence for the user, "" for none
   * @param {(changed: Partial<import("./types.js").Settings>) => void} change settings, by keys
   */
  constructor(host, input, onNote, change) {
    this._input = input;
    this._change = change;
    this._onNote = onNote;
    this._scene = new Scene();
    this.canvas = element("canvas", { tabIndex: 0, role: "img", "aria-label": "3D view. Arrow keys turn it, plus and minus zoom." });
    this._labels = element("div", { class: "scene-labels", "aria-hidden": "true" });
    host.append(this.canvas, this._labels, this._views());
    this.orbit = new Orbit(this.canvas, () => this.draw());
    /** @type {Painter|null} */
    this.painter = this._newPainter();
    this._frame = this._timer = 0;
    this._drawn_ms = 0;
    this._isLive = false;
    this._began_ms = this._cost_ms = 0; // of the last drawing without a graphics card
    /** @type {CanvasImageSource|null} */
    this._picture = null;
    this._space = "";
    this.nDrawn = 0;
    this.canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault();
      this.painter = null;
      onNote("The graphics context was lost; waiting for the browser to restore it.");
    });
    this.canvas.addEventListener("webglcontextrestored", () => {
      this.painter = this._newPainter();
      this.changed();
    });
    this.canvas.addEventListener("keydown", (event) => this._press(event));
    new ResizeObserver(() => this.draw()).observe(host);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  /** Draw in the next frame; the picture, too, may be another. */
  changed() {
    this._picture = null;
    this.draw();
  }

  /** Whether a frame is to come. */
  get isDrawing() {
    return this._frame !== 0 || this._timer !== 0;
  }

  /** Draw in the next frame; without a graphics card, as soon as drawing has not had its share of the time. */
  draw() {
    if (this.isDrawing) return;
    if (this._mayDraw) {
      this._frame = requestAnimationFrame((now_ms) => {
        this._frame = 0;
        this._draw(now_ms);
      });
    } else {
      this._timer = window.setTimeout(() => {
        this._timer = 0;
        this.draw();
      }, LOOK_MS);
    }
  }

  get _mayDraw() {
    const { painter, orbit } = this;
    if (!painter?.isSoftware) return true;
    const share = this._isLive && !orbit.isTurning ? LIVE_SHARE : SHARE;
    return performance.now() - this._began_ms >= Math.min(LONGEST_REST_MS, this._cost_ms / share);
  }

  /** Note how long it takes to draw, when it is done. */
  _measure() {
    const { painter } = this;
    this._cost_ms = painter?.isDone === false ? Infinity : performance.now() - this._began_ms;
    if (this._cost_ms === Infinity) setTimeout(() => this._measure(), LOOK_MS);
  }

  /** @param {number} now_ms */
  _draw(now_ms) {
    const { canvas, painter, orbit } = this;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!painter || !width || !height) return;
    const ratio = Math.min(MAX_RATIO, devicePixelRatio);
    const wh = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wh[0] || canvas.height !== wh[1]) [canvas.width, canvas.height] = wh;
    const { image, isLive = false, ...input } = this._input();
    this._isLive = isLive;
    this._began_ms = performance.now();
    const { color, backgroundColor } = getComputedStyle(canvas);
    const paper = rgb(backgroundColor);
    const made = this._scene.of({ ...input, paper });
    if (image && made.space === "image" && image !== this._picture) {
      painter.setPicture(image);
      this._picture = image;
    }
    orbit.spin = input.settings.spin;
    orbit.speed = input.settings.spinSpeed;
    orbit.lookAt(made, made.space !== this._space);
    this._space = made.space;
    const isMoving = orbit.step(this._drawn_ms ? now_ms - this._drawn_ms : 16);
    this._drawn_ms = isMoving ? now_ms : 0;
    const eye = orbit.eye(width / height);
    painter.paint(made.drawing, eye, rgb(color), paper);
    this._place(made.labels, eye.matrix, width, height);
    this._onNote(made.note);
    this.nDrawn++;
    if (painter.isSoftware) this._measure();
    if (isMoving) this.draw();
  }

  /** @param {import("./scene.js").Label[]} labels @param {import("./matrix.js").Matrix} matrix @param {number} width @param {number} height */
  _place(labels, matrix, width, height) {
    const box = this._labels;
    while (box.children.length > labels.length) box.lastChild?.remove();
    labels.forEach(({ text, at, color }, i) => {
      const label = /** @type {HTMLElement} */ (box.children[i] ?? box.appendChild(element("span")));
      const place = projected(matrix, at);
      label.hidden = !place;
      if (!place) return;
      if (label.textContent !== text) label.textContent = text;
      label.className = color ? "person" : "tick";
      label.style.background = color;
      const [x, y] = [((place[0] + 1) / 2) * width, ((1 - place[1]) / 2) * height];
      label.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(-50%, ${color ? "-100%" : "-50%"})`;
    });
  }

  /** Buttons for the presets. */
  _views() {
    const box = element("div", { class: "scene-views", role: "group", "aria-label": "View" });
    for (const [name, [text, title]] of Object.entries(VIEWS)) {
      box.append(element("button", { type: "button", class: "quiet", title, onclick: () => this.orbit.preset(name) }, text));
    }
    return box;
  }

  /** @returns {Painter|null} */
  _newPainter() {
    try {
      return new Painter(this.canvas);
    } catch (error) {
      this._onNote(`No 3D view: ${/** @type {Error} */ (error).message}. Pictures, charts and numbers work.`);
      return null;
    }
  }

  /** Keys of the focused canvas. @param {KeyboardEvent} event */
  _press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { orbit } = this;
    const arrow = ARROWS[event.key];
    const key = event.key.toLowerCase();
    if (arrow && arrow[0] && event.shiftKey) orbit.turnToNext(arrow[0] > 0 ? 1 : -1);
    else if (arrow && arrow[1] && orbit.spin !== "off") this._change({ spinSpeed: faster(orbit, arrow[1]) });
    else if (arrow) orbit.turn(0.12 * arrow[0], 0.1 * arrow[1]);
    else if (key in ZOOMS) orbit.zoom(ZOOMS[key]);
    else if (key in SPINS) this._change({ spin: SPINS[key] });
    else if (key in KEYS) orbit.preset(KEYS[key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
/** @type {Record<string, number>} */
const ZOOMS = { "+": 0.85, "=": 0.85, "-": 1 / 0.85 };
const VIEWS = {
  front: ["Front", "From the front (1)"], side: ["Side", "From the side (2)"],
  top: ["Top", "From above (3)"], reset: ["Reset", "As at the start (0)"],
};
/** The keys of depthai_blazepose. @type {Record<string, "oscillate"|"rotate"|"off">} */
const SPINS = { o: "oscillate", r: "rotate", s: "off" };
/** @type {Record<string, keyof typeof PRESETS>} */
const KEYS = { 1: "front", 2: "side", 3: "top", 0: "reset" };

/** A computed colour, rgb(0, 127, 255), in numbers from 0 to 1. @param {string} css */
const rgb = (css) => /** @type {Point} */ ((css.match(/[\d.]+/g) ?? []).slice(0, 3).map((value) => Number(value) / 255));

/** Only a rotation changes its direction. @param {Orbit} orbit @param {number} by 1 or -1 */
function faster({ spin, speed }, by) {
  const next = Math.max(spin === "rotate" ? -MAX_SPEED : 0.5, Math.min(MAX_SPEED, speed + by / 2));
  return next || by / 2;
}
