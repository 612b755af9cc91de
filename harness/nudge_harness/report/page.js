"use strict";
// Everything here is an extra: without it the page still shows every figure.

const root = document.documentElement;
const theme = document.getElementById("theme");
const dark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
const label = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
theme.hidden = false;
theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; label(); });
dark.addEventListener("change", label);
label();

function keyOf(row, column) {
  const cell = row.cells[column];
  const key = cell.dataset.key;
  if (key === undefined) return cell.textContent.trim().toLowerCase();
  return key === "" ? null : Number(key);
}

function compare(a, b) {
  if (a === b) return 0;
  if (a === null) return 1; // what was not measured stays last
  if (b === null) return -1;
  return a < b ? -1 : 1;
}

for (const button of document.querySelectorAll("[data-sort]")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const body = button.closest("table").tBodies[0];
    const column = head.cellIndex;
    const numeric = head.classList.contains("number");
    const now = head.getAttribute("aria-sort");
    const next = now ? (now === "ascending" ? "descending" : "ascending") : (numeric ? "descending" : "ascending");
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", next);
    const sign = next === "ascending" ? 1 : -1;
    const rows = [...body.rows].map((row) => ({ row, key: keyOf(row, column) }));
    rows.sort((a, b) => (a.key === null || b.key === null ? 1 : sign) * compare(a.key, b.key));
    body.append(...rows.map((item) => item.row));
  });
}

// Plots: plotly.js stands packed in the page, and is unpacked when the first plot comes near.
let library;
function plotly() {
  library ??= (async () => {
    const packed = document.getElementById("plotly").textContent;
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
    return window.Plotly;
  })();
  return library;
}

// A colour is named as the page names it, "--good" or "--good@0.2", and changes with the theme.
function inked(value, style) {
  if (Array.isArray(value)) return value.map((item) => inked(item, style));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, inked(item, style)]));
  }
  if (typeof value !== "string" || !value.startsWith("--")) return value;
  const [name, share] = value.split("@");
  const colour = style.getPropertyValue(name).trim();
  return share ? colour + Math.round(share * 255).toString(16).padStart(2, "0") : colour;
}

function drawn(canvas) {
  const style = getComputedStyle(root);
  const { data, layout } = inked(JSON.parse(canvas.dataset.figure), style);
  const ink = (name) => style.getPropertyValue(name).trim();
  for (const axis of [layout.xaxis, layout.yaxis]) {
    axis.tickfont = { color: ink("--muted") };
    if (axis.title) axis.title.font = { color: ink("--muted"), size: 12 };
  }
  return {
    data,
    layout: {
      ...layout,
      height: layout.height ?? 290,
      margin: { l: 46, r: 12, t: 34, b: 48, ...layout.margin },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: ink("--muted") },
      hoverlabel: { bgcolor: ink("--card"), bordercolor: ink("--line"), font: { color: ink("--ink"), size: 13 } },
      dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom", // a finger scrolls the page
    },
    config: { displayModeBar: false, responsive: true, showTips: false, doubleClick: "reset" },
  };
}

function plot(canvas) {
  const said = JSON.parse(canvas.dataset.points);
  const under = canvas.nextElementSibling;
  const tip = under.querySelector(".tip");
  const messages = canvas.closest(".inside")?.querySelectorAll(".message");
  let live;
  let at = -1;

  function light(index) {
    at = index;
    tip.textContent = index < 0 ? "" : said[index];
    messages?.forEach((item, i) => item.classList.toggle("lit", i === index));
  }
  function show(index) {
    light(Math.max(0, Math.min(said.length - 1, index)));
    if (live) window.Plotly.Fx.hover(live, [{ curveNumber: 0, pointNumber: at }]);
  }
  function hide() {
    light(-1);
    if (live) window.Plotly.Fx.unhover(live);
  }
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) { event.preventDefault(); show(at < 0 ? 0 : at + step); }
    if (event.key === "Escape") hide();
  });
  canvas.addEventListener("blur", hide);
  messages?.forEach((item, i) => {
    item.addEventListener("pointerenter", () => show(i));
    item.addEventListener("pointerleave", hide);
  });

  async function mount() {
    const Plotly = await plotly();
    const box = document.createElement("div");
    box.className = "live";
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", canvas.querySelector("svg").getAttribute("aria-label"));
    canvas.append(box);
    canvas.classList.add("mounted");
    const { data, layout, config } = drawn(canvas);
    await Plotly.newPlot(box, data, layout, config);
    live = box;
    box.on("plotly_hover", ({ points }) => {
      const point = points.find((own) => own.curveNumber === 0);
      if (point && point.pointNumber !== at) light(point.pointNumber);
    });
    box.on("plotly_unhover", () => light(-1));
    const tools = under.querySelector(".tools");
    tools.hidden = false;
    tools.addEventListener("click", (event) => {
      const wish = event.target.dataset.do;
      if (wish === "reset") Plotly.react(box, drawn(canvas).data, drawn(canvas).layout, config);
      if (wish === "save") Plotly.downloadImage(box, { format: "svg", width: 840, height: 580, filename: "nudge-plot" });
    });
    repaint.push(() => { const now = drawn(canvas); Plotly.react(box, now.data, now.layout, config); });
  }
  return mount;
}

const repaint = [];
const repainted = () => repaint.forEach((paint) => paint());
theme.addEventListener("click", repainted);
dark.addEventListener("change", repainted);

if ("DecompressionStream" in window) {
  const waiting = new Map();
  const near = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (isIntersecting) { near.unobserve(target); waiting.get(target)(); }
    }
  }, { rootMargin: "300px" });
  for (const canvas of document.querySelectorAll(".canvas[data-figure]")) {
    waiting.set(canvas, plot(canvas));
    near.observe(canvas);
  }
}
