/** Drop: files that are dropped on the page. */

/** @param {import("./app.js").App} app */
export function mount(app) {
  void app;
}
