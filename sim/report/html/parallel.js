// Parallel coordinates on a canvas: one axis per column, one line per point; dragging along an axis
// keeps a range of a numeric column.
(() => {
  const canvas = document.getElementById("parallel");
  const kHeight = 340, kTop = 44, kBottom = 24, kSide = 60;
  const bottom = kHeight - kBottom;
  let width = 0, drag = null;

  // Position 0..1 of every value on its axis; texts are spread evenly.
  const scales = columns.map((column) => {
    const present = column.values.filter((value) => value !== null);
    if (!isNumeric(column)) {
      const names = [...new Set(present)].sort();
      const share = (value) => names.length > 1 ? names.indexOf(value) / (names.length - 1) : 0.5;
      return { column, share, marks: names.map((name) => [share(name), name]) };
    }
    const low = present.reduce((a, b) => Math.min(a, b), Infinity);
    const high = present.reduce((a, b) => Math.max(a, b), -Infinity);
    const share = (value) => high > low ? (value - low) / (high - low) : 0.5;
    const at = (part) => low + part * (high - low);
    return { column, share, at, marks: [[0, show(low)], [1, show(high)]] };
  });
  const xOf = (index) => kSide + index * (width - 2 * kSide) / Math.max(1, scales.length - 1);
  const yOf = (share) => bottom - share * (bottom - kTop);

  function line(context, place) {
    context.beginPath();
    let open = false;
    scales.forEach(({ column, share }, index) => {
      const value = column.values[place];
      if (value === null) {
        open = false;
        return;
      }
      if (open) context.lineTo(xOf(index), yOf(share(value)));
      else context.moveTo(xOf(index), yOf(share(value)));
      open = true;
    });
    context.stroke();
  }

  function drawAxis(context, { column, share, marks }, index) {
    const x = xOf(index);
    context.strokeStyle = cssColor("soft");
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, kTop);
    context.lineTo(x, bottom);
    context.stroke();
    context.textAlign = "center";
    context.fillStyle = cssColor("ink");
    context.fillText(title(column), x, 14, 2 * kSide + 20);
    context.fillStyle = cssColor("soft");
    for (const [place, text] of marks) {
      const y = place === 1 ? kTop - 6 : place === 0 ? bottom + 15 : yOf(place);
      context.fillText(text, x, y);
    }
    const range = state.ranges.get(column);
    if (!range) return;
    context.fillStyle = cssColor("accent") + "55";
    context.fillRect(x - 7, yOf(share(range[1])), 14, yOf(share(range[0])) - yOf(share(range[1])));
  }

  function draw() {
    const sized = sizedContext(canvas, kHeight);
    const { context } = sized;
    width = sized.width;
    const { paint } = colorOf(columns.find((column) => column.key === colorSelect.value));
    context.lineWidth = 1;
    context.globalAlpha = Math.max(0.06, Math.min(0.8, 250 / state.kept.length));
    for (const place of state.kept) {
      context.strokeStyle = paint(place);
      line(context, place);
    }
    const front = state.kept.filter((place) => sweep.pareto[place]);
    context.globalAlpha = Math.max(0.15, Math.min(1, 30 / front.length));
    context.strokeStyle = cssColor("ink");
    context.lineWidth = 1.5;
    for (const place of front) line(context, place);
    context.globalAlpha = 1;
    if (state.chosen !== null) {
      context.strokeStyle = cssColor("bad");
      context.lineWidth = 3;
      line(context, state.chosen);
    }
    scales.forEach((scale, index) => drawAxis(context, scale, index));
  }

  // The numeric axis under the pointer, and the share of its height.
  function hit(event) {
    const index = scales.findIndex((_, place) => Math.abs(xOf(place) - event.offsetX) < 18);
    if (index < 0 || !scales[index].at) return null;
    const share = (bottom - event.offsetY) / (bottom - kTop);
    return { scale: scales[index], share: Math.min(1, Math.max(0, share)) };
  }
  canvas.addEventListener("pointerdown", (event) => {
    drag = hit(event);
    if (drag) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const share = Math.min(1, Math.max(0, (bottom - event.offsetY) / (bottom - kTop)));
    const ends = [drag.share, share].sort((left, right) => left - right).map(drag.scale.at);
    if (Math.abs(drag.share - share) < 0.01) state.ranges.delete(drag.scale.column);
    else state.ranges.set(drag.scale.column, ends);
    drag = null;
    select();
  });
  canvas.style.cursor = "crosshair";
  redraws.push(draw);
  views.push(draw);
  addEventListener("resize", draw);
})();

select();
chooseFromAddress();
