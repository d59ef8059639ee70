// Draw every [data-chart] from the JSON block it names. The table behind it holds the same figures.
(() => {
  "use strict";
  const drawn = [];
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const base = () => ({
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colour("--midan-quiet") },
    tooltip: { renderMode: "richText", trigger: "axis", confine: true },
    grid: { left: 8, right: 20, top: 20, bottom: 8, containLabel: true },
  });
  const axis = () => ({
    axisLine: { lineStyle: { color: colour("--midan-line") } },
    axisTick: { show: false },
    axisLabel: { color: colour("--midan-quiet"), hideOverlap: true },
    splitLine: { lineStyle: { color: colour("--midan-line") } },
  });
  const kinds = {
    columns: (data) => ({
      ...base(),
      xAxis: { type: "category", data: data.names, ...axis() },
      yAxis: { type: "value", minInterval: 1, splitNumber: 3, ...axis() },
      series: [{
        type: "bar", name: data.title, data: data.values, barMaxWidth: 28,
        itemStyle: { color: colour("--midan-accent"), borderRadius: [4, 4, 0, 0] },
        label: { show: data.values.length < 16, position: "top", color: colour("--midan-ink"), formatter: (p) => p.value || "" },
      }],
    }),
    pairs: (data) => ({
      ...base(),
      grid: { left: 8, right: 20, top: 44, bottom: 8, containLabel: true },
      legend: { left: 12, top: 8, itemWidth: 12, itemHeight: 12, textStyle: { color: colour("--midan-ink") } },
      xAxis: { type: "category", data: data.names, ...axis() },
      yAxis: { type: "value", minInterval: 1, splitNumber: 3, ...axis() },
      series: data.series.map((one, at) => ({
        type: "bar", name: one.name, data: one.values, barMaxWidth: 20,
        itemStyle: { color: colour(at ? "--midan-quiet" : "--midan-accent"), borderRadius: [4, 4, 0, 0] },
        label: { show: one.values.length < 16, position: "top", color: colour("--midan-ink"), formatter: (p) => p.value || "" },
      })),
    }),
    bars: (data) => ({
      ...base(),
      tooltip: { show: false },
      grid: { left: 8, right: 64, top: 4, bottom: 4, containLabel: true },
      xAxis: { type: "value", show: false },
      yAxis: { type: "category", inverse: true, data: data.names, ...axis(), splitLine: { show: false }, axisLine: { show: false }, axisLabel: { color: colour("--midan-ink") } },
      series: [{
        type: "bar", name: data.title, data: data.values, barMaxWidth: 18,
        itemStyle: { color: colour("--midan-accent"), borderRadius: [0, 4, 4, 0] },
        label: { show: true, position: "right", color: colour("--midan-ink"), formatter: (p) => p.value.toLocaleString() },
      }],
    }),
  };
  const draw = () => {
    for (const node of document.querySelectorAll("[data-chart]")) {
      const data = JSON.parse(document.getElementById(node.dataset.chart).textContent);
      // Few bars need little room; the rest of a tall card would be empty.
      if (node.dataset.kind === "bars") node.style.height = `${Math.min(272, 40 + 36 * data.names.length)}px`;
      const chart = echarts.getInstanceByDom(node) || echarts.init(node, null, { renderer: "canvas" });
      chart.setOption(kinds[node.dataset.kind](data), true);
      if (!drawn.includes(chart)) drawn.push(chart);
    }
  };
  addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
  document.addEventListener("midan:theme", draw);
  document.addEventListener("DOMContentLoaded", draw);
})();
