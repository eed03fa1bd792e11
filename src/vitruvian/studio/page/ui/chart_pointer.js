/** Chart pointer: mouse, touch, wheel and keys on a chart. */

/** @typedef {import("./line_chart.js").LineChart} LineChart */

const WHEEL = 0.0015; // zoom per pixel of the wheel, as an exponent
const CLICK_PX = 4;

/**
 * Drag seeks; with shift it selects what comes into view; on the axis it pans. Two fingers and the wheel zoom and pan.
 * @param {LineChart} chart
 * @param {{seek: (time_us: number) => void, step: (n: number) => void, redraw: (isSame: boolean) => void}} on
 */
export function attachPointer(chart, on) {
  const { canvas } = chart;
  /** @type {Map<number, number>} pointer to its x */
  const pointers = new Map();
  /** @type {"seek"|"select"|"pan"|"pinch"|null} */
  let mode = null;
  let started_us = 0;

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event.offsetX);
    started_us = chart.timeAt(event.offsetX);
    const isOnAxis = event.offsetY > canvas.clientHeight - 22;
    if (pointers.size > 1) mode = "pinch";
    else if (event.button === 1 || isOnAxis) mode = "pan";
    else mode = event.shiftKey && !chart.data.isLive ? "select" : "seek";
    if (mode === "seek") on.seek(started_us);
  });

  canvas.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    const time_us = chart.timeAt(event.offsetX);
    chart.cursor_us = event.pointerType === "touch" ? null : time_us;
    if (before === undefined) return on.redraw(true);
    if (mode === "seek") on.seek(time_us);
    if (mode === "select") {
      chart.selection = [Math.min(started_us, time_us), Math.max(started_us, time_us)];
    }
    if (mode === "pan") chart.pan(chart.timeAt(before) - time_us);
    if (mode === "pinch") pinch(event.pointerId, before, event.offsetX);
    pointers.set(event.pointerId, event.offsetX);
    on.redraw(mode === "seek" || mode === "select");
  });

  /** Keep the times under both fingers there. @param {number} id @param {number} before @param {number} now */
  function pinch(id, before, now) {
    const other = [...pointers].find(([key]) => key !== id)?.[1] ?? now;
    const apart = Math.max(Math.abs(now - other), 8);
    chart.zoom(Math.max(Math.abs(before - other), 8) / apart, chart.timeAt(other));
  }

  const end = (/** @type {PointerEvent} */ event) => {
    if (!pointers.delete(event.pointerId)) return;
    if (mode === "select" && chart.selection) {
      const [from, to] = chart.selection;
      const isWide = ((to - from) / (chart.timeAt(1) - chart.timeAt(0))) > CLICK_PX;
      if (isWide) chart.show(from, to);
    }
    chart.selection = null;
    mode = null;
    on.redraw(false);
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("pointerleave", () => {
    chart.cursor_us = null;
    on.redraw(true);
  });

  canvas.addEventListener("dblclick", () => {
    chart.reset();
    on.redraw(false);
  });

  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const pixel_us = chart.timeAt(1) - chart.timeAt(0);
    const across = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (Math.abs(across) >= Math.abs(event.deltaY) || event.shiftKey) chart.pan(across * lines * pixel_us);
    else chart.zoom(Math.exp(event.deltaY * lines * WHEEL), chart.timeAt(event.offsetX));
    on.redraw(false);
  }, { passive: false });

  /** @type {Record<string, (isFar: boolean) => void>} */
  const keys = {
    ArrowLeft: (isFar) => (isFar ? on.seek(chart.playHead_us - 1e6) : on.step(-1)),
    ArrowRight: (isFar) => (isFar ? on.seek(chart.playHead_us + 1e6) : on.step(1)),
    Home: () => on.seek(chart.whole[0]),
    End: () => on.seek(chart.whole[1]),
    "+": () => chart.zoom(0.5, chart.playHead_us),
    "-": () => chart.zoom(2, chart.playHead_us),
    Escape: () => chart.reset(),
  };
  canvas.addEventListener("keydown", (event) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act(event.shiftKey);
    on.redraw(false);
  });
}
