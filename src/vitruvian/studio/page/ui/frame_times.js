/** Frame times: which frame is shown at a time. */

/**
 * The place of the last frame that is not later than a time; 0 if all are later.
 * @param {number[]} times_us increasing
 * @param {number} time_us
 */
export function frameAt(times_us, time_us) {
  let low = 0;
  let high = times_us.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times_us[middle] <= time_us) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/**
 * A time at which a frame is shown for certain: the middle between it and the next one.
 * @param {number[]} times_us
 * @param {number} index
 */
export function middleOf(times_us, index) {
  const time_us = times_us[index];
  const next_us = times_us[index + 1] ?? 2 * time_us - (times_us[index - 1] ?? time_us);
  return (time_us + next_us) / 2;
}
