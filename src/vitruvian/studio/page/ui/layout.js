/** Layout: mode, theme, tabs of the phone, sidebar, and the bars that divide the panels. */

import { byId, element } from "./app.js";
import { icon } from "./controls.js";

/** @import { App } from "./app.js" */

const TABS = [["picture", "Picture"], ["scene", "3D"], ["charts", "Angles"], ["numbers", "Numbers"], ["settings", "Settings"]];
const NARROW = matchMedia("(max-width: 899px)");
const page = document.documentElement;

/** @param {App} app */
export function mount({ store }) {
  tabs();
  dividers();
  page.dataset.sidebar = innerWidth < 1200 ? "closed" : "open";
  const update = () => {
    page.dataset.mode = store.state.mode;
    page.dataset.kind = store.state.file?.kind ?? "";
    page.dataset.theme = store.state.settings.theme;
    document.title = store.state.title ? `${store.state.title} – Vitruvian studio` : "Vitruvian studio";
  };
  store.on(["mode", "settings", "title", "file"], update);
  update();
  const place = () => (NARROW.matches ? byId("tracking-settings").before(byId("model")) : byId("source").after(byId("model")));
  NARROW.addEventListener("change", place);
  place();
}

export function toggleSidebar() {
  page.dataset.sidebar = page.dataset.sidebar === "open" ? "closed" : "open";
}

/** The tabs that a phone has instead of panels beside each other. */
function tabs() {
  const buttons = TABS.map(([name, text]) => element("button", { type: "button", "data-name": name, onclick: () => choose(name) },
    icon(name), element("span", {}, text)));
  const choose = (/** @type {string} */ name) => {
    page.dataset.tab = name;
    for (const each of buttons) each.setAttribute("aria-current", String(each.dataset.name === name));
  };
  byId("tabs").append(...buttons);
  choose("picture");
}

/** Bars between the panels: drag, or focus and arrow keys. */
function dividers() {
  for (const [property, text, orientation] of [["--split", "Width of the picture", "vertical"], ["--lower", "Height of the lower panels", "horizontal"]]) {
    const isVertical = orientation === "vertical";
    const bar = element("div", { class: `divider ${orientation}`, role: "separator", tabIndex: 0, "aria-label": text,
      "aria-orientation": orientation, "aria-valuemin": "20", "aria-valuemax": "80" });
    const main = byId("main");
    let share = isVertical ? 58 : 30;
    const set = (/** @type {number} */ wanted) => {
      share = Math.min(Math.max(wanted, 20), 80);
      main.style.setProperty(property, `${share}fr`);
      main.style.setProperty(`${property}-rest`, `${100 - share}fr`);
      bar.setAttribute("aria-valuenow", share.toFixed(0));
    };
    bar.addEventListener("pointerdown", (event) => bar.setPointerCapture(event.pointerId));
    bar.addEventListener("pointermove", (event) => {
      if (!bar.hasPointerCapture(event.pointerId)) return;
      const box = main.getBoundingClientRect();
      set(isVertical ? (100 * (event.clientX - box.left)) / box.width : (100 * (box.bottom - event.clientY)) / box.height);
    });
    bar.addEventListener("keydown", ({ key }) => {
      const step = { ArrowLeft: -2, ArrowRight: 2, ArrowUp: 2, ArrowDown: -2 }[key];
      if (step && isVertical === /Left|Right/.test(key)) set(share + step);
    });
    set(share);
    main.append(bar);
  }
}
