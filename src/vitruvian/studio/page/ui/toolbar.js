/** Toolbar: source, model, people, record, export. */

/** @param {import("./app.js").App} app */
export function mount(app) {
  void app;
}
