// The filter of a table: "conv rows >= 16" keeps the items for which every word holds. A word is a
// part of a text, or a comparison of a column with a number or a text. Numbers are compared in the
// units that the column shows; = holds for the full number and for the one that is shown.

const kComparison = /^([^<>=!]*)(<=|>=|!=|[<>=])(.*)$/;

// Words in lower case. Blanks may stand around a sign and, before it, in the name of a column.
function filterWords(text, names) {
  let line = text.toLowerCase();
  for (const name of names.filter((one) => one.includes("_")).sort((a, b) => b.length - a.length)) {
    const spaced = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("_", "[ _]");
    line = line.replace(new RegExp(spaced + "(?=\\s*[<>=!])", "g"), name);
  }
  return line.replace(/(\d)\s+%/g, "$1%").replace(/\s*(<=|>=|!=|[<>=])\s*/g, "$1").split(/\s+/).filter(Boolean);
}

const columnName = (text) => text.toLowerCase().replace(/ \[.*/, "").replaceAll(" ", "_");
const numberIn = (text) => {
  const plain = text.replaceAll(",", "").replace(/%$/, "");
  return plain === "" ? NaN : Number(plain);
};
const near = (left, right) => Math.abs(left - right) <= 1e-12 * Math.abs(right);

function holds(value, sign, limit, shown) {
  if (typeof value !== "number") {
    const same = value === limit || value.replaceAll(" ", "_") === limit;
    return value !== "" && (sign === "=" ? same : sign === "!=" && !same);
  }
  const number = numberIn(limit);
  const same = near(value, number) || shown() === number;
  switch (sign) {
    case "=": return same;
    case "!=": return !same;
    case "<=": return same || value < number;
    case ">=": return same || value > number;
    case "<": return value < number && !near(value, number);
    default: return value > number && !near(value, number);
  }
}

// What is wrong with a comparison of this column, or "".
function faultOf(column, sign, limit, items) {
  if (limit === "") return `nothing stands after "${sign}"`;
  const numbers = items.some((item) => typeof column.value(item) === "number");
  if (numbers && !Number.isNaN(numberIn(limit))) return "";
  const texts = items.some((item) => column.value(item) !== "" && typeof column.value(item) !== "number");
  if (!texts) return `"${limit}" is no number`;
  return sign === "=" || sign === "!=" ? "" : `"${column.names[0]}" holds texts, which only = and != compare`;
}

// columns: { names, value(item): number, text in lower case or "", shown(item): the number shown };
// textOf(item): all its texts. Returns { keep(item), faults: why words are not applied }.
function makeFilter(text, columns, textOf, items) {
  const names = columns.flatMap((column) => column.names);
  const find = (name) => [(one) => one === name, (one) => one.startsWith(name), (one) => one.includes(name)]
    .map((fits) => name && columns.find((column) => column.names.some(fits))).find(Boolean);
  const tests = [], faults = [];
  for (const word of filterWords(text, names)) {
    const match = kComparison.exec(word);
    const column = match && find(match[1]);
    if (!column) {
      const known = !match || items.some((item) => textOf(item).includes(word));
      if (known) tests.push((item) => textOf(item).includes(word));
      else faults.push(match[1] ? `no column is named "${match[1]}"` : `no column stands before "${match[2]}"`);
      continue;
    }
    const [, , sign, limit] = match;
    const fault = faultOf(column, sign, limit, items);
    if (fault) faults.push(fault);
    else tests.push((item) => holds(column.value(item), sign, limit, () => column.shown(item)));
  }
  return { keep: (item) => tests.every((test) => test(item)), faults };
}

const filterStatus = (count, faults) =>
  [count, ...faults.map((fault) => "not applied: " + fault)].join("; ");
