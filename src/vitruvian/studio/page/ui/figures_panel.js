/** Figures panel: frames, latency, times of the stages. */

/** @param {import("./app.js").App} app */
export function mount(app) {
  void app;
}
