/** Live: the camera of the browser, or a camera of the server, through a live session. */

/** @param {import("./app.js").App} app */
export function mount(app) {
  void app;
}
