/** LineChart: lines over time on a canvas, with a play head, a cursor and a part of the time in view. */

import { clock, niceStep } from "./ticks.js";

/**
 * @typedef {object} Line
 * @property {string} color
 * @property {Float64Array} values NaN interrupts the line
 *
 * @typedef {object} Band
 * @property {number} start_us
 * @property {number} end_us
 * @property {string} label
 * @property {boolean} isFaint
 *
 * @typedef {object} ChartData
 * @property {Float64Array} times_us
 * @property {number} length of the times, and of the values of each line
 * @property {Line[]} lines
 * @property {Band[]} bands
 * @property {string} unit
 * @property {number} minSpan of the vertical axis, so that noise does not fill the chart
 * @property {boolean} isLive the newest seconds are in view, and times count back from now
 */

const MARGIN = { left: 44, right: 12, top: 10, bottom: 22 };
const LIVE_US = 10e6;
const LEAST_US = 200_000; // in view
const GAP_US = 1_000_000; // without results: no line across it
const TICK_PX = { x: 84, y: 34 };

export class LineChart {
  /** @param {HTMLCanvasElement} canvas its CSS gives colours: color, border-color, caret-color, accent-color */
  constructor(canvas) {
    this.canvas = canvas;
    /** @type {ChartData} */
    this.data = {
      times_us: new Float64Array(), length: 0, lines: [], bands: [], unit: "", minSpan: 1, isLive: false,
    };
    this.playHead_us = 0;
    /** @type {number|null} */
    this.cursor_us = null;
    /** @type {[number, number]|null} time that is shaded while it is chosen */
    this.selection = null;
    /** @type {[number, number]|null} */
    this._view = null;
    this._live_us = LIVE_US;
    this._plot = document.createElement("canvas");
    this.drawn_ms = 0;
    this._box = { left: 0, top: 0, width: 0, height: 0, low: 0, high: 1 };
  }

  /** Time of the first and of the last result. @returns {[number, number]} */
  get whole() {
    const { times_us, length } = this.data;
    return length ? [times_us[0], Math.max(times_us[length - 1], times_us[0] + LEAST_US)] : [0, LEAST_US];
  }

  /** What is in view. @returns {[number, number]} */
  get view() {
    const [first, last] = this.whole;
    if (this.data.isLive) return [last - this._live_us, last];
    return this._view ?? [first, last];
  }

  get isZoomed() {
    return this.data.isLive ? this._live_us !== LIVE_US : this._view !== null;
  }

  /** @param {number} from_us @param {number} to_us */
  show(from_us, to_us) {
    const [first, last] = this.whole;
    const span = Math.min(Math.max(to_us - from_us, LEAST_US), last - first);
    const start = Math.min(Math.max(from_us, first), last - span);
    this._view = span >= last - first ? null : [start, start + span];
  }

  /** Zoom in by a factor below 1, out by one above it. @param {number} factor @param {number} at_us stays where it is */
  zoom(factor, at_us) {
    const [from, to] = this.view;
    if (this.data.isLive) this._live_us = Math.min(Math.max(this._live_us * factor, 1e6), 120e6);
    else this.show(at_us + (from - at_us) * factor, at_us + (to - at_us) * factor);
  }

  /** @param {number} by_us */
  pan(by_us) {
    const [from, to] = this.view;
    if (!this.data.isLive && this._view) this.show(from + by_us, to + by_us);
  }

  reset() {
    this._view = null;
    this._live_us = LIVE_US;
  }

  /** Move the play head; a view that it leaves follows it. @param {number} time_us */
  moveTo(time_us) {
    const [from, to] = this.view;
    const wasIn = this.playHead_us >= from && this.playHead_us <= to;
    if (this._view && wasIn && (time_us < from || time_us > to)) {
      this.show(time_us - (to - from) * 0.1, time_us + (to - from) * 0.9);
    }
    this.playHead_us = time_us;
  }

  /** Time at a distance from the left side of the canvas. @param {number} x */
  timeAt(x) {
    const [from, to] = this.view;
    return from + ((x - this._box.left) / (this._box.width || 1)) * (to - from);
  }

  /** The place of the last result that is not later. @param {number} time_us */
  indexAt(time_us) {
    let [low, high] = [0, this.data.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.data.times_us[middle] <= time_us) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** Draw everything; `isSame` if only play head, cursor and selection have moved. @param {boolean} isSame */
  draw(isSame = false) {
    const { canvas, _plot } = this;
    const { clientWidth, clientHeight } = canvas;
    if (!clientWidth || !clientHeight) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) {
      [canvas.width, canvas.height] = [_plot.width, _plot.height] = [width, height];
      isSame = false;
    }
    if (!isSame) {
      const start = performance.now();
      const pen = /** @type {CanvasRenderingContext2D} */ (_plot.getContext("2d"));
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, clientWidth, clientHeight);
      this._drawPlot(pen, clientWidth, clientHeight);
      this.drawn_ms = performance.now() - start;
    }
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.drawImage(_plot, 0, 0);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this._drawMarks(pen);
  }

  /** @param {CanvasRenderingContext2D} pen @param {number} width @param {number} height */
  _drawPlot(pen, width, height) {
    const [from, to] = this.view;
    const first = Math.max(0, this.indexAt(from));
    const end = Math.min(this.data.length, this.indexAt(to) + 2);
    const box = {
      left: MARGIN.left,
      top: MARGIN.top,
      width: Math.max(1, width - MARGIN.left - MARGIN.right),
      height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
    };
    this._box = { ...box, ...this._range(first, end, box.height) };
    const style = getComputedStyle(this.canvas);
    pen.font = `11px ${style.fontFamily}`;
    this._drawAxes(pen, style);
    pen.save();
    pen.beginPath();
    pen.rect(box.left, box.top - 4, box.width, box.height + 8);
    pen.clip();
    this._drawBands(pen, style);
    Object.assign(pen, { lineWidth: 1.75, lineJoin: "round", lineCap: "round" });
    for (const line of this.data.lines) {
      pen.strokeStyle = line.color;
      pen.beginPath();
      this._trace(pen, line.values, first, end);
      pen.stroke();
    }
    pen.restore();
  }

  /** Range of the vertical axis, from tick to tick. @param {number} first @param {number} end @param {number} height */
  _range(first, end, height) {
    let [low, high] = [Infinity, -Infinity];
    for (const { values } of this.data.lines) {
      for (let i = first; i < end; i++) {
        if (values[i] < low) low = values[i];
        if (values[i] > high) high = values[i];
      }
    }
    if (low > high) [low, high] = [0, 0];
    const missing = Math.max(0, this.data.minSpan - (high - low));
    [low, high] = [low - missing / 2, high + missing / 2];
    const step = niceStep((high - low) / Math.max(1, height / TICK_PX.y));
    return { low: Math.floor(low / step) * step, high: Math.ceil(high / step) * step, step };
  }

  /** @param {number} time_us */
  _x(time_us) {
    const [from, to] = this.view;
    return this._box.left + ((time_us - from) / (to - from)) * this._box.width;
  }

  /** @param {number} value */
  _y(value) {
    const { top, height, low, high } = this._box;
    return top + ((high - value) / (high - low)) * height;
  }

  /** @param {CanvasRenderingContext2D} pen @param {CSSStyleDeclaration} style */
  _drawAxes(pen, style) {
    const { left, top, width, height, low, high } = this._box;
    const { unit, isLive } = this.data;
    pen.strokeStyle = style.borderTopColor;
    pen.fillStyle = style.color;
    pen.lineWidth = 1;
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    const step = niceStep((high - low) / Math.max(1, height / TICK_PX.y));
    for (let value = Math.ceil(low / step) * step; value <= high + step / 1e3; value += step) {
      const y = Math.round(this._y(value)) + 0.5;
      pen.beginPath();
      pen.moveTo(left, y);
      pen.lineTo(left + width, y);
      pen.stroke();
      pen.fillText(`${Math.round(value)}${unit}`.replace("-", "−"), left - 6, y);
    }
    const [from, to] = this.view;
    const origin = isLive ? to : 0;
    const tick = niceStep((to - from) / 1e6 / Math.max(1, width / TICK_PX.x), true) * 1e6;
    pen.textAlign = "center";
    pen.textBaseline = "top";
    for (let k = Math.ceil((from - origin) / tick); k * tick <= to - origin; k++) {
      const x = Math.round(this._x(origin + k * tick)) + 0.5;
      pen.beginPath();
      pen.moveTo(x, top + height);
      pen.lineTo(x, top + height + 4);
      pen.stroke();
      pen.fillText(clock((k * tick) / 1e6, tick / 1e6, isLive), Math.min(x, left + width - 6), top + height + 7);
    }
  }

  /** @param {CanvasRenderingContext2D} pen @param {CSSStyleDeclaration} style */
  _drawBands(pen, style) {
    const { top, height } = this._box;
    pen.textAlign = "left";
    pen.textBaseline = "top";
    for (const { start_us, end_us, label, isFaint } of this.data.bands) {
      const [x, right] = [this._x(start_us), this._x(end_us)];
      pen.fillStyle = style.caretColor;
      pen.globalAlpha = isFaint ? 0.07 : 0.14;
      pen.fillRect(x, top, right - x, height);
      pen.globalAlpha = 1;
      pen.fillStyle = style.color;
      if (right - x > 14) pen.fillText(label, x + 4, top + 2);
    }
  }

  /**
   * Where there are more values than pixels, each column has its first, least, greatest and last.
   * @param {CanvasRenderingContext2D} pen
   * @param {Float64Array} values
   * @param {number} first
   * @param {number} end
   */
  _trace(pen, values, first, end) {
    const { times_us } = this.data;
    const perPixel = Math.max(1, Math.floor((end - first) / (this._box.width * 2)));
    let isOpen = false;
    for (let start = first; start < end; start += perPixel) {
      const last = Math.min(start + perPixel, end);
      let [low, high] = [-1, -1];
      for (let i = start; i < last; i++) {
        if (Number.isNaN(values[i])) continue;
        if (low < 0 || values[i] < values[low]) low = i;
        if (high < 0 || values[i] > values[high]) high = i;
      }
      if (low < 0 || (start && times_us[start] - times_us[start - 1] > GAP_US)) isOpen = false;
      if (low < 0) continue;
      for (const i of low < high ? [low, high] : low > high ? [high, low] : [low]) {
        const [x, y] = [this._x(times_us[i]), this._y(values[i])];
        if (!isOpen) pen.moveTo(x, y);
        pen.lineTo(x, y);
        isOpen = true;
      }
    }
  }

  /** Play head, cursor, selection, and dots on the lines. @param {CanvasRenderingContext2D} pen */
  _drawMarks(pen) {
    const { left, top, width, height } = this._box;
    const style = getComputedStyle(this.canvas);
    const [from, to] = this.view;
    pen.save();
    pen.beginPath();
    pen.rect(left - 5, 0, width + 10, top + height + 5);
    pen.clip();
    if (this.selection) {
      const [x, right] = this.selection.map((time_us) => this._x(time_us));
      pen.fillStyle = style.caretColor;
      pen.globalAlpha = 0.25;
      pen.fillRect(x, top, right - x, height);
      pen.globalAlpha = 1;
    }
    for (const time_us of [this.cursor_us, this.playHead_us]) {
      if (time_us === null || time_us < from || time_us > to) continue;
      const isHead = time_us === this.playHead_us;
      const x = this._x(time_us);
      pen.strokeStyle = isHead ? style.caretColor : style.color;
      pen.lineWidth = isHead ? 2 : 1;
      pen.beginPath();
      pen.moveTo(x, top);
      pen.lineTo(x, top + height);
      pen.stroke();
      this._drawDots(pen, time_us);
    }
    pen.restore();
  }

  /** @param {CanvasRenderingContext2D} pen @param {number} time_us */
  _drawDots(pen, time_us) {
    const i = this.indexAt(time_us);
    for (const { color, values } of this.data.lines) {
      if (!this.data.length || Number.isNaN(values[i])) continue;
      pen.fillStyle = color;
      pen.beginPath();
      pen.arc(this._x(this.data.times_us[i]), this._y(values[i]), 3.5, 0, 2 * Math.PI);
      pen.fill();
    }
  }
}
