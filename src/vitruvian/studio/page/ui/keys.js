/** Keys: the keyboard, and the list of what it does. */

/** @param {import("./app.js").App} app */
export function mount(app) {
  void app;
}
