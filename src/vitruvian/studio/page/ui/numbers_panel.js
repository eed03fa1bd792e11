/** Numbers panel: a table of the landmarks of the person who is followed. */

import { byId, element } from "./app.js";
import { button } from "./controls.js";
import { followed, personSelect } from "./people.js";

/** @import { App } from "./app.js" */

const INTERVAL_MS = 200;
/** Title, quantity, axis, digits. @type {[string, "landmarks"|"world"|"camera"|"visibility", number, number][]} */
const COLUMNS = [
  ["x px", "landmarks", 0, 1], ["y px", "landmarks", 1, 1], ["z px", "landmarks", 2, 1],
  ["x m", "world", 0, 3], ["y m", "world", 1, 3], ["z m", "world", 2, 3], ["Visibility", "visibility", 0, 2],
  ["Camera x m", "camera", 0, 3], ["Camera y m", "camera", 1, 3], ["Camera z m", "camera", 2, 3],
];

/** @param {App} app */
export function mount(app) {
  const { store, info, tell } = app;
  const rows = info.skeleton.names.map((name, i) => {
    const mark = () => store.set({ highlight: store.state.highlight === i ? null : i });
    const head = element("button", { class: "quiet", tabIndex: i ? -1 : 0, title: "Mark it in the picture (↑ ↓ move)", onclick: mark }, name.replaceAll("_", " "));
    const row = element("tr", {}, element("th", { scope: "row" }, head), ...COLUMNS.map(() => element("td", { class: "number" })));
    return { row, head };
  });
  const heads = ["Landmark", ...COLUMNS.map(([title]) => title)].map((text) => element("th", { scope: "col" }, text));
  const body = element("tbody", {}, ...rows.map(({ row }) => row));
  const table = element("table", { "aria-label": "Landmarks" }, element("thead", {}, element("tr", {}, ...heads)), body);
  const lost = element("span", { class: "chip", role: "status" });
  oneTabStop(body, rows.map(({ head }) => head));
  byId("numbers").append(table);
  byId("numbers-tools").append(lost, personSelect(app), button("", "Copy", copy, { isShown: true, title: "Copy the table for a spreadsheet" }));

  function draw() {
    const { highlight, shown } = store.state;
    const { id, pose: last, isNow } = followed(app);
    const pose = shown?.result ? last : null; // not tracked yet
    lost.hidden = isNow || id === null || !shown?.result;
    lost.textContent = lost.hidden ? "" : `Not visible now${pose ? ": last place" : ""}`;
    table.classList.toggle("is-past", !lost.hidden);
    table.classList.toggle("has-camera", Boolean(pose?.camera));
    rows.forEach(({ row, head }, i) => {
      head.setAttribute("aria-pressed", String(highlight === i));
      row.classList.toggle("is-hidden", pose !== null && pose.visibility[i] < info.style.min_visibility);
      COLUMNS.forEach(([, quantity, axis, digits], k) => {
        const value = pose && [pose[quantity]?.[i]].flat()[axis];
        const text = typeof value === "number" ? value.toFixed(digits).replace("-", "−") : "–";
        if (row.cells[k + 1].textContent !== text) row.cells[k + 1].textContent = text;
      });
    });
  }

  async function copy() {
    const text = (/** @type {HTMLTableCellElement} */ { textContent }) => textContent?.replace("−", "-").replace("–", "");
    const lines = [...table.rows].map(({ cells }) => [...cells].filter((cell) => cell.offsetWidth).map(text).join("\t"));
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
      tell("The table is on the clipboard.");
    } catch {
      tell("The table could not be copied.", "Browsers allow it by HTTPS and on localhost only.", "error");
    }
  }

  let timer = 0;
  const later = () => (timer ||= window.setTimeout(() => {
    timer = 0;
    if (table.clientWidth) draw();
  }, INTERVAL_MS));
  store.on(["shown", "settings", "highlight", "mode"], later);
  new ResizeObserver(later).observe(table);
  draw();
}

/** One Tab stop; arrow keys move in it. @param {HTMLElement} box @param {HTMLElement[]} heads */
function oneTabStop(box, heads) {
  box.addEventListener("focusin", ({ target }) => heads.forEach((head) => (head.tabIndex = head === target ? 0 : -1)));
  box.addEventListener("keydown", (event) => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    heads[heads.findIndex((head) => head === event.target) + way]?.focus();
  });
}
