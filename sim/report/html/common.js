// Shared by every page: the embedded data, colours of the theme, number formats, chart upkeep.
document.documentElement.classList.remove("no-js");

const readData = (id) => {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : null;
};
const cssColor = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim() || "#888888";
const label = (name) => name === "mac_array" ? "MAC array"
  : name === "dma" || name === "dram" ? name.toUpperCase()
  : name === "dram_stall" ? "DRAM stall" : name.replaceAll("_", " ");

// Four significant digits; thousands are grouped.
const show = (value) => {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential(3);
  return value.toLocaleString("en", {
    maximumSignificantDigits: size >= 1000 ? Math.ceil(Math.log10(size + 1)) : 4,
  });
};

// Charts are made by functions, so that a change of theme can make them again.
const chartMakers = new Map();
const liveCharts = new Map();
const redraws = [];  // canvases drawn by hand

function drawChart(id) {
  liveCharts.get(id)?.destroy();
  const canvas = document.getElementById(id);
  if (!canvas) return;
  const settings = chartMakers.get(id)();
  if (settings) liveCharts.set(id, new Chart(canvas, settings));
}

function registerChart(id, make) {
  if (!document.getElementById(id)) return;
  chartMakers.set(id, make);
  drawChart(id);
}

function applyTheme() {
  Chart.defaults.color = cssColor("soft");
  Chart.defaults.borderColor = cssColor("line");
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 12;
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.plugins.legend.labels.boxWidth = 12;
  Chart.defaults.plugins.legend.labels.boxHeight = 12;
  for (const id of chartMakers.keys()) drawChart(id);
  for (const redraw of redraws) redraw();
}

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  applyTheme();
}

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
prefersDark.addEventListener("change", applyTheme);
document.getElementById("theme").addEventListener("click", () => {
  const now = document.documentElement.dataset.theme ?? (prefersDark.matches ? "dark" : "light");
  setTheme(now === "dark" ? "light" : "dark");
});
// Paper is light, whatever the screen is.
let themeBeforePrint = null;
addEventListener("beforeprint", () => {
  themeBeforePrint = document.documentElement.dataset.theme ?? "";
  setTheme("light");
});
addEventListener("afterprint", () => setTheme(themeBeforePrint));

function axis(title, more = {}) {
  return { title: { display: true, text: title }, grid: { color: cssColor("line") }, ...more };
}

// An axis of layer names, shortened; tooltips have the whole name.
const layerAxis = (more = {}) => ({
  grid: { display: false },
  ticks: { maxRotation: 60, autoSkipPadding: 6, callback(index) {
    const name = this.getLabelForValue(index);
    return name.length > 20 ? name.slice(0, 19) + "…" : name;
  } },
  ...more,
});

// A logarithmic axis: labels at 1, 2 and 5 of each decade, strong lines at the decades only.
function logAxis(title, more = {}) {
  const leading = (value) => Math.round(value / 10 ** Math.floor(Math.log10(value) + 1e-9));
  return axis(title, {
    type: "logarithmic",
    ticks: { callback: (value) => [1, 2, 5].includes(leading(value)) ? show(value) : "" },
    grid: { color: ({ tick }) => tick && tick.value > 0 && leading(tick.value) === 1
      ? cssColor("line") : "transparent" },
    ...more,
  });
}

// A canvas sized for the screen's pixel density; returns its context in CSS pixels.
function sizedContext(canvas, height) {
  const width = canvas.parentElement.clientWidth;
  const density = window.devicePixelRatio || 1;
  canvas.style.width = width + "px";
  canvas.style.height = height + "px";
  canvas.width = Math.max(1, Math.round(width * density));
  canvas.height = Math.round(height * density);
  const context = canvas.getContext("2d");
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = "12px " + getComputedStyle(document.body).fontFamily;
  return { context, width };
}

async function copyText(text, button) {
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // no clipboard permission for local files in some browsers
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
    button.focus();
  }
  const before = button.dataset.label ?? button.textContent;
  button.dataset.label = before;
  button.textContent = done ? "Copied" : "Select the text and copy it";
  setTimeout(() => { button.textContent = before; }, 1500);
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () =>
    copyText(document.getElementById(button.dataset.copy).textContent, button));
}

// Saves a text under a name, without any network.
function saveText(name, text, type = "text/csv") {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

applyTheme();
