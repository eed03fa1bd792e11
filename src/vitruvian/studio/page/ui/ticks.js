/** Ticks: round steps and times for the axes of charts. */

const CLOCK = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];

/** The smallest round step that is not below a value. @param {number} least @param {boolean} [isTime] seconds */
export function niceStep(least, isTime = false) {
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
  return (isTime && least > 0.5 && CLOCK.find((seconds) => seconds >= least)) || step;
}

/** A time as "5.80 s", "1:05" or, before now, "−4 s". @param {number} seconds @param {number} step between ticks: gives the digits */
export function clock(seconds, step) {
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  if (seconds < 60) return `${seconds.toFixed(digits).replace("-", "−")} s`;
  const rest = (seconds % 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  return `${Math.floor(seconds / 60)}:${rest}`;
}
