/** Chart pointer: mouse, touch, wheel and keys on a chart. */

import { BOTTOM } from "./line_chart.js";

/** @import { LineChart } from "./line_chart.js" */

const WHEEL = 0.0015; // exponent of the zoom for a pixel of the wheel
const LEAST_PX = 8; // between two fingers, and of a selection

/**
 * Drag seeks; with shift it selects what comes into view; on the axis it pans. Two fingers zoom, and the wheel; sideways it pans.
 * @param {LineChart} chart @param {{seek: (time_us: number) => void, redraw: (isSame: boolean) => void}} on
 */
export function attachPointer(chart, on) {
  const { canvas } = chart;
  /** @type {Map<number, number>} pointer to its x */
  const pointers = new Map();
  let mode = "";
  let from_us = 0;
  const pixel_us = () => chart.timeAt(1) - chart.timeAt(0);

  canvas.onpointerdown = ({ pointerId, offsetX, offsetY, button, shiftKey }) => {
    if (button > 1) return;
    canvas.setPointerCapture(pointerId);
    pointers.set(pointerId, offsetX);
    from_us = chart.timeAt(offsetX);
    const isPan = button === 1 || offsetY > canvas.clientHeight - BOTTOM;
    mode = pointers.size > 1 ? "pinch" : isPan ? "pan" : shiftKey ? "select" : "seek";
    if (mode === "seek") on.seek(from_us);
  };
  canvas.onpointermove = ({ pointerId, offsetX, pointerType }) => {
    const before = pointers.get(pointerId);
    const time_us = chart.timeAt(offsetX);
    chart.cursor_us = pointerType === "touch" ? null : time_us;
    if (before === undefined) return on.redraw(true);
    pointers.set(pointerId, offsetX);
    if (mode === "seek") on.seek(time_us);
    if (mode === "select") chart.selection = [Math.min(from_us, time_us), Math.max(from_us, time_us)];
    if (mode === "pan") chart.pan(chart.timeAt(before) - time_us);
    if (mode === "pinch") {
      const other = [...pointers].find(([id]) => id !== pointerId)?.[1] ?? offsetX;
      const apart = (/** @type {number} */ x) => Math.max(Math.abs(x - other), LEAST_PX);
      chart.zoom(apart(before) / apart(offsetX), chart.timeAt(other));
    }
    on.redraw(mode === "seek" || mode === "select");
  };
  canvas.onpointerup = canvas.onpointercancel = ({ pointerId }) => {
    pointers.delete(pointerId);
    const { selection } = chart;
    if (selection && selection[1] - selection[0] > LEAST_PX * pixel_us()) chart.show(...selection);
    chart.selection = null;
    mode = "";
    on.redraw(false);
  };
  canvas.onpointerleave = () => {
    chart.cursor_us = null;
    on.redraw(true);
  };
  canvas.ondblclick = () => {
    chart.reset();
    on.redraw(false);
  };
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const px = event.deltaMode ? 16 : 1;
    const [x, y] = event.shiftKey ? [event.deltaY || event.deltaX, 0] : [event.deltaX, event.deltaY];
    if (Math.abs(x) > Math.abs(y)) chart.pan(x * px * pixel_us());
    else chart.zoom(Math.exp(y * px * WHEEL), chart.timeAt(event.offsetX));
    on.redraw(false);
  }, { passive: false });

  /** @type {Record<string, () => void>} */
  const keys = {
    "+": () => chart.zoom(0.5, chart.playHead_us),
    "-": () => chart.zoom(2, chart.playHead_us),
    Escape: () => chart.reset(),
  };
  canvas.onkeydown = ({ key, ctrlKey, metaKey, altKey }) => {
    if (!keys[key] || ctrlKey || metaKey || altKey) return;
    keys[key]();
    on.redraw(false);
  };
}
