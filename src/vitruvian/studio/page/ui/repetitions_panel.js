/** Repetitions panel: the exercise and the counts. */

/** @param {import("./app.js").App} app */
export function mount(app) {
  void app;
}
