/** Settings panel: what the overlay and the 3D view show; smoothing. */

/** @param {import("./app.js").App} app */
export function mount(app) {
  void app;
}
