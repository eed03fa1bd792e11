/** Frame times: which frame is shown at a time. */

/**
 * The place of the last of `n` frames that is not later than a time; 0 if all are later.
 * @param {number} n @param {(place: number) => number} timeOf in µs, increasing @param {number} time_us
 */
export function placeAt(n, timeOf, time_us) {
  let [low, high] = [0, n];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(middle) <= time_us) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** The frame that is shown at a time. @param {number[]} times_us increasing @param {number} time_us */
export const frameAt = (times_us, time_us) => placeAt(times_us.length, (place) => times_us[place], time_us);

/** A time at which a frame is shown for certain: the middle between it and the next one.
 * @param {number[]} times_us @param {number} index */
export function middleOf(times_us, index) {
  const time_us = times_us[index];
  const next_us = times_us[index + 1] ?? 2 * time_us - (times_us[index - 1] ?? time_us);
  return (time_us + next_us) / 2;
}
