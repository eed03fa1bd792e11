/** Drop: files that are dropped on the page. */

import { element } from "./app.js";
import { icon } from "./controls.js";

/** @import { App } from "./app.js" */

const RESULTS = /\.(jsonl|json|csv|parquet|npz)$/i;

/** @param {App} app */
export function mount(app) {
  const { actions, store, tell } = app;
  const words = element("p");
  const overlay = element("div", { class: "drop", hidden: true }, icon("upload"), words,
    element("p", { class: "muted" }, "A video, an image, or results. Drop a video and its results together to see both."));
  document.body.append(overlay);
  let depth = 0; // of the elements that the files are over

  /** @param {string} name @param {(event: DragEvent) => void} act */
  const on = (name, act) =>
    addEventListener(name, (event) => {
      if (!(event instanceof DragEvent) || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      act(event);
      overlay.hidden = depth === 0;
    });

  on("dragenter", () => {
    depth += 1;
    const { mode, title } = store.state;
    const instead = { empty: "", live: "; the camera stops", recorded: `; ${title} is closed` }[mode];
    words.textContent = `Drop to open${instead}`;
  });
  on("dragover", () => {});
  on("dragleave", () => (depth -= 1));
  on("drop", ({ dataTransfer }) => {
    depth = 0;
    const files = [...(dataTransfer?.files ?? [])];
    const media = files.filter(({ name }) => !RESULTS.test(name));
    const results = files.filter(({ name }) => RESULTS.test(name));
    const opened = media.length ? [media[0], ...results.slice(0, 1)] : results.slice(0, 1);
    const others = files.filter((file) => !opened.includes(file));
    if (others.length) tell(`Not opened: ${others.map(({ name }) => name).join(", ")}.`, "One video is open at a time.");
    if (opened.length) void actions.openFile(opened[0], opened[1]);
  });
}
