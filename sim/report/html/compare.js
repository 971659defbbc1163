// Charts of a comparison: gains of the totals, then every layer with one bar per run.
const comparison = readData("data");
const runColors = ["idle", "mac_array", "dram", "weight_buffer", "post_processing", "output_buffer",
  "dma", "act_buffer"];
const runColor = (index) => cssColor(runColors[index % runColors.length]);

// Gains: above 1 is better, whichever way the quantity goes.
const gains = [["latency_cycles", "latency", -1], ["inferences_per_second", "throughput", 1],
  ["energy_pj", "energy", -1], ["dram_bytes", "DRAM bytes", -1], ["utilization", "utilization", 1],
  ["tops_per_watt", "TOPS/W", 1], ["area_total_um2", "area", -1]]
  .filter(([key]) => comparison.totals[key]?.ratios.every((ratio) => ratio > 0));

// A ratio of 1 in the middle, the worst and the best with some room around them.
const reach = 1.3 * Math.max(1.2, ...gains.flatMap(([key]) =>
  comparison.totals[key].ratios.map((ratio) => Math.max(ratio, 1 / ratio))));

// Options of a chart of gains: a logarithmic axis with 1 in its middle.
function gainOptions(title, reach) {
  return {
    plugins: { tooltip: { callbacks: {
      label: (item) => ` ${item.dataset.label}: × ${show(item.raw)}` } } },
    scales: { x: { grid: { display: false } }, y: logAxis(title, { min: 1 / reach, max: reach }) },
  };
}

registerChart("ratio-chart", () => ({
  type: "bar",
  data: {
    labels: gains.map(([, name]) => name),
    datasets: comparison.runs.slice(1).map((run, index) => ({
      label: run,
      data: gains.map(([key, , direction]) => comparison.totals[key].ratios[index + 1] ** direction),
      backgroundColor: runColor(index + 1),
      base: 1,
      minBarLength: 2,
    })),
  },
  options: gainOptions("gain over the baseline (logarithmic)", reach),
}));

// Factors of each run's gain, in the order they are met first.
const factorNames = [...new Set(comparison.gain_waterfalls.flatMap((gain) =>
  gain.steps.map((step) => step.name)))];
const factorReach = 1.3 * Math.max(1.2, ...comparison.gain_waterfalls.flatMap((gain) =>
  [...gain.steps.map((step) => step.factor), gain.total].map((one) => Math.max(one, 1 / one))));
registerChart("gain-chart", () => ({
  type: "bar",
  data: {
    labels: [...factorNames, "total"],
    datasets: comparison.gain_waterfalls.map((gain) => ({
      label: gain.subject,
      data: [...factorNames.map((name) =>
        gain.steps.find((step) => step.name === name)?.factor ?? 1), gain.total],
      backgroundColor: runColor(comparison.runs.indexOf(gain.subject, 1)),
      base: 1,
      minBarLength: 2,
    })),
  },
  options: gainOptions("gain in speed (logarithmic)", factorReach),
}));

function layerBars(id, title, key, scale) {
  registerChart(id, () => ({
    type: "bar",
    data: {
      labels: comparison.layers.map((layer) => layer.name),
      datasets: comparison.runs.map((run, index) => ({
        label: run,
        data: comparison.layers.map((layer) =>
          layer[key][index] === null ? null : layer[key][index] * scale),
        backgroundColor: runColor(index),
        categoryPercentage: 0.85,
      })),
    },
    options: {
      interaction: { mode: "index", intersect: false },
      plugins: { tooltip: { callbacks: {
        label: (item) => ` ${item.dataset.label}: ${show(item.raw)}` } } },
      scales: {
        x: layerAxis(),
        y: axis(title, { ticks: { callback: show } }),
      },
    },
  }));
}
layerBars("layer-latency-chart", "cycles", "latency_cycles", 1);
layerBars("layer-energy-chart", "nJ", "energy_pj", 1e-3);
