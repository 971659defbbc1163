// The timeline of a run: one row per track, spans as boxes, drawn on a canvas; moved and zoomed by
// mouse and keyboard.
(() => {
  const spans = readData("spans");
  const canvas = document.getElementById("timeline-chart");
  if (!canvas || !spans || spans.length === 0) return;
  const status = document.getElementById("timeline-status");
  const tracks = [...new Set(spans.map((span) => span.track))];
  const begin = spans.reduce((least, span) => Math.min(least, span.start), Infinity);
  const end = spans.reduce((most, span) => Math.max(most, span.end), -Infinity);
  const kRow = 26, kTop = 22;
  const left = Math.min(150, 14 + 7.2 * Math.max(...tracks.map((track) => track.length)));
  let from = begin, to = end, width = 0, palette = [];
  // The colours of the other charts where a track's name tells what it is.
  const kinds = [[/stall|wait/i, "dram_stall"], [/array|compute/i, "mac_array"], [/dma/i, "dma"],
    [/dram/i, "leakage"], [/post/i, "post_processing"], [/weight/i, "weight_buffer"],
    [/act|input|skip/i, "act_buffer"],
    [/out|store/i, "output_buffer"], [/./, "interconnect"]];

  const toX = (cycle) => left + (cycle - from) / (to - from) * (width - left);
  const toCycle = (x) => from + (x - left) / (width - left) * (to - from);

  function drawScale(context) {
    const step = 10 ** Math.floor(Math.log10((to - from) / 4));
    const unit = [1, 2, 5, 10].map((factor) => factor * step)
      .find((size) => (to - from) / size <= 10) ?? step;
    context.fillStyle = cssColor("soft");
    context.strokeStyle = cssColor("line");
    context.textAlign = "center";
    for (let cycle = Math.ceil(from / unit) * unit; cycle <= to; cycle += unit) {
      const x = Math.round(toX(cycle)) + 0.5;
      context.beginPath();
      context.moveTo(x, kTop - 4);
      context.lineTo(x, kTop + kRow * tracks.length);
      context.stroke();
      if (x > left + 20 && x < width - 20) context.fillText(show(cycle), x, 12);
    }
  }

  function drawSpan(context, span) {
    const row = tracks.indexOf(span.track);
    const start = Math.max(left, toX(span.start));
    const size = Math.max(1, Math.min(width, toX(span.end)) - start);
    const y = kTop + row * kRow + 3;
    context.fillStyle = palette[row];
    context.fillRect(start, y, size > 3 ? size - 0.75 : size, kRow - 6);
    if (size < 40) return;
    context.save();
    context.beginPath();
    context.rect(start + 4, y, size - 8, kRow - 6);
    context.clip();
    context.fillStyle = "#ffffff";
    context.fillText(span.name, start + 5, y + 14);
    context.restore();
  }

  function draw() {
    palette = tracks.map((track) => cssColor(kinds.find(([pattern]) => pattern.test(track))[1]));
    const sized = sizedContext(canvas, kTop + kRow * tracks.length + 4);
    const { context } = sized;
    width = sized.width;
    drawScale(context);
    context.textAlign = "left";
    for (const span of spans) {
      if (span.end >= from && span.start <= to) drawSpan(context, span);
    }
    context.fillStyle = cssColor("ink");
    tracks.forEach((track, row) =>
      context.fillText(track, 2, kTop + row * kRow + kRow / 2 + 4, left - 8));
  }

  function view(newFrom, newTo) {
    const size = Math.min(end - begin, Math.max(10, newTo - newFrom));
    from = Math.min(Math.max(begin, newFrom), end - size);
    to = from + size;
    draw();
    status.textContent = `Cycles ${show(Math.round(from))} to ${show(Math.round(to))}`;
  }
  function zoom(factor, center = (from + to) / 2) {
    view(center - (center - from) * factor, center + (to - center) * factor);
  }

  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, toCycle(event.offsetX));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const step = (to - from) / 5;
    const actions = { ArrowLeft: () => view(from - step, to - step),
      ArrowRight: () => view(from + step, to + step), "+": () => zoom(0.6), "-": () => zoom(1.6),
      "0": () => view(begin, end) };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  });
  let grip = null;
  canvas.addEventListener("pointerdown", (event) => {
    grip = { x: event.offsetX, from, to };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointerup", () => { grip = null; });
  canvas.addEventListener("pointermove", (event) => {
    if (grip) {
      const moved = (event.offsetX - grip.x) / (width - left) * (grip.to - grip.from);
      view(grip.from - moved, grip.to - moved);
      return;
    }
    const cycle = toCycle(event.offsetX);
    const track = tracks[Math.floor((event.offsetY - kTop) / kRow)];
    const hit = spans.find((span) =>
      span.track === track && span.start <= cycle && cycle < span.end);
    status.textContent = hit ? `${hit.track}: ${hit.name}, cycles ${show(hit.start)} to ` +
      `${show(hit.end)} (${show(hit.end - hit.start)})` : "";
  });
  redraws.push(draw);
  addEventListener("resize", draw);
  draw();
})();
