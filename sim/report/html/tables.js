// Sorting and filtering of finished tables: <table class="data">, cells carry data-v when they are
// numbers, headings data-scale when they show another unit than data-v has; <div data-filter-for="ID" data-hint="example"> gets the filter of table ID.

const cellValue = (row, column) => {
  const cell = row.cells[column];
  const text = cell.textContent.trim();
  if (text === "–" || text === "") return "";
  return cell.dataset.v === undefined ? text : Number(cell.dataset.v);
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

// What filter.js compares: a column's numbers in the units of its heading.
function filterColumns(table) {
  return [...table.tHead.rows[0].cells].map((head, column) => {
    const scale = Number(head.dataset.scale ?? 1);
    return {
      names: [columnName(head.textContent)],
      value: (row) => {
        const value = cellValue(row, column);
        return typeof value === "number" ? value * scale : value.toLowerCase();
      },
      shown: (row) => Number(/-?[\d,]*\.?\d+(?:e[+-]?\d+)?/.exec(row.cells[column].textContent)?.[0]
        .replaceAll(",", "") ?? NaN),
    };
  });
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
  const columns = filterColumns(table);
  const apply = () => {
    const { keep, faults } = makeFilter(input.value, columns, (row) => row.dataset.text, rows);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !keep(row);
      if (!row.hidden) shown += 1;
    }
    status.textContent = filterStatus(`${shown} of ${rows.length} rows`, faults);
  };
  input.addEventListener("input", apply);
  apply();
}

document.querySelectorAll("table.data").forEach(makeSortable);
document.querySelectorAll("[data-filter-for]").forEach(makeFilterable);
