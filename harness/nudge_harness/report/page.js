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

const SVG = "http://www.w3.org/2000/svg";
function mark(svg, tag, kind) {
  const element = document.createElementNS(SVG, tag);
  element.setAttribute("class", kind);
  element.setAttribute("visibility", "hidden");
  svg.append(element);
  return element;
}

for (const canvas of document.querySelectorAll(".canvas[data-points]")) {
  const points = JSON.parse(canvas.dataset.points);
  const svg = canvas.querySelector("svg");
  const tip = canvas.querySelector(".tip");
  const height = svg.viewBox.baseVal.height;
  const hair = mark(svg, "line", "hair");
  const here = mark(svg, "circle", "here");
  here.setAttribute("r", "5");
  const messages = canvas.closest(".inside")?.querySelectorAll(".message");
  let at = -1;

  function show(index) {
    at = Math.max(0, Math.min(points.length - 1, index));
    const [x, y, words] = points[at];
    for (const [name, value] of [["x1", x], ["x2", x], ["y1", 26], ["y2", height - 40]]) hair.setAttribute(name, value);
    here.setAttribute("cx", x);
    here.setAttribute("cy", y);
    for (const element of [hair, here]) element.setAttribute("visibility", "visible");
    tip.textContent = words;
    messages?.forEach((item, i) => item.classList.toggle("lit", i === at && points.length === messages.length));
  }
  function hide() {
    at = -1;
    for (const element of [hair, here]) element.setAttribute("visibility", "hidden");
    tip.textContent = "";
    messages?.forEach((item) => item.classList.remove("lit"));
  }
  if (!points.length) continue;
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    const gaps = points.map((point) => Math.abs(point[0] - x));
    show(gaps.indexOf(Math.min(...gaps)));
  });
  svg.addEventListener("pointerleave", hide);
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) { event.preventDefault(); show(at < 0 ? 0 : at + step); }
    if (event.key === "Escape") hide();
  });
  canvas.addEventListener("blur", hide);
  if (messages && points.length === messages.length) {
    messages.forEach((item, i) => {
      item.addEventListener("pointerenter", () => show(i));
      item.addEventListener("pointerleave", hide);
    });
  }
}
