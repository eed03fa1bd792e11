/** Numbers panel: a table of the landmarks of the person who is followed. */

import { byId, element } from "./app.js";
import { followedId, personSelect, poseOf } from "./people.js";

const INTERVAL_MS = 100;
/** Columns: title, quantity, axis, digits. @type {[string, "landmarks"|"world"|"camera"|"visibility", number, number][]} */
const COLUMNS = [
  ["x px", "landmarks", 0, 1],
  ["y px", "landmarks", 1, 1],
  ["z px", "landmarks", 2, 1],
  ["x m", "world", 0, 3],
  ["y m", "world", 1, 3],
  ["z m", "world", 2, 3],
  ["Visibility", "visibility", 0, 2],
  ["Camera x m", "camera", 0, 3],
  ["Camera y m", "camera", 1, 3],
  ["Camera z m", "camera", 2, 3],
];

/** @param {import("./app.js").App} app */
export function mount(app) {
  const { store, info } = app;
  const rows = info.skeleton.names.map((name, i) => {
    const button = element("button", { class: "quiet", "aria-pressed": "false" }, name.replaceAll("_", " "));
    button.addEventListener("click", () => {
      store.set({ highlight: store.state.highlight === i ? null : i });
    });
    const cells = COLUMNS.map(() => element("td", { class: "number" }));
    const row = element("tr", {}, element("th", { scope: "row" }, button), ...cells);
    return { row, cells, button, name };
  });
  const heads = COLUMNS.map(([title]) => element("th", { scope: "col" }, title));
  const copy = element("button", {}, "Copy");
  const caption = element("span", { class: "muted" });
  const table = element(
    "table", { "aria-label": "Landmarks" },
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "Landmark"), ...heads)),
    element("tbody", {}, ...rows.map(({ row }) => row)),
  );
  const frame = element("div", { class: "numbers-table", tabIndex: 0, role: "region", "aria-label": "Table of landmarks" }, table);
  byId("numbers").append(element("div", { class: "chart-bar" }, personSelect(app), caption, copy), frame);

  function draw() {
    const { shown, highlight } = store.state;
    const id = followedId(app);
    const pose = poseOf(shown?.result, id);
    caption.textContent = pose ? `Score ${pose.score.toFixed(2)}` : "No person in this frame";
    copy.disabled = !pose;
    frame.classList.toggle("has-camera", Boolean(pose?.camera));
    rows.forEach(({ row, cells, button }, i) => {
      button.setAttribute("aria-pressed", String(highlight === i));
      row.classList.toggle("is-hidden", pose !== null && pose.visibility[i] < info.style.min_visibility);
      COLUMNS.forEach(([, quantity, axis, digits], k) => {
        const values = pose?.[quantity]?.[i];
        const value = Array.isArray(values) ? values[axis] : values;
        cells[k].textContent = Number.isFinite(value) ? Number(value).toFixed(digits).replace("-", "−") : "–";
      });
    });
  }

  copy.addEventListener("click", async () => {
    const text = [...table.rows].map((row) => {
      const parts = [...row.cells].filter((cell) => getComputedStyle(cell).display !== "none");
      return parts.map((cell) => cell.textContent?.replace("−", "-").replace("–", "")).join("\t");
    }).join("\n");
    try {
      await navigator.clipboard.writeText(text);
      app.tell("The table is on the clipboard.");
    } catch {
      app.tell("The table could not be copied.", "The clipboard needs HTTPS or localhost.", "error");
    }
  });

  let timer = 0;
  store.on(["shown", "settings", "highlight", "mode"], () => {
    timer ||= window.setTimeout(() => {
      timer = 0;
      if (frame.clientWidth) draw();
    }, INTERVAL_MS);
  });
  new ResizeObserver(draw).observe(frame);
  draw();
}
