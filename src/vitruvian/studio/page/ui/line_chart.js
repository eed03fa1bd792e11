/** LineChart: lines over time on a canvas, with a play head, a cursor, and a part of the time in view. */

import { placeAt } from "./frame_times.js";
import { clock, niceStep } from "./ticks.js";

/** @import { RepetitionSpan } from "./types.js" */

/**
 * @typedef {CanvasRenderingContext2D} Pen
 * @typedef {[number, number]} Span
 *
 * @typedef {object} ChartData
 * @property {Float64Array} times_us
 * @property {number} length of the times, and of the values of each line
 * @property {{color: string, values: Float64Array}[]} lines NaN interrupts a line
 * @property {RepetitionSpan[]} bands
 * @property {string} unit
 * @property {number} minSpan of the vertical axis, so that noise does not fill the chart
 * @property {boolean} isLive the newest seconds are in view, and times count back from now
 */

export const BOTTOM = 22; // px below the plot, for the times
const [LEFT, RIGHT, TOP] = [44, 12, 10];
const [TICK_X, TICK_Y] = [84, 34]; // px between ticks, at least
const LIVE_US = 10e6;
const LEAST_US = 2e5; // in view
const GAP_US = 1e6; // without a result: no line across it

export class LineChart {
  /** @param {HTMLCanvasElement} canvas its CSS gives the colours of text, lines (border) and marks (caret) */
  constructor(canvas) {
    this.canvas = canvas;
    /** @type {ChartData} */
    this.data = { times_us: new Float64Array(), length: 0, lines: [], bands: [], unit: "", minSpan: 1, isLive: false };
    this.playHead_us = 0;
    /** @type {number|null} */
    this.cursor_us = null;
    /** @type {Span|null} shaded while it is chosen */
    this.selection = null;
    /** @type {Span|null} */
    this._view = null;
    this._live_us = LIVE_US;
    this._plot = document.createElement("canvas");
    this._box = { width: 1, height: 1, low: 0, high: 1, step: 1 };
  }

  /** Times of the first and the last result. @returns {Span} */
  get whole() {
    const { times_us, length } = this.data;
    return length ? [times_us[0], Math.max(times_us[length - 1], times_us[0] + LEAST_US)] : [0, LEAST_US];
  }

  /** What is in view. @returns {Span} */
  get view() {
    const last = this.whole[1];
    return this.data.isLive ? [last - this._live_us, last] : (this._view ?? this.whole);
  }

  /** @param {number} from_us @param {number} to_us */
  show(from_us, to_us) {
    const [first, last] = this.whole;
    const span = Math.max(to_us - from_us, LEAST_US);
    const start = Math.min(Math.max(from_us, first), last - span);
    this._view = span < last - first ? [start, start + span] : null;
  }

  /** Show all. */
  reset() {
    this._view = null;
    this._live_us = LIVE_US;
  }

  /** @param {number} factor below 1 to come nearer @param {number} at_us stays where it is */
  zoom(factor, at_us) {
    const [from, to] = this.view;
    if (this.data.isLive) this._live_us = Math.min(Math.max(this._live_us * factor, 1e6), 12e7);
    else this.show(at_us + (from - at_us) * factor, at_us + (to - at_us) * factor);
  }

  /** @param {number} by_us */
  pan(by_us) {
    if (this._view) this.show(this._view[0] + by_us, this._view[1] + by_us);
  }

  /** Move the play head; the view follows one that leaves it. @param {number} time_us */
  moveTo(time_us) {
    const [from, to] = this.view;
    const isIn = (/** @type {number} */ time) => time >= from && time <= to;
    if (isIn(this.playHead_us) && !isIn(time_us)) this.show(time_us - (to - from) * 0.1, time_us + (to - from) * 0.9);
    this.playHead_us = time_us;
  }

  /** Time at a distance from the left side, px. @param {number} x */
  timeAt(x) {
    const [from, to] = this.view;
    return from + ((x - LEFT) / this._box.width) * (to - from);
  }

  /** Place of the last result that is not later. @param {number} time_us */
  indexAt(time_us) {
    return placeAt(this.data.length, (place) => this.data.times_us[place], time_us);
  }

  /** @param {boolean} [isSame] whether only play head, cursor and selection have moved */
  draw(isSame = false) {
    const { canvas, _plot } = this;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const size = /** @type {Span} */ ([Math.round(width * ratio), Math.round(height * ratio)]);
    const isResized = canvas.width !== size[0] || canvas.height !== size[1];
    if (isResized) [canvas.width, canvas.height] = [_plot.width, _plot.height] = size;
    const [plot, pen] = [_plot, canvas].map((each) => /** @type {Pen} */ (each.getContext("2d")));
    const style = getComputedStyle(canvas);
    if (!isSame || isResized) this._drawPlot(plot, style, width, height, ratio);
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, ...size);
    pen.drawImage(_plot, 0, 0);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this._drawMarks(pen, style);
  }

  /** @param {Pen} pen @param {CSSStyleDeclaration} style @param {number} width @param {number} height @param {number} ratio */
  _drawPlot(pen, style, width, height, ratio) {
    const { bands, lines } = this.data;
    const [from, to] = this.view;
    const places = /** @type {Span} */ ([this.indexAt(from), Math.min(this.data.length, this.indexAt(to) + 2)]);
    this._scale(width - LEFT - RIGHT, height - TOP - BOTTOM, places);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    Object.assign(pen, { font: `11px ${style.fontFamily}`, strokeStyle: style.borderTopColor, fillStyle: style.color, lineWidth: 1 });
    this._drawAxes(pen);
    pen.save();
    this._clip(pen, 0);
    for (const { start_us, end_us, number, is_partial } of bands) {
      this._shade(pen, style.caretColor, [start_us, end_us], is_partial ? 0.07 : 0.14);
      Object.assign(pen, { fillStyle: style.color, textAlign: "left" });
      pen.fillText(`${number}`, this._x(start_us) + 4, TOP + 2);
    }
    Object.assign(pen, { lineWidth: 1.75, lineJoin: "bevel", lineCap: "round" });
    for (const { color, values } of lines) {
      pen.strokeStyle = color;
      pen.beginPath();
      this._trace(pen, values, places);
      pen.stroke();
    }
    pen.restore();
  }

  /** Size of the plot, and its vertical axis from tick to tick. @param {number} width @param {number} height @param {Span} places */
  _scale(width, height, [first, end]) {
    const ranges = this.data.lines.map(({ values }) => rangeOf(values, first, end));
    let [low, high] = [Math.min(...ranges.map((range) => range[0])), Math.max(...ranges.map((range) => range[1]))];
    if (low > high) low = high = 0;
    const room = Math.max(0, this.data.minSpan - (high - low)) / 2;
    const step = niceStep((high - low + 2 * room) / Math.max(1, height / TICK_Y));
    this._box = { width, height, step, low: Math.floor((low - room) / step) * step, high: Math.ceil((high + room) / step) * step };
  }

  /** @param {number} time_us */
  _x(time_us) {
    const [from, to] = this.view;
    return LEFT + ((time_us - from) / (to - from)) * this._box.width;
  }

  /** @param {number} value */
  _y(value) {
    return TOP + ((this._box.high - value) / (this._box.high - this._box.low)) * this._box.height;
  }

  /** @param {Pen} pen @param {number} margin px */
  _clip(pen, margin) {
    pen.beginPath();
    pen.rect(LEFT - margin, TOP - 4, this._box.width + 2 * margin, this._box.height + 8);
    pen.clip();
  }

  /** @param {Pen} pen */
  _drawAxes(pen) {
    const { width, height, low, high, step } = this._box;
    const { unit, isLive } = this.data;
    Object.assign(pen, { textAlign: "right", textBaseline: "middle" });
    for (let value = low; value <= high + step / 2; value += step) {
      const y = Math.round(this._y(value)) + 0.5;
      line(pen, LEFT, y, LEFT + width, y);
      pen.fillText(`${Math.round(value)}${unit}`.replace("-", "−"), LEFT - 6, y);
    }
    const [from, to] = this.view;
    const origin = isLive ? to : 0;
    const tick = niceStep((to - from) / 1e6 / Math.max(1, width / TICK_X), true);
    Object.assign(pen, { textAlign: "center", textBaseline: "top" });
    for (let k = Math.ceil((from - origin) / 1e6 / tick); k * tick <= (to - origin) / 1e6; k++) {
      const x = Math.round(this._x(origin + k * tick * 1e6)) + 0.5;
      line(pen, x, TOP + height, x, TOP + height + 4);
      pen.fillText(isLive && !k ? "now" : clock(k * tick, tick), Math.min(x, LEFT + width - 6), TOP + height + 7);
    }
  }

  /** Of each half pixel the least and the greatest value. @param {Pen} pen @param {Float64Array} values @param {Span} places */
  _trace(pen, values, [first, end]) {
    const { times_us } = this.data;
    const stride = Math.max(1, Math.floor((end - first) / (this._box.width * 2)));
    let isOpen = false;
    for (let start = first; start < end; start += stride) {
      let [low, high] = [-1, -1];
      for (let i = start; i < Math.min(start + stride, end); i++) {
        if (low < 0 ? values[i] === values[i] : values[i] < values[low]) low = i;
        if (high < 0 ? values[i] === values[i] : values[i] > values[high]) high = i;
      }
      if (low < 0 || times_us[start] - times_us[start - 1] > GAP_US) isOpen = false;
      if (low < 0) continue;
      for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
        const [x, y] = [this._x(times_us[i]), this._y(values[i])];
        if (!isOpen) pen.moveTo(x, y);
        pen.lineTo(x, y);
        isOpen = true;
      }
    }
  }

  /** @param {Pen} pen @param {string} color @param {Span} span @param {number} alpha */
  _shade(pen, color, [from, to], alpha) {
    Object.assign(pen, { fillStyle: color, globalAlpha: alpha });
    pen.fillRect(this._x(from), TOP, this._x(to) - this._x(from), this._box.height);
    pen.globalAlpha = 1;
  }

  /** Selection, cursor and play head, with dots on the lines. @param {Pen} pen @param {CSSStyleDeclaration} style */
  _drawMarks(pen, style) {
    const { times_us, lines, length } = this.data;
    pen.save();
    this._clip(pen, 5);
    if (this.selection) this._shade(pen, style.caretColor, this.selection, 0.25);
    for (const time_us of [this.cursor_us, this.playHead_us]) {
      if (time_us === null) continue;
      const isHead = time_us === this.playHead_us;
      Object.assign(pen, { strokeStyle: isHead ? style.caretColor : style.color, lineWidth: isHead ? 2 : 1 });
      line(pen, this._x(time_us), TOP, this._x(time_us), TOP + this._box.height);
      const i = this.indexAt(time_us);
      for (const { color, values } of lines) {
        if (i >= length || Number.isNaN(values[i])) continue;
        pen.fillStyle = color;
        pen.beginPath();
        pen.arc(this._x(times_us[i]), this._y(values[i]), 3.5, 0, 7);
        pen.fill();
      }
    }
    pen.restore();
  }
}

/** The least and the greatest value; the first is larger if there is none. @param {Float64Array} values @param {number} first @param {number} end */
export function rangeOf(values, first, end) {
  let [low, high] = [Infinity, -Infinity];
  for (let i = first; i < end; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  return [low, high];
}

/** @param {Pen} pen @param {number} x @param {number} y @param {number} u @param {number} v */
function line(pen, x, y, u, v) {
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(u, v);
  pen.stroke();
}
