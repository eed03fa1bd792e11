/** Picture panel: the picture with the overlay; zoom, mirror. */

/** @param {import("./app.js").App} app */
export function mount(app) {
  void app;
}
