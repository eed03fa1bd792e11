/** Picture panel: the picture with the overlay; zoom, pan, mirror, full screen. */

import { byId, eachFrame, element } from "./app.js";
import { button } from "./controls.js";
import { drawOverlay, drawPicture } from "./overlay.js";
import { View } from "./view.js";

/** @import { App } from "./app.js" */

const PIXELS_FROM = 3; // device px per picture px: single pixels are shown
const NEAR_PX = 10;

/** @param {App} app */
export function mount(app) {
  const { store, info } = app;
  const view = new View();
  const canvas = element("canvas", { role: "img", "aria-label": "Picture with overlay" });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { alpha: false }));
  const empty = element("p", { class: "empty" }, "Waiting for the first frame…");
  const people = element("p", { class: "sr", role: "status" });
  const tip = element("p", { class: "tip chip", hidden: true });
  const lost = element("p", { class: "lost chip", role: "status" });
  const panel = byId("picture");
  panel.append(canvas, empty, tip, lost, people);

  const ask = eachFrame(draw, panel);

  function draw() {
    const { shown, settings, fps, mode, highlight } = store.state;
    const pixels = devicePixelRatio;
    const [w, h] = [panel.clientWidth, panel.clientHeight];
    const [width, height] = [Math.round(w * pixels), Math.round(h * pixels)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = getComputedStyle(panel).backgroundColor;
    context.fillRect(0, 0, width, height);
    empty.hidden = Boolean(shown);
    if (!shown) return;
    view.resize([w, h], [shown.width, shown.height]);
    const scale = view.scale * pixels;
    context.setTransform(scale, 0, 0, scale, view.x * pixels, view.y * pixels);
    context.imageSmoothingEnabled = scale < PIXELS_FROM;
    drawPicture(context, shown, settings.mirror);
    drawOverlay(context, shown, settings, info, view.scale, { fps: mode === "live" ? fps : null, highlight });
    const n = shown.result?.poses.length;
    write(byId("picture-size"), `${shown.width} × ${shown.height}`);
    write(percent, `${Math.round(100 * scale)} %`);
    write(people, n === undefined ? "" : `${n === 0 ? "Nobody" : n === 1 ? "1 person" : `${n} people`} in view`);
  }

  /** @param {number} scale @param {[number, number]} [point] */
  const zoom = (scale, point) => {
    view.zoom(scale, point);
    ask();
  };
  const percent = element("button", { type: "button", class: "quiet number", title: "Zoom to 1:1", onclick: () => zoom(1 / devicePixelRatio) });
  const mirror = button("mirror", "Mirror the picture", () => store.setSettings({ mirror: !store.state.settings.mirror }));
  const fit = button("fit", "Fit the picture (double click)", () => {
    view.fit();
    ask();
  });
  const zooming = element("span", { class: "zoom" }, button("minus", "Zoom out", () => zoom(view.scale / 1.4)), percent,
    button("plus", "Zoom in", () => zoom(view.scale * 1.4)));
  byId("picture-tools").append(zooming, fit, mirror, button("full", "Full screen (Shift+F)", () => toggleFullScreen(byId("picture-panel"))));

  movable(canvas, view, ask);
  canvas.addEventListener("pointermove", (event) => {
    const found = event.buttons ? null : nearest(event.offsetX, event.offsetY);
    tip.hidden = !found;
    if (found) {
      const { name, x, y, visibility } = found;
      tip.textContent = `${name.replaceAll("_", " ")} ${x.toFixed(0)}, ${y.toFixed(0)} px · visibility ${visibility.toFixed(2)}`;
      tip.style.translate = `${Math.min(event.offsetX + 12, panel.clientWidth - tip.offsetWidth - 4)}px ${event.offsetY + 16}px`;
    }
    store.set({ highlight: found?.landmark ?? null });
  });
  canvas.addEventListener("pointerleave", () => {
    tip.hidden = true;
    store.set({ highlight: null });
  });

  /** The landmark at a point of the panel, or null. @param {number} px @param {number} py */
  function nearest(px, py) {
    const { shown, settings } = store.state;
    if (!shown?.result || !settings.landmarks) return null;
    const [u, v] = view.pictureAt([px, py]);
    let [best, distance] = [/** @type {any} */ (null), NEAR_PX / view.scale];
    for (const pose of shown.result.poses) {
      pose.landmarks.forEach(([x, y], landmark) => {
        const away = Math.hypot((settings.mirror ? shown.width - 1 - x : x) - u, y - v);
        if (away < distance) {
          distance = away;
          best = { landmark, name: info.skeleton.names[landmark], x, y, visibility: pose.visibility[landmark] };
        }
      });
    }
    return best;
  }

  store.on(["shown", "settings", "mode", "highlight"], ask);
  store.on(["liveState"], () => {
    const { liveState, title } = store.state;
    write(lost, liveState?.is_lost ? `${title} is lost: reconnecting…` : "");
  });
  store.on(["mode"], () => store.state.mode === "recorded" && store.setSettings({ mirror: false }));
  store.on(["settings"], () => mirror.setAttribute("aria-pressed", String(store.state.settings.mirror)));
  const onOtherScreen = () => {
    ask();
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", onOtherScreen, { once: true });
  };
  onOtherScreen();
}

/** Text costs a layout of the page: only if it is another one. @param {HTMLElement} place @param {string} text */
function write(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** @param {HTMLElement} panel */
export function toggleFullScreen(panel) {
  if (document.fullscreenElement) document.exitFullscreen();
  else panel.requestFullscreen?.();
}

/**
 * Wheel, drag, pinch and double click on a canvas change its view.
 * @param {HTMLCanvasElement} canvas @param {View} view @param {() => void} changed
 */
function movable(canvas, view, changed) {
  /** @type {Map<number, [number, number]>} */
  const fingers = new Map();
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return { at: /** @type {[number, number]} */ ([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]), px: Math.hypot(a[0] - b[0], a[1] - b[1]) };
  };
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    view.zoom(view.scale * Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), [event.offsetX, event.offsetY]);
    changed();
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
  });
  canvas.addEventListener("pointermove", (event) => {
    const last = fingers.get(event.pointerId);
    if (!last) return;
    const before = fingers.size === 2 ? spread() : null;
    fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (before) {
      const now = spread();
      view.zoom((view.scale * now.px) / Math.max(before.px, 1), now.at);
      view.pan(now.at[0] - before.at[0] , now.at[1] - before.at[1]);
    } else view.pan(event.offsetX - last[0], event.offsetY - last[1]);
    changed();
  });
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
    canvas.addEventListener(name, (event) => fingers.delete(event.pointerId));
  }
  canvas.addEventListener("dblclick", (event) => {
    const [single, closer] = [1 / devicePixelRatio, 2 * view.fitted];
    if (view.isFitted) view.zoom(single > 1.2 * view.fitted ? single : closer, [event.offsetX, event.offsetY]);
    else view.fit();
    changed();
  });
}
