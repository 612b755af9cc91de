// @ts-check
/** The view for the curious: risk and cues as the chat goes on, and what the server gets to see. */

import { byId, el } from "./view.js";

/** @typedef {import("./nudge.js").Step} Step */
/** @typedef {import("./nudge.js").Thresholds} Thresholds */

const SVG = "http://www.w3.org/2000/svg";
const WIDE = 520;
const HIGH = 170;
const EDGE = 10;
const LEAST = 8; // messages that the chart has room for at first
const MOST_CUES = 6;
const ENVELOPES = 4; // the last ones are shown
const SHOWN = 132; // characters of an envelope

const RISK_NAMES = /** @type {Record<string, string>} */ ({
  grooming: "Grooming", adult_content: "Adult content", coercion: "Threats", scam_lure: "Scam",
});
const CUE_NAMES = /** @type {Record<string, string>} */ ({
  age_probe: "asks for age", personal_info_probe: "asks for details", alone_probe: "asks who is around",
  secrecy: "secrecy", isolation: "\u201cothers won\u2019t understand\u201d", flattery_bond: "praise",
  gift_offer: "an offer", platform_move: "another app", image_request: "asks for a picture",
  meet_request: "asks to meet", adult_content: "meant for adults", threat: "a threat",
  pressure: "pushing", age_gap: "age gap", safety_advice: "safety advice",
  refusal_respected: "takes a no", adult_oversight: "a grown-up is part of it",
});
const REASONS = /** @type {Record<string, string>} */ ({
  repeat: "A message that was read before. It changes nothing.",
  backfill: "From history. It is read, and never brings a tip.",
  late: "Over a day old. It is read, and a tip would come too late.",
  language: "In a language that this model does not read.",
  below_threshold: "No tip: no risk is high enough to say anything.",
  no_words: "No tip: a risk is up, but nothing in these words shows it.",
  no_new_evidence: "No tip: you were already told about this.",
  answered_fine: "No tip: you said that this is fine.",
  gentle_switch: "No tip: one of each kind is enough under \u201cgentle\u201d.",
  burst: "No tip: one is enough for messages in a row.",
  cooldown: "No tip: there was one not long ago.",
  budget_conversation: "No tip: enough was said in this chat this week.",
  budget_week: "No tip: enough was said this week.",
  floor: "A tip at once: what was seen is never held back.",
  nudge: "A tip: enough was seen, and some of it is new.",
});

/** @param {string} tag @param {Record<string, any>} attributes */
function svg(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** @param {number} p */
const percent = (p) => (p > 0 && p < 0.005 ? "<1%" : `${Math.round(p * 100)}%`);

/** @param {string} name @param {number} value @param {number} notch @param {string} style */
function meter(name, value, notch, style) {
  const fill = svg("rect", { class: "fill", width: Math.max(value * 100, 0.5), height: 8 });
  const track = svg("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" });
  track.append(svg("rect", { class: "track", width: 100, height: 8 }), fill,
    svg("rect", { class: "notch", x: notch * 100 - 0.4, width: notch ? 0.8 : 0, height: 8 }));
  return el("li", { class: style }, el("span", { class: "label" }, name), track,
    el("span", { class: "value" }, percent(value)));
}

/** What has been read so far in one chat. */
export class Hood {
  /** @param {readonly string[]} risks @param {readonly string[]} cues */
  constructor(risks, cues) {
    this.risks = risks;
    this.cues = cues;
    /** What was said to the reader last. @type {{step: Step, thresholds: Thresholds} | null} */
    this.last = null;
    /** @type {(() => void) | null} */
    this.next = null;
    /** @type {{risk: number[], nudged: boolean}[]} */
    this.points = [];
    this.envelopes = 0;
    this.waiting = false;
    this.clear();
  }

  /** However many messages are read before the next frame, they are drawn once. */
  #soon(/** @type {() => void} */ draw) {
    this.next = draw;
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.next?.();
    });
  }

  clear() {
    this.points = [];
    this.last = null;
    this.envelopes = 0;
    byId("wire").replaceChildren();
    byId("wire-note").textContent = "Nothing so far.";
    byId("reason").textContent = "Nothing has been read yet.";
    byId("cues").replaceChildren();
    byId("risks").replaceChildren(...this.risks.map((risk) => meter(RISK_NAMES[risk], 0, 0, risk)));
    this.#draw();
  }

  /** @param {Step} step @param {Thresholds} thresholds */
  show(step, thresholds) {
    const { assessment, decision } = step;
    if (assessment) this.points.push({ risk: assessment.risk, nudged: decision.level !== null });
    // Of the reader's own messages only the curve tells: the rest stays with what was said to them.
    if (decision.reason !== "own_message") this.last = { step, thresholds };
    this.#soon(() => {
      this.#draw();
      if (this.last) this.#tell(this.last.step, this.last.thresholds);
    });
  }

  /** @param {Step} step @param {Thresholds} thresholds */
  #tell({ assessment, decision }, thresholds) {
    byId("reason").textContent = REASONS[decision.reason] ?? decision.reason;
    if (!assessment) return;
    byId("risks").replaceChildren(...this.risks.map((risk, i) => {
      const up = assessment.risk[i] >= thresholds.gentle[i] ? " up" : "";
      return meter(RISK_NAMES[risk], assessment.risk[i], thresholds.gentle[i], risk + up);
    }));
    const top = assessment.cues.map((p, i) => ({ p, i })).sort((a, b) => b.p - a.p).slice(0, MOST_CUES);
    byId("cues").replaceChildren(...top.map(({ p, i }) => {
      const holds = p >= thresholds.cue[i];
      return meter(CUE_NAMES[this.cues[i]], p, thresholds.cue[i], holds ? "up" : "");
    }));
  }

  #draw() {
    const count = Math.max(LEAST, this.points.length);
    const x = (/** @type {number} */ i) => EDGE + (i * (WIDE - 2 * EDGE)) / (count - 1);
    const y = (/** @type {number} */ p) => HIGH - EDGE - p * (HIGH - 2 * EDGE);
    const last = this.points[this.points.length - 1];
    const words = last
      ? this.risks.map((risk, i) => `${RISK_NAMES[risk]} ${percent(last.risk[i])}`).join(", ")
      : "nothing has been read yet";
    const chart = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img",
      "aria-label": `Risk after ${this.points.length} messages: ${words}` });
    for (const p of [0, 0.5, 1]) {
      chart.append(svg("line", { class: "grid", x1: EDGE, x2: WIDE - EDGE, y1: y(p), y2: y(p) }));
    }
    this.points.forEach(({ nudged }, i) => {
      if (nudged) chart.append(svg("line", { class: "when", x1: x(i), x2: x(i), y1: y(0), y2: y(1) }));
    });
    this.risks.forEach((risk, k) => {
      const line = this.points.map((point, i) => `${x(i).toFixed(1)},${y(point.risk[k]).toFixed(1)}`);
      chart.append(svg("polyline", { class: `line ${risk}`, points: line.join(" ") }));
      this.points.forEach((point, i) => chart.append(
        svg("circle", { class: `dot ${risk}`, cx: x(i), cy: y(point.risk[k]), r: point.nudged ? 4.5 : 2.5 }),
      ));
    });
    byId("chart").replaceChildren(chart,
      ...(last ? [] : [el("p", { class: "fine hint" }, "Play a story, and watch it grow.")]));
  }

  /** @param {string} envelope @param {boolean} mine */
  wire(envelope, mine) {
    this.envelopes += 1;
    const shown = envelope.length > SHOWN ? `${envelope.slice(0, SHOWN)}\u2026` : envelope;
    byId("wire").append(el("li", {}, el("span", { class: "way" }, mine ? "out" : "in"),
      el("code", {}, shown)));
    while (byId("wire").children.length > ENVELOPES) byId("wire").firstElementChild?.remove();
    byId("wire-note").textContent = `${this.envelopes} envelopes so far, sealed on this device or the other.`
      + " Who, when and roughly how long: that it sees. What: it does not.";
  }

  /** @param {Record<string, string>} facts */
  facts(facts) {
    byId("facts").replaceChildren(...Object.entries(facts).flatMap(([name, value]) => [
      el("dt", {}, name), el("dd", {}, value),
    ]));
  }
}
