/** Ticks: round numbers for the axes of charts. */

const STEPS = [1, 2, 5, 10];
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];

/**
 * The smallest round step that is not below a value.
 * @param {number} least
 * @param {boolean} [isClock] seconds: above 1, steps of a clock
 */
export function niceStep(least, isClock = false) {
  const step = isClock && least > 0.5 ? CLOCK_STEPS.find((s) => s >= least) : undefined;
  if (step) return step;
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-9)));
  return power * (STEPS.find((s) => s * power >= least * 0.999) ?? 10);
}

/**
 * A time as "5.80 s", "1:05" or "1:02:05"; live as "−4 s" and "now".
 * @param {number} seconds
 * @param {number} step seconds between ticks: gives the digits
 * @param {boolean} [isLive]
 */
export function clock(seconds, step, isLive = false) {
  const digits = step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step) - 1e-9));
  if (isLive) return seconds > -step / 2 ? "now" : `−${(-seconds).toFixed(digits)} s`;
  if (seconds < 60) return `${seconds.toFixed(digits)} s`;
  const whole = Math.floor(seconds / 60);
  const rest = (seconds % 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  const minutes = whole < 60 ? `${whole}` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  return `${minutes}:${rest}`;
}
