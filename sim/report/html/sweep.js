// A sweep: one filter for scatter, parallel coordinates and the table of points.
const sweep = readData("data");
const columns = sweep.columns;
const pointCount = sweep.id.length;
// A point that both engines computed has two rows: its number is the simulated one's name.
const simulated = new Set(sweep.id.filter((id, place) => sweep.engine[place] === "systemc"));
const nameOf = (place) => sweep.id[place] +
  (simulated.has(sweep.id[place]) && sweep.engine[place] !== "systemc" ? "-" + sweep.engine[place] : "");
const placeOf = new Map(sweep.id.map((id, place) => [nameOf(place), place]));
const someInfeasible = sweep.feasible.includes(0);
const title = (column) => column.label + (column.unit ? ` [${column.unit}]` : "");
const isNumeric = (column) => column.values.every((value) => typeof value !== "string");
const numeric = columns.filter(isNumeric);
const cellText = (value) => typeof value === "number" ? show(value) : value ?? "–";

// What every view shows: places of points, in the order of the sweep.
const state = { filter: "", faults: [], ranges: new Map(), paretoOnly: false, feasibleOnly: false, kept: [], chosen: null };
const views = [];  // called after the selection changed

// What filter.js compares and searches.
const filterable = columns.map((column) => ({
  names: [...new Set([column.key, column.label].map(columnName))],
  value: (place) => {
    const value = column.values[place] ?? "";
    return typeof value === "number" ? value : value.toLowerCase();
  },
  shown: (place) => numberIn(show(column.values[place])),
}));
const pointTexts = sweep.id.map((id, place) => [sweep.engine[place], sweep.error[place],
  ...columns.map((column) => column.values[place]).filter((value) => typeof value === "string")]
  .join(" ").toLowerCase());
const allPlaces = sweep.id.map((id, place) => place);

function select() {
  const { keep, faults } = makeFilter(state.filter, filterable, (place) => pointTexts[place], allPlaces);
  const tests = [keep];
  state.faults = faults;
  if (state.paretoOnly) tests.push((place) => sweep.pareto[place] === 1);
  if (state.feasibleOnly) tests.push((place) => sweep.feasible[place] === 1);
  for (const [column, [low, high]] of state.ranges) {
    tests.push((place) => {
      const value = column.values[place];
      return value !== null && value >= low && value <= high;
    });
  }
  state.kept = [];
  for (let place = 0; place < pointCount; ++place) {
    if (tests.every((test) => test(place))) state.kept.push(place);
  }
  for (const view of views) view();
}

// Controls.
const controls = document.getElementById("controls");
function control(text, element) {
  const caption = document.createElement("label");
  caption.append(text + " ", element);
  controls.append(caption);
  return element;
}
function columnSelect(id, list, chosen) {
  const element = document.createElement("select");
  element.id = id;
  for (const column of list) element.add(new Option(title(column), column.key));
  if (chosen) element.value = chosen.key;
  return element;
}
const objectives = numeric.filter((column) => column.role === "objective");
// One objective stands over what varies: an axis, or else another result.
const varies = (column) => column !== objectives[0] && new Set(column.values).size > 1;
const across = objectives.length > 1 ? objectives[0] : numeric.find(varies) ?? objectives[0];
const up = objectives.length > 1 ? objectives[1] : objectives[0];
const xSelect = control("across", columnSelect("x-column", numeric, across));
const ySelect = control("up", columnSelect("y-column", numeric, up));
const colorSelect = control("colour", columnSelect("color-column", columns,
  columns.find((column) => column.role === "axis")));
function checkbox(id, text, checked = false) {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.id = id;
  box.checked = checked;
  return control(text, box);
}
const logX = checkbox("log-x", "log across");
const logY = checkbox("log-y", "log up");
const paretoOnly = checkbox("pareto-only", "Pareto front only");
const feasibleOnly = someInfeasible ? checkbox("feasible-only", "within the constraints only") : null;
const filterInput = document.createElement("input");
filterInput.type = "search";
filterInput.id = "sweep-filter";
filterInput.placeholder = "rows>32  weight_bits=4";
control("filter", filterInput);
const countText = document.createElement("span");
countText.className = "status";
countText.setAttribute("role", "status");
controls.append(countText);
views.push(() => {
  countText.textContent = filterStatus(`${show(state.kept.length)} of ${show(pointCount)} results`, state.faults);
});

filterInput.addEventListener("input", () => {
  state.filter = filterInput.value;
  select();
});
paretoOnly.addEventListener("change", () => { state.paretoOnly = paretoOnly.checked; select(); });
feasibleOnly?.addEventListener("change", () => { state.feasibleOnly = feasibleOnly.checked; select(); });

// Colours of a column, legible on light and dark: a ramp for numbers, spread names for texts.
const kRamp = [[91, 91, 214], [177, 74, 165], [229, 96, 77], [233, 162, 59]];
function ramp(share) {
  const place = Math.min(0.9999, Math.max(0, share)) * (kRamp.length - 1);
  const [from, to] = [kRamp[Math.floor(place)], kRamp[Math.floor(place) + 1]];
  const part = place % 1;
  return `rgb(${from.map((low, i) => Math.round(low + part * (to[i] - low))).join(" ")})`;
}
function colorOf(column) {
  const present = column.values.filter((value) => value !== null);
  if (!isNumeric(column)) {
    const names = [...new Set(present)].sort();
    return { legend: title(column), paint: (place) =>
      ramp(names.indexOf(column.values[place]) / Math.max(1, names.length - 1)) };
  }
  const low = present.reduce((a, b) => Math.min(a, b), Infinity);
  const high = present.reduce((a, b) => Math.max(a, b), -Infinity);
  return { legend: `${title(column)}, ${show(low)} (violet) to ${show(high)} (amber)`,
    paint: (place) => ramp(high > low ? (column.values[place] - low) / (high - low) : 0) };
}

function scatterSettings() {
  const column = (element) => columns.find((one) => one.key === element.value);
  const [x, y, color] = [column(xSelect), column(ySelect), column(colorSelect)];
  const { paint, legend } = colorOf(color);
  const usable = state.kept.filter((place) =>
    x.values[place] !== null && y.values[place] !== null &&
    (!logX.checked || x.values[place] > 0) && (!logY.checked || y.values[place] > 0))
    .sort((left, right) => x.values[left] - x.values[right]);  // parsing: false needs it
  const at = (place) => ({ x: x.values[place], y: y.values[place], place });
  const front = usable.filter((place) => sweep.pareto[place] === 1).map(at);
  const point = ({ raw }) => ` point ${nameOf(raw.place)}: ${title(x)} ${show(raw.x)}, ` +
    `${title(y)} ${show(raw.y)}, ${title(color)} ${cellText(color.values[raw.place])}`;
  const scale = (one, log) => log ? logAxis(title(one)) : axis(title(one), { ticks: { callback: show } });
  return {
    type: "scatter",
    data: { datasets: [
      { label: "Pareto front", data: front, showLine: true, borderColor: cssColor("ink"),
        borderWidth: 1.5, pointRadius: 4.5, pointBackgroundColor: cssColor("card"),
        pointBorderColor: cssColor("ink"), pointBorderWidth: 2, order: 0 },
      { label: "points" + (someInfeasible ? " (hollow: against a constraint)" : "") + "; colour: " + legend, data: usable.map(at), order: 1,
        pointRadius: usable.length > 3000 ? 2 : 3.5,
        pointBorderWidth: usable.map((place) => sweep.feasible[place] ? 0 : 1),
        pointBackgroundColor: usable.map((place) => sweep.feasible[place] ? paint(place) : "transparent"),
        pointBorderColor: usable.map(paint), backgroundColor: ramp(0.5) },
    ] },
    options: {
      parsing: false,
      normalized: true,
      onClick: (event, hits) => { if (hits.length > 0) choose(hits[0].element.$context.raw.place); },
      interaction: { mode: "nearest", intersect: true },
      plugins: { tooltip: { callbacks: { label: point } } },
      scales: { x: scale(x, logX.checked), y: scale(y, logY.checked) },
    },
  };
}
registerChart("scatter", scatterSettings);
views.push(() => drawChart("scatter"));
for (const element of [xSelect, ySelect, colorSelect, logX, logY]) {
  element.addEventListener("change", () => {
    drawChart("scatter");
    for (const redraw of redraws) redraw();
  });
}

// The table of points, a page at a time.
const kPageRows = 50;
const table = document.getElementById("point-table");
const order = { column: null, direction: 1, page: 0 };
const heads = [["point", (place) => sweep.id[place]], ["engine", (place) => sweep.engine[place]],
  ["Pareto", (place) => sweep.pareto[place]],
  ...(someInfeasible ? [["constraints", (place) => sweep.feasible[place]]] : []),
  ...columns.map((column) => [title(column), (place) => column.values[place] ?? ""])];

const headRow = table.tHead.insertRow();
heads.forEach(([name], index) => {
  const head = document.createElement("th");
  const button = document.createElement("button");
  head.scope = "col";
  head.setAttribute("aria-sort", "none");
  button.type = "button";
  button.textContent = name;
  button.addEventListener("click", () => {
    order.direction = order.column === index ? -order.direction : 1;
    order.column = index;
    order.page = 0;
    drawTable();
  });
  head.append(button);
  headRow.append(head);
});

function orderedPlaces() {
  if (order.column === null) return state.kept;
  const value = heads[order.column][1];
  return [...state.kept].sort((left, right) => {
    const [a, b] = [value(left), value(right)];
    return a === "" || b === "" ? compareValues(a, b) : order.direction * compareValues(a, b);
  });
}

function drawTable() {
  const places = orderedPlaces();
  const pages = Math.max(1, Math.ceil(places.length / kPageRows));
  order.page = Math.min(order.page, pages - 1);
  [...headRow.cells].forEach((cell, index) => cell.setAttribute("aria-sort",
    index !== order.column ? "none" : order.direction > 0 ? "ascending" : "descending"));
  const body = document.createElement("tbody");
  for (const place of places.slice(order.page * kPageRows, (order.page + 1) * kPageRows)) {
    const row = body.insertRow();
    row.dataset.place = place;
    const link = document.createElement("a");
    link.href = "#point-" + nameOf(place);
    link.textContent = sweep.id[place];
    row.insertCell().append(link);
    row.insertCell().textContent = sweep.error[place] ? "failed" : sweep.engine[place];
    row.insertCell().textContent = sweep.pareto[place] ? "yes" : "–";
    if (someInfeasible) row.insertCell().textContent = sweep.feasible[place] ? "hold" : "–";
    for (const column of columns) row.insertCell().textContent = cellText(column.values[place]);
  }
  table.tBodies[0].replaceWith(body);
  pageText.textContent = `page ${order.page + 1} of ${pages}`;
}

const pager = document.getElementById("pager");
function pagerButton(text, action) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.addEventListener("click", action);
  pager.append(button);
}
pagerButton("Previous", () => { order.page = Math.max(0, order.page - 1); drawTable(); });
const pageText = document.createElement("span");
pageText.className = "status";
pageText.setAttribute("role", "status");
pager.append(pageText);
pagerButton("Next", () => { order.page += 1; drawTable(); });
pagerButton("Save points.csv", () => saveText("points.csv", pointsCsv(orderedPlaces())));
views.push(() => { order.page = 0; drawTable(); });

function pointsCsv(places) {
  const cell = (value) => /[",\r\n]/.test(String(value ?? ""))
    ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? "");
  const rows = [["id", "engine", "pareto", "tie_group", "error", ...columns.map((one) => one.key)]];
  for (const place of places) {
    rows.push([sweep.id[place], sweep.engine[place], sweep.pareto[place], sweep.tie_group[place],
      sweep.error[place], ...columns.map((one) => one.values[place])]);
  }
  return rows.map((row) => row.map(cell).join(",") + "\n").join("");
}

// One point: its settings, its command, its configuration file.
const shellQuote = (word) =>
  /^[A-Za-z0-9_\-./=:,@%+]+$/.test(word) ? word : "'" + word.replaceAll("'", "'\\''") + "'";
// As --set takes it: a text that could be read as JSON in its quotes, any other value as it is.
function setText(column, place) {
  const value = column.values[place];
  if (typeof value !== "string" || column.literal?.[place]) return String(value);
  return /^[A-Za-z_/]/.test(value) && !/^(true|false|null)$/.test(value) ? value : JSON.stringify(value);
}
const isNamedPart = (column, place) => /^\/(arch|network|tech|precision|mapping)$/.test(column.pointer) &&
  !column.literal?.[place];
function commandOf(place) {
  return sweep.command + columns.filter((column) => column.role === "axis" && column.pointer)
    .map((column) => isNamedPart(column, place)
      ? ` --${column.pointer.slice(1)} ` + shellQuote(column.values[place])
      : " --set " + shellQuote(`${column.pointer}=${setText(column, place)}`)).join("") +
    (sweep.engine[place] === "analytic" ? " --analytic" : "");
}

// A CONFIG.json of the point: the base with what the axes set, as `bitscale run` takes it.
function configurationOf(place) {
  const root = JSON.parse(sweep.config);
  for (const { role, pointer, values, literal } of columns) {
    if (role !== "axis" || !pointer || values[place] === null) continue;
    const given = values[place];
    const part = sweep.parts.find((one) => one.pointer === pointer && one.name === given);
    const steps = pointer.slice(1).split("/").map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    let node = root;
    for (const step of steps.slice(0, -1)) node = node[step] ??= {};
    node[steps.at(-1)] = part ? JSON.parse(part.config)
      : literal?.[place] ? JSON.parse(given) : given;
  }
  return JSON.stringify(root, null, 2) + "\n";
}

function choose(place, scroll = false) {
  state.chosen = place;
  const id = sweep.id[place];
  history.replaceState(null, "", "#point-" + nameOf(place));
  const panel = document.getElementById("detail");
  const make = (tag, text, parent = panel) => {
    const element = document.createElement(tag);
    element.textContent = text;
    parent.append(element);
    return element;
  };
  panel.hidden = false;
  panel.replaceChildren();
  make("h3", `Point ${id}` + (sweep.pareto[place] ? ", on the Pareto front" : ""));
  if (!sweep.error[place] && !sweep.feasible[place]) {
    make("p", "Against a constraint: it cannot be on the front.").className = "bad";
  }
  if (sweep.error[place]) make("p", "Failed: " + sweep.error[place]).className = "bad";
  if (sweep.tie_group[place]) {
    make("p", `Tied with the other points of group ${sweep.tie_group[place]}.`);
  }
  make("pre", columns.map((column) => `${title(column)} = ${column.values[place] ?? "–"}`).join("\n"));
  const command = make("pre", commandOf(place));
  command.id = "point-command";
  const copy = make("button", "Copy command");
  copy.type = "button";
  copy.addEventListener("click", () => copyText(command.textContent, copy));
  if (sweep.config) {
    const save = make("button", "Save configuration");
    save.type = "button";
    save.addEventListener("click", () =>
      saveText(`point-${id}.json`, configurationOf(place), "application/json"));
    const shown = make("details", "");
    make("summary", "Configuration", shown);
    shown.addEventListener("toggle", () => {
      if (shown.open && !shown.querySelector("pre")) make("pre", configurationOf(place), shown);
    });
  }
  if (sweep.config_file[place]) make("a", "Resolved configuration").href = sweep.config_file[place];
  if (scroll) panel.scrollIntoView({ block: "center" });
  for (const redraw of redraws) redraw();
}

function chooseFromAddress() {
  const match = /^#point-(.+)$/.exec(location.hash);
  if (match && placeOf.has(match[1])) choose(placeOf.get(match[1]), true);
}
addEventListener("hashchange", chooseFromAddress);
