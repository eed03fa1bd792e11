/** Numbers panel: a table of the landmarks of one person. */

/** @param {import("./app.js").App} app */
export function mount(app) {
  void app;
}
