/** Scene panel: the 3D view beside the picture. */

/** @param {import("./app.js").App} app */
export function mount(app) {
  void app;
}
