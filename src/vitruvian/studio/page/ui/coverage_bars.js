/** Coverage bars: a ruler of the time, and below it when each person is seen. */

import { css, personColor } from "./colors.js";
import { clock, niceStep } from "./ticks.js";

/** @import { Coverage } from "./coverage.js" */
/** @import { Info } from "./types.js" */

const GUTTER_PX = 28; // for the IDs; as in timeline.css
const RULER_PX = 16;
const ROW_PX = 10;
const BAR_PX = 6;
const TICK_PX = 80;

/** Height of the bars. @param {number} n_people */
const barsHeight = (n_people) => RULER_PX + n_people * ROW_PX + (n_people ? 3 : 0);

/**
 * @param {HTMLCanvasElement} canvas its CSS gives the colours of text, lines and ground
 * @param {Coverage} coverage @param {number[]} times_us of the frames @param {Info} info
 */
export function drawCoverage(canvas, coverage, times_us, info) {
  const [width, height] = [canvas.clientWidth - GUTTER_PX, barsHeight(coverage.people.size)];
  const ratio = devicePixelRatio;
  Object.assign(canvas, { width: Math.round(canvas.clientWidth * ratio), height: Math.round(height * ratio) });
  canvas.style.height = `${height}px`;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const style = getComputedStyle(canvas);
  const last_us = times_us.at(-1) || 1;
  const step_us = last_us / Math.max(times_us.length - 1, 1);
  const x = (/** @type {number} */ time_us) => (time_us / last_us) * width;
  context.setTransform(ratio, 0, 0, ratio, GUTTER_PX * ratio, 0);

  context.font = `${style.fontSize} ${style.fontFamily}`;
  const step_s = niceStep((last_us / 1e6 / width) * TICK_PX, true);
  for (let s = 0; s * 1e6 <= last_us; s += step_s) {
    const left = x(s * 1e6);
    context.fillStyle = style.borderColor;
    context.fillRect(left, 0, 1, 4);
    context.fillStyle = style.color;
    const text = clock(s, step_s);
    if (left + 4 + context.measureText(text).width < width) context.fillText(text, left + 4, 11);
  }

  coverage.ids.forEach((id, row) => {
    const top = RULER_PX + row * ROW_PX;
    context.fillStyle = style.color;
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillText(String(id), -8, top + BAR_PX / 2);
    context.fillStyle = style.caretColor;
    context.fillRect(0, top, width, BAR_PX);
    context.fillStyle = css(personColor(info, id, id));
    let drawn = -1; // where the last bar ends
    for (const [start_us, end_us] of coverage.people.get(id) ?? []) {
      const end = Math.max(x(end_us + step_us), x(start_us) + 1);
      if (end - drawn < 0.5) continue;
      context.fillRect(x(start_us), top, end - x(start_us), BAR_PX);
      drawn = end;
    }
  });
}

/** The bars in words. @param {Coverage} coverage */
export function coverageText({ people, ids, history }) {
  const counts = ids.map((id) => {
    const runs = people.get(id) ?? [];
    return `person ${id} ${runs.length === 1 ? "without a gap" : `in ${runs.length} stretches`}`;
  });
  return counts.length ? `Seen: ${counts.join(", ")}` : `Nobody seen in ${history.results.length} frames`;
}
