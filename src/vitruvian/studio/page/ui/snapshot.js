/** Snapshot: the picture and its overlay as a PNG. */

import { element } from "./app.js";
import { drawOverlay } from "./overlay.js";

/**
 * Save what is shown in the size of the picture, mirrored as on the screen.
 * @param {import("./app.js").App} app
 */
export async function saveSnapshot({ store, info }) {
  const { shown, settings, title, time_us } = store.state;
  if (!shown) return;
  const { image, width, height } = shown;
  const canvas = element("canvas", { width, height });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  if (settings.mirror) context.setTransform(-1, 0, 0, 1, width, 0);
  if (image) context.drawImage(image, 0, 0, width, height);
  context.resetTransform();
  drawOverlay(context, shown, settings, info);
  /** @type {Blob|null} */
  const png = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!png) return;
  const href = URL.createObjectURL(png);
  const name = title.replace(/^.*[/\\]|\.\w+$/g, "") || "vitruvian";
  element("a", { href, download: `${name} ${(time_us / 1e6).toFixed(3)} s.png` }).click();
  URL.revokeObjectURL(href);
}
