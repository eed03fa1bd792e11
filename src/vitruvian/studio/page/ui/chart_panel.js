/** Chart panel: joint angles over time. */

/** @param {import("./app.js").App} app */
export function mount(app) {
  void app;
}
