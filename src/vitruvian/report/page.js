"use strict";
// One time for all charts: from the slider, or from the pointer over a chart.
for (const section of document.querySelectorAll(".person")) {
  const slider = section.querySelector(".time input");
  if (!slider) continue;
  const output = section.querySelector(".time output");
  const charts = [...section.querySelectorAll(".chart")].map((figure) => ({
    ...JSON.parse(figure.dataset.chart),
    svg: figure.querySelector("svg"),
    cursor: figure.querySelector(".cursor"),
    values: [...figure.querySelectorAll(".key b")],
  }));
  const show = (time) => {
    slider.value = time;
    output.textContent = time.toFixed(2) + " s";
    for (const chart of charts) {
      const t = chart.t;
      let low = 0, high = t.length - 1;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (t[middle] <= time) low = middle; else high = middle;
      }
      const i = time - t[low] < t[high] - time ? low : high;
      const part = (time - t[0]) / (t[t.length - 1] - t[0]);
      const x = chart.x[0] + part * (chart.x[1] - chart.x[0]);
      chart.cursor.setAttribute("transform", "translate(" + x.toFixed(1) + " 0)");
      chart.cursor.style.opacity = 0.6;
      chart.values.forEach((value, k) => {
        const v = chart.v[k][i];
        value.textContent = v === null ? "not visible" : v.toFixed(0) + "°";
      });
    }
  };
  slider.addEventListener("input", () => show(Number(slider.value)));
  for (const chart of charts) {
    chart.svg.addEventListener("pointermove", (event) => {
      const box = chart.svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * chart.svg.viewBox.baseVal.width;
      const part = Math.min(1, Math.max(0, (x - chart.x[0]) / (chart.x[1] - chart.x[0])));
      show(chart.t[0] + part * (chart.t[chart.t.length - 1] - chart.t[0]));
    });
  }
  section.classList.add("live");
}
