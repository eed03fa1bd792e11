/** Recorded: files, jobs, and the play head of a video. */

/** @param {import("./app.js").App} app */
export function mount(app) {
  void app;
}
