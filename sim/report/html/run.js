// Charts of one run, drawn from report.json (script#data).
const report = readData("data");

function shareChart(id, parts) {
  const present = Object.entries(parts).filter(([, value]) => value > 0);
  const whole = present.reduce((sum, [, value]) => sum + value, 0);
  registerChart(id, () => ({
    type: "doughnut",
    data: {
      labels: present.map(([name]) => label(name)),
      datasets: [{
        data: present.map(([, value]) => value),
        backgroundColor: present.map(([name]) => cssColor(name)),
        borderColor: cssColor("card"),
        borderWidth: 2,
      }],
    },
    options: {
      cutout: "58%",
      plugins: {
        legend: { display: false },
        tooltip: { callbacks: {
          label: (item) => ` ${item.label}: ${(100 * item.raw / whole).toFixed(1)} %`,
        } },
      },
    },
  }));
}

shareChart("energy-parts", report.energy_by_component_pj);
shareChart("area-parts", report.area.by_component);
shareChart("time-parts", {
  compute: report.totals.compute_cycles,
  dram_stall: report.totals.dram_stall_cycles,
  other_stall: report.totals.other_stall_cycles,
});

// One bar per layer, stacked by series: [{name, values}].
function stackedLayers(id, title, series) {
  registerChart(id, () => ({
    type: "bar",
    data: {
      labels: report.layers.map((layer) => layer.name),
      datasets: series.filter((one) => one.values.some((value) => value > 0)).map((one) => ({
        label: label(one.name),
        data: one.values,
        backgroundColor: cssColor(one.name),
        barPercentage: 0.94,
        categoryPercentage: 0.94,
      })),
    },
    options: {
      interaction: { mode: "index", intersect: false },
      plugins: { tooltip: { callbacks: {
        label: (item) => ` ${item.dataset.label}: ${show(item.raw)}`,
        footer: (items) => `total: ${show(items.reduce((sum, item) => sum + item.raw, 0))}`,
      } } },
      scales: {
        x: layerAxis({ stacked: true }),
        y: axis(title, { stacked: true, ticks: { callback: show } }),
      },
    },
  }));
}

const cyclesOf = (key, name) => ({ name, values: report.layers.map((layer) => layer[key]) });
stackedLayers("layer-latency", "cycles", [
  cyclesOf("compute_cycles", "compute"),
  cyclesOf("dram_stall_cycles", "dram_stall"),
  cyclesOf("other_stall_cycles", "other_stall"),
]);
stackedLayers("layer-energy", "nJ", Object.keys(report.energy_by_component_pj).map((name) => ({
  name,
  values: report.layers.map((layer) => (layer.energy_by_component_pj[name] ?? 0) / 1e3),
})));

// Roofline: TOPS against operations per DRAM byte; 1 MAC = 2 operations.
function rooflinePoints() {
  const tera = 2 * report.design.clock_mhz * 1e6 / 1e12;  // MACs per cycle → TOPS
  const layers = report.layers.filter((layer) => layer.macs > 0 && layer.latency_cycles > 0);
  const finite = layers.filter((layer) => layer.dram_bytes > 0)
    .map((layer) => 2 * layer.macs / layer.dram_bytes);
  const edge = 2 * Math.max(1, ...finite);  // where layers without DRAM traffic stand
  const points = layers.map((layer) => ({
    x: layer.dram_bytes > 0 ? 2 * layer.macs / layer.dram_bytes : edge,
    y: tera * layer.macs / layer.latency_cycles,
    name: layer.name,
    bits: `W${layer.weight_bits} A${layer.act_bits}`,
    off: layer.dram_bytes === 0,
  }));
  const peaks = new Map();
  for (const layer of layers) {
    const peak = tera * layer.macs / layer.ideal_cycles;
    const key = peak.toPrecision(6);
    const bits = `W${layer.weight_bits} A${layer.act_bits}`;
    if (!peaks.has(key)) peaks.set(key, { peak, bits: new Set() });
    peaks.get(key).bits.add(bits);
  }
  // From well left of the first layer, or of the ridge where the roofs bend, to the right edge.
  const tops = [...peaks.values()].map(({ peak }) => peak);
  const ridge = report.design.dram_infinite ? edge
    : Math.min(...tops) * 1e3 / report.design.dram_bandwidth_gbps;
  const low = Math.min(ridge, ...points.map((point) => point.x)) / 3;
  return { points, peaks: [...peaks.values()], low, high: Math.max(2 * edge, 3 * ridge) };
}

registerChart("roofline-chart", () => {
  const { points, peaks, low, high } = rooflinePoints();
  if (points.length === 0) return null;
  const slope = report.design.dram_infinite ? Infinity : report.design.dram_bandwidth_gbps / 1e3;
  const colors = [cssColor("mac_array"), cssColor("weight_buffer"), cssColor("post_processing"),
    cssColor("dma"), cssColor("output_buffer")];
  const roofs = peaks.map(({ peak, bits }, index) => ({
    type: "line",
    label: `peak ${show(peak)} TOPS (${[...bits].slice(0, 3).join(", ")}${bits.size > 3 ? " …" : ""})`,
    data: slope === Infinity ? [{ x: low, y: peak }, { x: high, y: peak }]
      : [{ x: low, y: Math.min(peak, low * slope) }, { x: Math.min(high, peak / slope), y: peak },
        { x: high, y: peak }].sort((left, right) => left.x - right.x),
    borderColor: colors[index % colors.length],
    borderWidth: 2,
    pointRadius: 0,
    fill: false,
  }));
  return {
    type: "scatter",
    data: { datasets: [{
      label: "layers", data: points, backgroundColor: cssColor("dram") + "cc",
      pointRadius: 5, pointHoverRadius: 7,
      pointStyle: points.map((point) => point.off ? "triangle" : "circle"),
    }, ...roofs] },
    options: {
      plugins: { tooltip: {
        filter: (item) => item.datasetIndex === 0,
        callbacks: { label: ({ raw }) =>
          ` ${raw.name} (${raw.bits}): ${show(raw.y)} TOPS, ` +
          (raw.off ? "no DRAM traffic" : `${show(raw.x)} operations per byte`) },
      } },
      scales: {
        x: logAxis("operations per DRAM byte", { min: low, max: high }),
        y: logAxis("TOPS", { min: Math.min(...points.map((point) => point.y)) / 3,
          max: 2 * Math.max(...peaks.map(({ peak }) => peak)) }),
      },
    },
  };
});

if (report.gain_waterfall) {
  registerChart("gain-chart", () => {
    const { steps, total } = report.gain_waterfall;
    let reached = 1;
    const bars = steps.map((step) => [reached, reached *= step.factor]);
    const grows = bars.map(([from, to]) => to >= from);
    return {
      type: "bar",
      data: {
        labels: [...steps.map((step) => step.name), "total"],
        datasets: [{
          data: [...bars, [1, total]],
          backgroundColor: [...grows.map((up) => cssColor(up ? "weight_buffer" : "dram")),
            cssColor("mac_array")],
          minBarLength: 3,
        }],
      },
      options: {
        plugins: { legend: { display: false }, tooltip: { callbacks: { label: (item) =>
          ` × ${show(item.raw[1] / item.raw[0])}, reaching ${show(item.raw[1])}` } } },
        scales: {
          x: { grid: { display: false } },
          y: axis("gain (logarithmic)", { type: "logarithmic",
            min: Math.min(1, ...bars.flat()) * 0.9, ticks: { callback: show, autoSkip: true } }),
        },
      },
    };
  });
}
