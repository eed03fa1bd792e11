"""Shows results in the page without a camera or a file: a synthetic picture, real poses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHOW = """async ([results, mode, paint]) => {
  const app = window.vitruvian;
  const result = results.at(-1);
  const { width, height } = result;
  let image = null;
  if (paint) {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      pixels.data.set([(255 * x) / width, (255 * y) / height, 96, 255], 4 * i);
    }
    context.putImageData(pixels, 0, 0);
    image = await createImageBitmap(canvas);
  }
  app.history.results = [];
  for (const each of results) app.history.add(each);
  app.store.set({
    mode, title: "walk.mp4", time_us: result.timestamp_us,
    historyVersion: app.store.state.historyVersion + 1,
    shown: { image, width, height, result, mask: null, repetitions: [] },
  });
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def show(
    page: Page, results: list[dict[str, Any]], mode: str = "live", *, paint: bool = True
) -> None:
    """Show the last of `results` on a picture whose red grows with x and whose green with y."""
    page.evaluate(SHOW, [results, mode, paint])


def box_of(page: Page, selector: str) -> dict[str, float]:
    """Return x, y, width and height of an element that is seen."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    return dict(box)


def until(page: Page, condition: str) -> None:
    """Wait for a condition in JavaScript: Playwright's own wait needs `eval`."""
    page.evaluate(
        f"""(async () => {{
          const end_ms = performance.now() + 10_000;
          while (!({condition})) {{
            if (performance.now() > end_ms) throw new Error("not in 10 s: " + {condition!r});
            await new Promise((done) => setTimeout(done, 20));
          }}
        }})()"""
    )


def ramp(width: int, height: int) -> Any:
    """Return the picture of `show` as an RGB array."""
    import numpy as np

    x, y = np.meshgrid(np.arange(width), np.arange(height))
    channels = [255 * x / width, 255 * y / height, np.full_like(x, 96)]
    return np.stack([np.rint(channel) for channel in channels], axis=-1).astype(np.uint8)
