/** Timeline panel: play head, speed, coverage of each person. */

/** @param {import("./app.js").App} app */
export function mount(app) {
  void app;
}
