// Sorting and filtering of finished tables: <table class="data">, cells carry data-v when they are
// numbers; <div data-filter-for="ID" data-hint="example"> gets the filter of table ID.

const cellValue = (row, column) => {
  const cell = row.cells[column];
  if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
  return cell.textContent.trim() === "–" ? "" : cell.textContent.trim();
};

// Numbers by size, texts with numbers inside in natural order, empty cells last.
function compareValues(left, right) {
  if (left === "" || right === "") return (left === "" ? 1 : 0) - (right === "" ? 1 : 0);
  if (typeof left === "number" && typeof right === "number") return left - right;
  return String(left).localeCompare(String(right), "en", { numeric: true });
}

function sortTable(table, column, direction) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [cellValue(row, column), row]);
  rows.sort(([left], [right]) => left === "" || right === ""
    ? compareValues(left, right) : direction * compareValues(left, right));
  body.append(...rows.map(([, row]) => row));
  [...table.tHead.rows[0].cells].forEach((cell, index) => {
    cell.setAttribute("aria-sort",
      index !== column ? "none" : direction > 0 ? "ascending" : "descending");
  });
}

function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((cell, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...cell.childNodes);
    cell.append(button);
    cell.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const ascending = cell.getAttribute("aria-sort") === "ascending";
      sortTable(table, column, ascending ? -1 : 1);
    });
  });
}

const kComparison = /^([^<>=!]+)(<=|>=|!=|[<>=])(.*)$/;
const filterWords = (text) => text.toLowerCase().replace(/\s*(<=|>=|!=|[<>=])\s*/g, "$1")
  .split(/\s+/).filter(Boolean);
function comparing(sign, limit) {
  switch (sign) {
    case "<": return (value) => value < limit;
    case "<=": return (value) => value <= limit;
    case ">": return (value) => value > limit;
    case ">=": return (value) => value >= limit;
    case "!=": return (value) => value !== limit;
    default: return (value) => value === limit;
  }
}

// "conv dram_stall >= 1000": every word must hold. A word is a part of a text cell, or a comparison
// of a column with a number in the unit that it shows; the column is named by its heading, or the
// beginning or a part of it. `problem` says which comparison cannot be made.
function rowFilter(table, text) {
  const heads = [...table.tHead.rows[0].cells].map((cell) =>
    cell.textContent.toLowerCase().replace(/ \[.*/, "").replaceAll(" ", "_"));
  const columnOf = (name) => [(head) => head === name, (head) => head.startsWith(name),
    (head) => head.includes(name)].map((fits) => heads.findIndex(fits)).find((at) => at >= 0) ?? -1;
  let problem = "";
  const tests = filterWords(text).map((word) => {
    const match = kComparison.exec(word);
    if (!match) return (row) => row.dataset.text.includes(word);
    const column = columnOf(match[1]);
    const scale = Number(table.tHead.rows[0].cells[column]?.dataset.scale ?? 1);
    const limit = match[3] === "" ? NaN : Number(match[3]);
    if (column < 0) problem = `no column "${match[1]}"`;
    else if (Number.isNaN(limit)) problem = `no number: "${word}"`;
    const holds = comparing(match[2], limit);
    return (row) => {
      const value = cellValue(row, column);
      return typeof value === "number" && holds(value / scale);
    };
  });
  return { problem, keeps: (row) => problem !== "" || tests.every((test) => test(row)) };
}

function makeFilterable(bar) {
  const table = document.getElementById(bar.dataset.filterFor);
  const rows = [...table.tBodies[0].rows];
  for (const row of rows) {
    row.dataset.text = [...row.cells].filter((cell) => cell.dataset.v === undefined)
      .map((cell) => cell.textContent.toLowerCase()).join(" ");
  }
  const caption = document.createElement("label");
  caption.textContent = "Filter ";
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = bar.dataset.hint;
  input.id = table.id + "-filter";
  caption.append(input);
  const status = document.createElement("span");
  status.className = "status";
  status.setAttribute("role", "status");
  bar.prepend(caption, status);
  const apply = () => {
    const { problem, keeps } = rowFilter(table, input.value);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !keeps(row);
      if (!row.hidden) shown += 1;
    }
    status.textContent = problem || `${shown} of ${rows.length} rows`;
  };
  input.addEventListener("input", apply);
  apply();
}

document.querySelectorAll("table.data").forEach(makeSortable);
document.querySelectorAll("[data-filter-for]").forEach(makeFilterable);
