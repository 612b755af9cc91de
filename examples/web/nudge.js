// @ts-check
/**
 * nudge.js: the second runtime of nudge-sdk, in one file and without a framework.
 *
 *     bytes -> verifyBundle -> a bundle   (length, signature, hashes, formats: WebCrypto)
 *     text -> code points -> graph -> cues, risk, next state -> decide -> decision -> render -> nudge
 *
 * It reads the same data files as the Python package (policy.json, nudge_copy/*.json,
 * help_contacts.json and the signed bundle), holds no number of its own that stands in one of them,
 * and passes the same golden vectors (tests/vectors, docs/porting.md). Sections in order: values,
 * text and context, state, policy, engine, bundle, copy, stores, client. All up to the stores is
 * pure; time, identities and outputs of the graph are arguments.
 *
 * There is no way out of here but the return values: no message text is stored, logged or put into
 * an error, and nothing is fetched but what `NudgeClient.open` is pointed to.
 *
 * @license Apache-2.0
 */

// ---------------------------------------------------------------------------------------- values

/** @typedef {"grooming" | "adult_content" | "coercion" | "scam_lure"} RiskKind */
/** @typedef {"gentle" | "strong"} Level */
/** @typedef {"off" | "gentle" | "full"} Switch */
/** @typedef {"inline" | "card" | "cover"} Presentation */
/** @typedef {"under_10" | "10_12" | "13_15" | "16_17" | "adult"} AgeBand */
/**
 * What the host knows of who writes; `null` or missing is unknown, which is not zero.
 * @typedef {{id: string, relationship?: string | null, days_known?: number | null,
 *   claimed_age?: number | null, band?: AgeBand | null, in_group?: boolean | null}} Contact
 */
/**
 * `sent_at`: seconds since the epoch. A repeated (id, revision) changes nothing.
 * @typedef {{text: string, id?: string | null, sent_at?: number | null, kind?: string,
 *   revision?: number}} Message
 */
/**
 * The young person whose device this is. Give `age` or `band`; with neither, 13 to 15.
 * @typedef {{age?: number | null, band?: AgeBand | null, region?: string | null, locale?: string,
 *   allow_unreviewed?: boolean, framing?: "support" | "caution"}} Profile
 */
/** @typedef {{id: string, label: string, text: string | null}} Action */
/**
 * Ready to be shown, to the device's own user and to nobody else: nudge.schema.json.
 * @typedef {{risk: RiskKind, level: Level, presentation: Presentation, discreet: boolean,
 *   neutral_title: string, title: string, body: string, reasons: string[], actions: Action[],
 *   accessibility_label: string, copy_id: string, locale: string, direction: "ltr" | "rtl",
 *   message_id: string | null}} Nudge
 */

/** Order of the graph's `risk` output. @type {readonly RiskKind[]} */
export const RISKS = Object.freeze(["grooming", "adult_content", "coercion", "scam_lure"]);
/** Order of the graph's `cues` output, which has one more: another language. */
export const CUES = Object.freeze([
  "age_probe", "personal_info_probe", "alone_probe", "secrecy", "isolation", "flattery_bond",
  "gift_offer", "platform_move", "image_request", "meet_request", "adult_content", "threat",
  "pressure", "age_gap", "safety_advice", "refusal_respected", "adult_oversight",
]);
export const RELATIONSHIPS = Object.freeze([
  "stranger", "new_contact", "online_friend", "friend", "classmate", "family", "school_or_club",
]);
export const EVENT_KINDS = Object.freeze(["text", "image", "video", "voice", "link", "call"]);
/** @type {readonly AgeBand[]} */
export const AGE_BANDS = Object.freeze(["under_10", "10_12", "13_15", "16_17", "adult"]);
export const SWITCHES = Object.freeze(["off", "gentle", "full"]);

/** Years that stand for a band where no age is known. @type {Record<AgeBand, number>} */
const USUAL_AGE = { under_10: 8, "10_12": 11, "13_15": 14, "16_17": 16, adult: 25 };
const MAX_AGE = 130; // years
const MAX_DAYS_KNOWN = 47_500; // days

/** Root of all errors. No message of theirs holds a text of the user. */
export class NudgeError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = new.target.name;
  }
}
/** An argument is wrong. */
export class UsageError extends NudgeError {}
/** The graph failed, or gave what is no probability; nothing has changed. */
export class ModelError extends NudgeError {}
/** The store cannot be read or written. */
export class StateError extends NudgeError {}
/** A bundle is refused; `check` names the check that failed. */
export class BundleError extends NudgeError {
  /** @param {string} message @param {string} check */
  constructor(message, check) {
    super(message);
    /** @type {string} */
    this.check = check;
  }
}

/**
 * Band of the UK Children's Code for an age in whole years.
 * @param {number} age @returns {AgeBand}
 */
export function ageBand(age) {
  if (age < 10) return "under_10";
  if (age <= 12) return "10_12";
  if (age <= 15) return "13_15";
  return age <= 17 ? "16_17" : "adult";
}

/** @param {Profile} profile @returns {AgeBand} */
export function bandOf(profile) {
  return profile.band ?? (profile.age == null ? "13_15" : ageBand(profile.age));
}

/** @param {unknown} value @param {readonly unknown[]} choices @param {string} name */
function checkChoice(value, choices, name) {
  if (!choices.includes(value)) throw new UsageError(`${name} must be one of ${choices.join(", ")}`);
}

/** @param {unknown} value @param {string} name @param {number} low @param {number} high */
function checkNumber(value, name, low, high) {
  if (typeof value !== "number" || !(low <= value && value <= high)) {
    throw new UsageError(`${name} must be a number from ${low} to ${high}`);
  }
}

/** @param {unknown} value @param {string} name */
function checkString(value, name) {
  if (typeof value !== "string") throw new UsageError(`${name} must be a string`);
}

/** @param {Contact | null} contact */
function checkContact(contact) {
  if (contact === null) return;
  checkString(contact.id, "contact.id");
  if (contact.relationship != null) {
    checkChoice(contact.relationship, RELATIONSHIPS, "contact.relationship");
  }
  if (contact.days_known != null) {
    checkNumber(contact.days_known, "contact.days_known", 0, MAX_DAYS_KNOWN);
  }
  if (contact.claimed_age != null) {
    checkNumber(contact.claimed_age, "contact.claimed_age", 0, MAX_AGE);
  }
  if (contact.band != null) checkChoice(contact.band, AGE_BANDS, "contact.band");
}

/** @param {Message} message */
function checkMessage(message) {
  checkString(message.text, "message.text");
  if (message.id != null) checkString(message.id, "message.id");
  if (message.sent_at != null && typeof message.sent_at !== "number") {
    throw new UsageError("message.sent_at must be a number");
  }
  checkChoice(message.kind ?? "text", EVENT_KINDS, "message.kind");
  const revision = message.revision ?? 0;
  if (!Number.isInteger(revision)) throw new UsageError("message.revision must be a whole number");
  checkNumber(revision, "message.revision", 0, 2 ** 31 - 1);
}

/** @param {Profile} profile */
function checkProfile(profile) {
  if (profile.age != null && profile.band != null) {
    throw new UsageError("give age or band, not both");
  }
  if (profile.age != null) checkNumber(profile.age, "age", 0, MAX_AGE);
  if (profile.band != null) checkChoice(profile.band, AGE_BANDS, "band");
  checkChoice(profile.framing ?? "support", ["support", "caution"], "framing");
  if (profile.region != null && !/^[A-Za-z]{2}$/.test(profile.region)) {
    throw new UsageError("region must be a two-letter country code");
  }
}

/**
 * Age in years to go by: the claimed one, unless the platform's band contradicts it.
 * @param {Contact} contact @returns {number | null}
 */
export function ageOf(contact) {
  const claimed = contact.claimed_age ?? null;
  if (contact.band == null) return claimed;
  if (claimed !== null && ageBand(Math.trunc(claimed)) === contact.band) return claimed;
  return USUAL_AGE[contact.band];
}

// ------------------------------------------------------------------------------ text and context

/**
 * Unicode code points of a text; lone surrogates stay as they are, the graph folds them.
 * @param {string} text @returns {Int32Array}
 */
export function codepointsOf(text) {
  const points = new Int32Array(text.length);
  let n = 0;
  for (const character of text) points[n++] = /** @type {number} */ (character.codePointAt(0));
  return points.subarray(0, n);
}

/**
 * Windows of at most `cap` code points; past `most` windows the middle is left out.
 * @param {Int32Array} codepoints @param {number} cap @param {number} overlap @param {number} most
 * @returns {Int32Array[]} 1 to `most` views, in reading order
 */
export function windowsOf(codepoints, cap, overlap, most) {
  const n = codepoints.length;
  if (n <= cap) return [codepoints];
  const step = cap - overlap;
  const count = 1 + Math.ceil((n - cap) / step);
  let starts = Array.from({ length: count }, (_, i) => Math.min(i * step, n - cap));
  if (count > most) {
    const head = Math.floor(most / 2);
    starts = [...starts.slice(0, head), ...starts.slice(count - (most - head))];
  }
  return starts.map((start) => codepoints.subarray(start, start + cap));
}

export const CONTEXT_SIZE = 32;

/**
 * What is known beside the words, with an explicit "unknown" for every field: docs/porting.md.
 * @param {{fromContact: boolean, contact: Contact | null, band: AgeBand, kind: string | null,
 *   gap: number | null}} known  `gap`: seconds since the message before, at least 0
 * @returns {Float32Array} 32 numbers in -1..4
 */
export function contextVector({ fromContact, contact, band, kind, gap }) {
  const vector = new Float32Array(CONTEXT_SIZE);
  vector[0] = fromContact ? 1 : -1;
  const relationship = contact?.relationship ?? null;
  vector[relationship === null ? 8 : 1 + RELATIONSHIPS.indexOf(relationship)] = 1;
  const days = contact?.days_known ?? null;
  if (days === null) vector[10] = 1;
  else vector[9] = Math.log1p(days) / 8;
  const age = contact === null ? null : ageOf(contact);
  if (age === null) vector[13] = 1;
  else {
    vector[11] = Math.min(age / 20, 4);
    vector[12] = Math.min(Math.max((age - USUAL_AGE[band]) / 10, -1), 4);
  }
  vector[14 + AGE_BANDS.indexOf(band)] = 1;
  vector[kind === null ? 25 : 19 + EVENT_KINDS.indexOf(kind)] = 1;
  if (gap === null) vector[27] = 1;
  else vector[26] = Math.log1p(gap) / 12;
  const group = contact?.in_group ?? null;
  if (group === null) vector[29] = 1;
  else if (group) vector[28] = 1;
  return vector;
}

// ----------------------------------------------------------------------------------------- state

/**
 * What was said about one kind of risk in one conversation. `cues`: bit set of the evidence already
 * nudged; `level`: 0 none, 1 gentle, 2 strong; `answers`: bit 0 fine, bit 1 help; `recent`: nudges
 * in the running week; `last`: time of the last nudge in seconds, 0 never; `raised`: day on which
 * words last raised the risk, in days since the epoch, 0 never.
 * @typedef {{cues: number, nudges: number, level: number, answers: number, recent: number,
 *   last: number, raised: number}} RiskHistory
 */
/**
 * State of one sender in one conversation; frozen. `newest`: seconds since the epoch; `seen`: bit
 * set of the cues shown so far; `ring`: hashed ids of the last messages, newest last.
 * @typedef {{modelId: string, graph: Float32Array, newest: number | null, messages: number,
 *   seen: number, notReading: boolean, familiar: boolean, history: readonly RiskHistory[],
 *   ring: readonly bigint[]}} ConversationState
 */
/** Times of past nudges, whole seconds, oldest first. @typedef {readonly number[]} UserLedger */

const STATE_VERSION = 1;
const RING = 16; // message ids remembered for each sender
const LEDGER = 32; // nudge times remembered for the user
const LEVELS = ["", "gentle", "strong"];
const FINE = 1;
const HELP = 2;
const MAX_TIME = 2 ** 32 - 1; // seconds since the epoch
const HEAD_BYTES = 28;
const HISTORY_BYTES = 14;
const RING_AT = HEAD_BYTES + HISTORY_BYTES * RISKS.length;
const FIXED_BYTES = RING_AT + 8 * RING;
const MAX_GRAPH_STATE = 64; // floats
const DAY = 86_400; // seconds

/** @type {RiskHistory} */
const NO_HISTORY = Object.freeze({
  cues: 0, nudges: 0, level: 0, answers: 0, recent: 0, last: 0, raised: 0,
});

/** @param {string} modelId 16 hexadecimal digits @param {number} size @returns {ConversationState} */
export function freshState(modelId, size) {
  return Object.freeze({
    modelId, graph: new Float32Array(size), newest: null, messages: 0, seen: 0,
    notReading: false, familiar: false, history: RISKS.map(() => NO_HISTORY), ring: [],
  });
}

/** The layout of nudge_sdk/state.py. @param {ConversationState} state @returns {Uint8Array} */
export function stateToBytes(state) {
  const view = new DataView(new ArrayBuffer(FIXED_BYTES + 4 * state.graph.length));
  view.setUint8(0, STATE_VERSION);
  fromHex(state.modelId).forEach((byte, i) => view.setUint8(1 + i, byte));
  view.setUint16(9, state.graph.length, true);
  view.setFloat64(11, state.newest ?? NaN, true);
  view.setUint32(19, state.messages, true);
  view.setUint32(23, state.seen, true);
  view.setUint8(27, Number(state.notReading) | (Number(state.familiar) << 1));
  state.history.forEach((row, i) => {
    const at = HEAD_BYTES + HISTORY_BYTES * i;
    view.setUint32(at, row.cues, true);
    [row.nudges, row.level, row.answers, row.recent].forEach((v, k) => view.setUint8(at + 4 + k, v));
    view.setUint32(at + 8, row.last, true);
    view.setUint16(at + 12, row.raised, true);
  });
  state.ring.forEach((item, i) => view.setBigUint64(RING_AT + 8 * i, item, true));
  state.graph.forEach((value, i) => view.setFloat32(FIXED_BYTES + 4 * i, value, true));
  return new Uint8Array(view.buffer);
}

/** @param {Uint8Array} raw @returns {ConversationState} */
export function stateFromBytes(raw) {
  if (raw.length < FIXED_BYTES || raw[0] !== STATE_VERSION) {
    throw new StateError("conversation state: unknown version or wrong size");
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const n = view.getUint16(9, true);
  if (n > MAX_GRAPH_STATE || raw.length !== FIXED_BYTES + 4 * n) {
    throw new StateError("conversation state: wrong size");
  }
  const graph = Float32Array.from({ length: n }, (_, i) => view.getFloat32(FIXED_BYTES + 4 * i, true));
  const newest = view.getFloat64(11, true);
  if (!graph.every(Number.isFinite) || Math.abs(newest) === Infinity) {
    throw new StateError("conversation state: a number that is not finite");
  }
  const history = RISKS.map((_, i) => {
    const at = HEAD_BYTES + HISTORY_BYTES * i;
    const level = view.getUint8(at + 5);
    if (level >= LEVELS.length) throw new StateError("conversation state: unknown level");
    return Object.freeze({
      cues: view.getUint32(at, true), nudges: view.getUint8(at + 4), level,
      answers: view.getUint8(at + 6), recent: view.getUint8(at + 7),
      last: view.getUint32(at + 8, true), raised: view.getUint16(at + 12, true),
    });
  });
  const ring = Array.from({ length: RING }, (_, i) => view.getBigUint64(RING_AT + 8 * i, true));
  const flags = view.getUint8(27);
  return Object.freeze({
    modelId: toHex(raw.subarray(1, 9)), graph, newest: Number.isNaN(newest) ? null : newest,
    messages: view.getUint32(19, true), seen: view.getUint32(23, true),
    notReading: Boolean(flags & 1), familiar: Boolean(flags & 2), history,
    ring: ring.filter((item) => item !== 0n),
  });
}

/** Version, count, times. @param {UserLedger} times @returns {Uint8Array} */
export function ledgerToBytes(times) {
  const view = new DataView(new ArrayBuffer(2 + 4 * times.length));
  view.setUint8(0, STATE_VERSION);
  view.setUint8(1, times.length);
  times.forEach((time, i) => view.setUint32(2 + 4 * i, time, true));
  return new Uint8Array(view.buffer);
}

/** @param {Uint8Array} raw @returns {UserLedger} */
export function ledgerFromBytes(raw) {
  if (raw.length < 2 || raw[0] !== STATE_VERSION || raw[1] > LEDGER || raw.length !== 2 + 4 * raw[1]) {
    throw new StateError("user ledger: unknown version or wrong size");
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: raw[1] }, (_, i) => view.getUint32(2 + 4 * i, true));
}

/** @param {number} time @returns {number} whole seconds within 32 bits */
const wholeSeconds = (time) => Math.trunc(Math.min(Math.max(time, 0), MAX_TIME));

/** Whole days since the epoch, from 1. @param {number} time @returns {number} */
const dayOf = (time) => Math.min(Math.max(Math.floor(time / DAY), 1), 2 ** 16 - 1);

/** @param {ConversationState} state @param {RiskKind} risk @param {Partial<RiskHistory>} change */
function withHistory(state, risk, change) {
  const at = RISKS.indexOf(risk);
  const history = state.history.map((row, i) => (i === at ? Object.freeze({ ...row, ...change }) : row));
  return Object.freeze({ ...state, history });
}

/** @param {ConversationState} state @param {RiskKind} risk @param {"fine" | "help"} answer */
export function withAnswer(state, risk, answer) {
  const { answers } = state.history[RISKS.indexOf(risk)];
  return withHistory(state, risk, { answers: answers | (answer === "fine" ? FINE : HELP) });
}

// ---------------------------------------------------------------------------------------- policy

/** Raw output of the model for one message. @typedef {{cues: number[], risk: number[],
 *   otherLanguage: number}} Assessment */
/** Numbers of the policy that belong to a model, in the orders of CUES and RISKS.
 * @typedef {{cue: number[], gentle: number[], strong: number[], otherLanguage: number}} Thresholds */
/**
 * What to do about one message, and why: `reason` names the rule of nudge_sdk/policy.py.
 * @typedef {{reason: string, risk: RiskKind | null, raisedBy: RiskKind | null,
 *   confidence: number | null, cues: string[], level: Level | null,
 *   presentation: Presentation | null, discreet: boolean, rule: string | null}} Decision
 */
/** @typedef {{now: number, band: AgeBand, switch: Switch, fromContact: boolean, backfill: boolean,
 *   late: boolean, outside: boolean}} Circumstances */
/** @typedef {{name: string, risks: string[], now: number, seen: number,
 *   copy: Record<string, RiskKind>}} FloorRule */
/** @typedef {ReturnType<typeof readPolicy>} Policy */

/** @param {readonly string[]} cues @returns {number} bit set over CUES */
export function cueBits(cues) {
  return cues.reduce((bits, cue) => bits | (1 << CUES.indexOf(cue)), 0);
}

/** @param {number} bits @returns {string[]} names, in the order of CUES */
export const cuesOf = (bits) => CUES.filter((_, i) => bits & (1 << i));

/** @param {number} bits @returns {number} how many are set */
function bitCount(bits) {
  let count = 0;
  for (let left = bits; left; left &= left - 1) count++;
  return count;
}

/** The table as it stands in policy.json. @param {any} table */
export function readPolicy(table) {
  /** @type {Record<string, number>} */
  const evidence = {};
  /** @type {Record<string, boolean>} */
  const discreet = {};
  for (const [risk, rule] of Object.entries(table.risks)) {
    evidence[risk] = cueBits(rule.evidence);
    discreet[risk] = rule.discreet;
  }
  /** @type {FloorRule[]} */
  const floor = table.floor.map((/** @type {any} */ rule) => ({
    ...rule, now: cueBits(rule.now), seen: cueBits(rule.seen),
  }));
  return Object.freeze({
    version: /** @type {string} */ (table.version),
    lateAfter: /** @type {number} */ (table.timing.late_after_s),
    burst: /** @type {number} */ (table.timing.burst_s),
    week: /** @type {number} */ (table.timing.week_s),
    distinctCues: /** @type {number} */ (table.strong.distinct_cues),
    bands: /** @type {Record<AgeBand, {cooldown_s: number, per_conversation_week: number,
      per_week: number, cover: boolean}>} */ (table.bands),
    evidence, discreet, floor,
    presentation: /** @type {Record<string, Record<Level, Presentation>>} */ (table.presentation),
    coverRisk: /** @type {RiskKind} */ (table.cover.risk),
    coverCue: cueBits([table.cover.cue]),
    gentleSwitchLimit: /** @type {number} */ (table.gentle_switch.gentle_nudges_per_kind_and_chat),
    outside: /** @type {{relationships: string[], from_age: number, bands: AgeBand[]}} */ (
      table.adult_outside_contacts),
    familiar: /** @type {string[]} */ (table.draft.silent_relationships),
    derived: /** @type {{model: string, adult_outside_contacts_odds: number, draft_odds: number}} */ (
      table.derived),
  });
}

/**
 * Each gentle threshold with its odds p / (1 - p) divided by `odds`.
 * @param {Thresholds} thresholds @param {number} odds @returns {Thresholds}
 */
export function easier(thresholds, odds) {
  if (odds === 1) return thresholds;
  return { ...thresholds, gentle: thresholds.gentle.map((p) => p / (p + (1 - p) * odds)) };
}

/** Whether an adult writes who is not among a child's contacts; unknown is no.
 * @param {Policy} policy @param {Contact | null} contact @param {AgeBand} band */
function outsideContacts(policy, contact, band) {
  const { relationships, from_age: fromAge, bands } = policy.outside;
  return contact !== null && relationships.includes(contact.relationship ?? "")
    && bands.includes(band) && (ageOf(contact) ?? 0) >= fromAge;
}

/** Bit set of the cues that hold in one message.
 * @param {Assessment} assessment @param {Thresholds} thresholds @returns {number} */
export function held(assessment, thresholds) {
  return assessment.cues.reduce((bits, p, i) => (p >= thresholds.cue[i] ? bits | (1 << i) : bits), 0);
}

/** @param {string} reason @param {Partial<Decision>} [rest] @returns {Decision} */
function decision(reason, rest = {}) {
  return {
    reason, risk: null, raisedBy: null, confidence: null, cues: [], level: null,
    presentation: null, discreet: false, rule: null, ...rest,
  };
}

/**
 * Weigh one message; the order of the rules is that of nudge_sdk/policy.py.
 * @param {Policy} policy @param {Thresholds} thresholds @param {Assessment} assessment
 * @param {ConversationState} state  `seen` does not hold this message's cues yet
 * @param {UserLedger} ledger @param {Circumstances} at @returns {Decision}
 */
export function decide(policy, thresholds, assessment, state, ledger, at) {
  if (!at.fromContact) return decision("own_message");
  if (at.backfill || at.late) return decision(at.backfill ? "backfill" : "late");
  if (assessment.otherLanguage >= thresholds.otherLanguage) return decision("language");
  const up = RISKS.filter((_, i) => assessment.risk[i] >= thresholds.gentle[i]);
  if (!up.length) return decision("below_threshold");
  const cues = held(assessment, thresholds);
  const made = up
    .map((raised) => weigh(policy, thresholds, assessment, state, ledger, at, cues, raised))
    .reduce((best, next) => (moreUrgent(next, best) ? next : best));
  const covers = made.level !== null && Boolean(cues & policy.coverCue)
    && up.includes(policy.coverRisk) && policy.bands[at.band].cover && at.switch === "full";
  return covers ? { ...made, presentation: "cover" } : made;
}

/** @param {Decision} a @param {Decision} b @returns {boolean} */
function moreUrgent(a, b) {
  const rank = (/** @type {Decision} */ d) => Number(d.level !== null) + Number(d.level === "strong");
  return rank(a) !== rank(b) ? rank(a) > rank(b) : (a.confidence ?? 0) > (b.confidence ?? 0);
}

/**
 * @param {Policy} policy @param {Thresholds} thresholds @param {Assessment} assessment
 * @param {ConversationState} state @param {UserLedger} ledger @param {Circumstances} at
 * @param {number} cues @param {RiskKind} raised @returns {Decision}
 */
function weigh(policy, thresholds, assessment, state, ledger, at, cues, raised) {
  const index = RISKS.indexOf(raised);
  const seen = state.seen | cues;
  const rule = floorRule(policy, state, raised, cues, seen);
  const risk = rule?.copy[raised] ?? raised;
  const evidence = cues & policy.evidence[risk];
  const p = (/** @type {string} */ cue) => assessment.cues[CUES.indexOf(cue)];
  const weighed = decision("no_words", {
    risk, raisedBy: raised, confidence: assessment.risk[index],
    cues: cuesOf(evidence).sort((a, b) => p(b) - p(a)), rule: rule?.name ?? null,
  });
  if (!evidence) return weighed;
  const strong = rule !== null || (assessment.risk[index] >= thresholds.strong[index]
    && bitCount(seen & policy.evidence[risk]) >= policy.distinctCues);
  const level = strong ? "strong" : "gentle";
  const fresh = evidence & ~told(policy, state, risk);
  const reason = rule ? "floor" : holdBack(policy, state, ledger, at, risk, fresh, level);
  if (reason !== "floor" && reason !== "nudge") return { ...weighed, reason };
  return {
    ...weighed, reason, level, presentation: policy.presentation[at.switch][level],
    discreet: policy.discreet[risk],
  };
}

/** The first floor rule that applies; its evidence has to be new for the kind it leads to.
 * @param {Policy} policy @param {ConversationState} state @param {RiskKind} raised
 * @param {number} cues @param {number} seen @returns {FloorRule | null} */
function floorRule(policy, state, raised, cues, seen) {
  return policy.floor.find((rule) => {
    if (!(rule.now & cues) || rule.seen & ~seen || !rule.risks.includes(raised)) return false;
    const risk = rule.copy[raised] ?? raised;
    return Boolean(rule.now & cues & policy.evidence[risk] & ~told(policy, state, risk));
  }) ?? null;
}

/** Cues that the user was already told of, for a kind: its own, and what rules lead away.
 * @param {Policy} policy @param {ConversationState} state @param {RiskKind} risk */
function told(policy, state, risk) {
  const of = (/** @type {RiskKind} */ kind) => state.history[RISKS.indexOf(kind)].cues;
  return policy.floor.reduce(
    (bits, rule) => (risk in rule.copy ? bits | (rule.now & of(rule.copy[risk])) : bits), of(risk),
  );
}

/** @param {Policy} policy @param {ConversationState} state @param {UserLedger} ledger
 * @param {Circumstances} at @param {RiskKind} risk @param {number} fresh @param {Level} level */
function holdBack(policy, state, ledger, at, risk, fresh, level) {
  const band = policy.bands[at.band];
  const history = state.history[RISKS.indexOf(risk)];
  const past = state.history.filter((row) => row.last);
  const since = Math.min(...past.map((row) => Math.abs(at.now - row.last))); // Infinity: never
  const rises = LEVELS.indexOf(level) > Math.max(...state.history.map((row) => row.level));
  if (!fresh) return "no_new_evidence";
  if (level === "gentle" && history.answers & FINE) return "answered_fine";
  if (at.switch === "gentle" && level === "gentle" && history.nudges >= policy.gentleSwitchLimit) {
    return "gentle_switch";
  }
  if (since < policy.burst && !rises) return "burst";
  if (since < band.cooldown_s && !rises) return "cooldown";
  const inWeek = (/** @type {number} */ time) => Math.abs(at.now - time) <= policy.week;
  const recent = past.reduce((sum, row) => sum + (inWeek(row.last) ? row.recent : 0), 0);
  if (recent >= band.per_conversation_week) return "budget_conversation";
  // The week's budget holds back repeats only, never the first nudge of a chat.
  return recent && ledger.filter(inWeek).length >= band.per_week ? "budget_week" : "nudge";
}

/**
 * Memory after a decision: a nudge enters the history of its kind and the ledger.
 * @param {Policy} policy @param {ConversationState} state @param {UserLedger} ledger
 * @param {Decision} made @param {number} now
 * @returns {{state: ConversationState, ledger: UserLedger}}
 */
export function remember(policy, state, ledger, made, now) {
  if (made.risk === null || made.level === null) return { state, ledger };
  const old = state.history[RISKS.indexOf(made.risk)];
  const running = Math.abs(now - old.last) <= policy.week ? old.recent : 0;
  return {
    state: withHistory(state, made.risk, {
      cues: old.cues | cueBits(made.cues), nudges: Math.min(old.nudges + 1, 255),
      level: Math.max(old.level, LEVELS.indexOf(made.level)), recent: Math.min(running + 1, 255),
      last: wholeSeconds(now),
    }),
    ledger: [...ledger, wholeSeconds(now)].slice(-LEDGER),
  };
}

/**
 * The day on which words raised each kind; of two days the one nearer to now is kept.
 * @param {Policy} policy @param {Thresholds} thresholds  those for drafts
 * @param {ConversationState} state @param {Assessment} assessment @param {number} cues
 * @param {number} sent @param {number} now @returns {ConversationState}
 */
function raiseMarks(policy, thresholds, state, assessment, cues, sent, now) {
  const [day, today] = [dayOf(sent), dayOf(now)];
  return RISKS.reduce((marked, risk, i) => {
    if (assessment.risk[i] < thresholds.gentle[i] || !(cues & policy.evidence[risk])) return marked;
    const { raised } = marked.history[i];
    const nearer = !raised || Math.abs(today - day) < Math.abs(today - raised);
    return nearer ? withHistory(marked, risk, { raised: day }) : marked;
  }, state);
}

// ---------------------------------------------------------------------------------------- engine

/** What the engine has to know of a model. `modelId`: 16 hexadecimal digits.
 * @typedef {{modelId: string, stateSize: number, cap: number, overlap: number, windows: number,
 *   thresholds: Thresholds}} ModelSpec */
/** What the graph gives for one window. @typedef {{cues: Float32Array, risk: Float32Array,
 *   nextState: Float32Array}} Output */
/** One message, ready for the graph. @typedef {{windows: Int32Array[], context: Float32Array,
 *   graphState: Float32Array, state: ConversationState, ledger: UserLedger, at: Circumstances,
 *   sent: number}} Request */
/** `assessment` is `null` for a repeated message. @typedef {{assessment: Assessment | null,
 *   decision: Decision, state: ConversationState, ledger: UserLedger}} Step */

/** The core: pure functions over one model's numbers and one policy. */
export class Engine {
  /** @param {ModelSpec} spec @param {Policy} policy */
  constructor(spec, policy) {
    const same = policy.derived.model === spec.modelId;
    this.spec = spec;
    this.policy = policy;
    this.forOutside = easier(spec.thresholds, same ? policy.derived.adult_outside_contacts_odds : 1);
    this.forDrafts = easier(spec.thresholds, same ? policy.derived.draft_odds : 1);
  }

  /** @returns {ConversationState} */
  freshState() {
    return freshState(this.spec.modelId, this.spec.stateSize);
  }

  /** Another model's graph state starts anew; the history and the answers stay.
   * @param {ConversationState} state @returns {ConversationState} */
  adopt(state) {
    if (state.modelId === this.spec.modelId && state.graph.length === this.spec.stateSize) return state;
    const { modelId, graph } = this.freshState();
    return { ...state, modelId, graph };
  }

  /**
   * First half: everything before the graph.
   * @param {{message: Message, identity: bigint | null, contact: Contact | null,
   *   state: ConversationState, ledger: UserLedger, now: number, band: AgeBand, switch: Switch,
   *   fromContact: boolean, backfill?: boolean}} given
   *   `identity`: keyed hash of (id, revision), never 0; `null` without an id
   * @returns {Request | Step} a final step for a repeated message
   */
  prepare(given) {
    const { message, identity, contact, ledger, now, band, fromContact, backfill = false } = given;
    const { policy, spec } = this;
    let state = this.adopt(given.state);
    if (identity !== null && state.ring.includes(identity)) {
      return { assessment: null, decision: decision("repeat"), state, ledger };
    }
    const ring = identity === null ? state.ring : [...state.ring, identity].slice(-RING);
    const at = message.sent_at ?? null;
    const sent = at === null || !(at < now) ? now : Math.max(at, 0);
    const gap = state.newest === null ? null : Math.max(sent - state.newest, 0);
    const relationship = fromContact ? contact?.relationship ?? null : null;
    state = Object.freeze({
      ...state, ring,
      newest: state.newest === null ? sent : Math.max(sent, state.newest),
      messages: Math.min(state.messages + 1, 2 ** 32 - 1),
      familiar: relationship === null ? state.familiar : policy.familiar.includes(relationship),
    });
    const codepoints = codepointsOf(message.text);
    return {
      windows: windowsOf(codepoints, spec.cap, spec.overlap, spec.windows),
      context: contextVector({ fromContact, contact, band, kind: message.kind ?? "text", gap }),
      graphState: state.graph, state, ledger, sent,
      at: {
        now, band, switch: given.switch, fromContact, backfill,
        late: now - sent > policy.lateAfter, outside: outsideContacts(policy, contact, band),
      },
    };
  }

  /**
   * Second half: everything after the graph.
   * @param {Request} request @param {Output[]} outputs one for each window, in order
   * @returns {Step}
   */
  conclude(request, outputs) {
    if (outputs.length !== request.windows.length) {
      throw new ModelError("the graph gave another number of outputs than there are windows");
    }
    const read = outputs.map((output) => this.read(output));
    const highest = read.map((window) => Math.max(...window.risk));
    const worst = highest.indexOf(Math.max(...highest));
    const assessment = {
      ...read[worst], cues: CUES.map((_, i) => Math.max(...read.map((window) => window.cues[i]))),
    };
    const { policy, spec } = this;
    const { at, ledger } = request;
    const thresholds = at.outside ? this.forOutside : spec.thresholds;
    const made = decide(policy, thresholds, assessment, request.state, ledger, at);
    const notReading = assessment.otherLanguage >= thresholds.otherLanguage;
    const shown = at.fromContact && !notReading ? held(assessment, thresholds) : 0;
    let state = {
      ...request.state, graph: outputs[worst].nextState, seen: request.state.seen | shown, notReading,
    };
    if (shown) {
      state = raiseMarks(policy, this.forDrafts, state, assessment, shown, request.sent, at.now);
    }
    return { assessment, decision: made, ...remember(policy, state, ledger, made, at.now) };
  }

  /** @param {Output} output @returns {Assessment} @private */
  read(output) {
    if (output.cues.length !== CUES.length + 1 || output.risk.length !== RISKS.length
      || output.nextState.length !== this.spec.stateSize) {
      throw new ModelError("the graph's outputs are of another shape than the config promises");
    }
    const isProbability = (/** @type {number} */ p) => p >= 0 && p <= 1;
    if (!output.cues.every(isProbability) || !output.risk.every(isProbability)) {
      throw new ModelError("the graph gave something that is not a probability");
    }
    if (!output.nextState.every(Number.isFinite)) {
      throw new ModelError("the graph gave a state that is not finite");
    }
    const cues = Array.from(output.cues);
    return { otherLanguage: /** @type {number} */ (cues.pop()), cues, risk: Array.from(output.risk) };
  }
}

// ---------------------------------------------------------------------------------------- bundle

/** Raw Ed25519 key that signs the project's own bundles; a host may pin its own instead. */
export const RELEASE_KEYS = Object.freeze([
  "68c55160b087f387c38cce8d889fced7c62ed747ebf907f97da3d000c9e024d7",
]);
const MAX_MANIFEST = 64 * 1024; // bytes
const SIGNATURE_BYTES = 64;
const MAX_FILE = 32 * 2 ** 20; // bytes
const MAX_FILES = 16;
const MAX_TEXT = 64; // characters
const SCHEMA = 1;
export const MODEL = "model.onnx";
export const CONFIG = "config.json";

/** Gives the first `most` bytes of a file of the bundle, or `null` when it is not there.
 * @callback ReadFile @param {string} name @param {number} most
 * @returns {Promise<Uint8Array | null>} */
/** @typedef {{name: string, release: number, version: string, created: string, signer: string,
 *   sha256: string, spec: ModelSpec, vectors: any[], files: Map<string, Uint8Array>}} Bundle */

/** @param {Uint8Array} bytes @returns {string} */
export const toHex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

/** @param {string} hex @returns {Uint8Array<ArrayBuffer>} */
export function fromHex(hex) {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** @param {Uint8Array} bytes @returns {Promise<string>} 64 hexadecimal digits */
async function sha256(bytes) {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", /** @type {any} */ (bytes))));
}

/** A name of a key that stands in an object twice, or `null`: two readers would read it apart.
 * @param {string} json valid JSON @returns {string | null} */
function keyTwice(json) {
  /** @type {(Set<string> | null)[]} */
  const open = [];
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[^\s"]/g) ?? [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === "{") open.push(new Set());
    else if (token === "[") open.push(null);
    else if (token === "}" || token === "]") open.pop();
    else if (token[0] === '"' && tokens[i + 1] === ":") {
      const keys = /** @type {Set<string>} */ (open[open.length - 1]);
      const key = JSON.parse(token);
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return null;
}

/** Strict JSON: UTF-8, no key twice. @param {Uint8Array} raw @param {string} check */
function parseStrict(raw, check) {
  let text = "";
  let value;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
    value = JSON.parse(text);
  } catch {
    throw new BundleError("is not JSON", check);
  }
  if (keyTwice(text) !== null) throw new BundleError("has a key twice", check);
  return value;
}

/** One JSON object while it is read: each field is taken once, what is left over is unknown. */
class Fields {
  /** @param {unknown} value @param {string} check @param {string} [path] */
  constructor(value, check, path = "") {
    this.check = check;
    this.path = path;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new BundleError(`${path || "document"} must be an object`, check);
    }
    /** @type {Map<string, unknown>} */
    this.left = new Map(Object.entries(value));
  }

  /** @param {string} name @param {string} problem @returns {never} */
  fail(name, problem) {
    throw new BundleError(`${this.at(name)} ${problem}`, this.check);
  }

  /** @param {string} name @returns {string} */
  at(name) {
    const shown = /^[A-Za-z_]\w*$/.test(name) && name.length <= MAX_TEXT
      ? name : JSON.stringify(name.slice(0, MAX_TEXT));
    return this.path ? `${this.path}.${shown}` : shown;
  }

  /** @param {string} name @returns {unknown} */
  take(name) {
    if (!this.left.has(name)) this.fail(name, "is missing");
    const value = this.left.get(name);
    this.left.delete(name);
    return value;
  }

  /** @param {string} name @returns {string} */
  text(name) {
    const value = this.take(name);
    return typeof value === "string" ? value : this.fail(name, "must be a text");
  }

  /** @param {string} name @returns {unknown[]} */
  list(name) {
    const value = this.take(name);
    return Array.isArray(value) ? value : this.fail(name, "must be a list");
  }

  /** @param {string} name @param {number} low @param {number} high @returns {number} */
  whole(name, low, high) {
    const value = this.take(name);
    if (typeof value !== "number" || !Number.isInteger(value)) {
      return this.fail(name, "must be a whole number");
    }
    return low <= value && value <= high ? value : this.fail(name, `must be from ${low} to ${high}`);
  }

  /** @param {string} name @returns {number} */
  probability(name) {
    const value = this.take(name);
    if (typeof value !== "number") return this.fail(name, "must be a number");
    return value > 0 && value <= 1 ? value : this.fail(name, "must be above 0 and at most 1");
  }

  /** @param {readonly string[]} names @returns {number[]} */
  probabilities(names) {
    const values = names.map((name) => this.probability(name));
    this.close();
    return values;
  }

  /** @param {string} name @returns {Fields} */
  within(name) {
    return new Fields(this.take(name), this.check, this.at(name));
  }

  /** It comes first, as it says what the others mean. */
  schema() {
    const found = this.whole("schema", 1, 2 ** 31);
    if (found > SCHEMA) {
      throw new BundleError(`schema is ${found}, this runtime reads up to ${SCHEMA}`, "schema");
    }
  }

  close() {
    for (const name of this.left.keys()) this.fail(name, "is unknown");
  }
}

/** @param {Uint8Array} raw */
function readManifest(raw) {
  const fields = new Fields(parseStrict(raw, "manifest"), "manifest");
  fields.schema();
  const name = fields.text("name");
  const version = fields.within("version");
  const release = version.whole("release", 1, 2 ** 31 - 1);
  const text = version.text("text");
  if (!/^(?:[^\p{C}\p{Z}]| )+$/u.test(text) || [...text].length > MAX_TEXT) {
    version.fail("text", `must be 1 to ${MAX_TEXT} printable characters`);
  }
  version.close();
  const created = fields.text("created");
  const files = readFiles(fields.within("files"));
  if (!/^[a-z0-9][a-z0-9_-]{0,31}$/.test(name)) {
    fields.fail("name", "must be 1 to 32 of a-z, 0-9, _ and -");
  }
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(created)) {
    fields.fail("created", "must be a time such as 2026-01-31T12:00:00Z");
  }
  fields.close();
  return { name, release, text, created, files };
}

/** @param {Fields} fields @returns {Map<string, {sha256: string, bytes: number}>} */
function readFiles(fields) {
  const names = [...fields.left.keys()];
  if (names.length > MAX_FILES) fields.fail("", `has more than ${MAX_FILES} files`);
  for (const name of names) {
    if (name.length > MAX_TEXT || !/^[\w-]+(?:\.[\w-]+)*$/.test(name)) {
      fields.fail(name, "is not a plain file name");
    }
    if (["manifest.json", "manifest.sig"].includes(name)) fields.fail(name, "cannot vouch for itself");
  }
  for (const name of [MODEL, CONFIG]) if (!names.includes(name)) fields.fail(name, "is missing");
  return new Map(names.map((name) => {
    const entry = fields.within(name);
    const read = { sha256: entry.text("sha256"), bytes: entry.whole("bytes", 0, MAX_FILE) };
    if (!/^[0-9a-f]{64}$/.test(read.sha256)) {
      entry.fail("sha256", "must be 64 lower-case hexadecimal digits");
    }
    entry.close();
    return [name, read];
  }));
}

/** @param {Uint8Array} raw */
function readConfig(raw) {
  const fields = new Fields(parseStrict(raw, "config"), "config");
  fields.schema();
  for (const [name, wanted] of /** @type {[string, readonly string[]][]} */ (
    [["cues", [...CUES, "other_language"]], ["risks", RISKS]])) {
    if (JSON.stringify(fields.list(name)) !== JSON.stringify(wanted)) {
      fields.fail(name, "are not the ones that this runtime reads");
    }
  }
  const cap = fields.whole("cap", 1, 65_536);
  const config = {
    cap, name: fields.text("name"), stateSize: fields.whole("state_size", 1, MAX_GRAPH_STATE),
    overlap: fields.whole("overlap", 0, cap - 1), windows: fields.whole("windows", 2, 1024),
    thresholds: readThresholds(fields.within("thresholds")),
    vectors: fields.left.has("vectors") ? fields.list("vectors") : [],
  };
  fields.left.delete("training");
  fields.close();
  return config;
}

/** @param {Fields} fields @returns {Thresholds} */
function readThresholds(fields) {
  const strongFields = fields.within("strong");
  const gentle = fields.within("gentle").probabilities(RISKS);
  const strong = strongFields.probabilities(RISKS);
  RISKS.forEach((risk, i) => {
    if (strong[i] < gentle[i]) strongFields.fail(risk, "is below the gentle threshold");
  });
  const thresholds = {
    gentle, strong, cue: fields.within("cue").probabilities(CUES),
    otherLanguage: fields.probability("other_language"),
  };
  fields.close();
  return thresholds;
}

/**
 * Check a bundle, in the order of nudge_sdk/bundle/verify.py; nothing is given a meaning before the
 * check that vouches for it.
 * @param {ReadFile} read
 * @param {{pinnedKeys?: readonly string[], lastRelease?: number | null, only?: string[] | null}} [how]
 *   `pinnedKeys`: raw Ed25519 keys, 64 hexadecimal digits each. `only`: files to fetch, so that a
 *   page need not load what it does not use; what is not fetched is not part of the result.
 * @returns {Promise<Bundle>}
 */
export async function verifyBundle(read, { pinnedKeys = RELEASE_KEYS, lastRelease = null, only = null } = {}) {
  if (!pinnedKeys.length || !pinnedKeys.every((key) => /^[0-9a-f]{64}$/.test(key))) {
    throw new UsageError("pinnedKeys must be raw Ed25519 keys in hexadecimal, at least one");
  }
  const manifestBytes = await must(read, "manifest.json", MAX_MANIFEST + 1);
  const signature = await must(read, "manifest.sig", SIGNATURE_BYTES + 1);
  if (manifestBytes.length > MAX_MANIFEST) {
    throw new BundleError(`manifest.json is over ${MAX_MANIFEST} bytes`, "length");
  }
  if (signature.length !== SIGNATURE_BYTES) {
    throw new BundleError(`manifest.sig is not ${SIGNATURE_BYTES} bytes`, "length");
  }
  const signer = await signedBy(manifestBytes, signature, pinnedKeys);
  const manifest = readManifest(manifestBytes);
  if (lastRelease !== null && manifest.release < lastRelease) {
    throw new BundleError(`release ${manifest.release} is older than ${lastRelease}`, "version");
  }
  /** @type {Map<string, Uint8Array>} */
  const files = new Map();
  for (const [name, entry] of manifest.files) {
    if (only === null || name === CONFIG || only.includes(name)) {
      files.set(name, await checkedFile(read, name, entry));
    }
  }
  const config = readConfig(/** @type {Uint8Array} */ (files.get(CONFIG)));
  if (config.name !== manifest.name) throw new BundleError("name is not the manifest's", "config");
  const model = /** @type {{sha256: string}} */ (manifest.files.get(MODEL)).sha256;
  const { name, vectors, ...numbers } = config;
  return {
    name, vectors, files, signer, sha256: model, release: manifest.release,
    version: manifest.text, created: manifest.created,
    spec: { modelId: model.slice(0, 16), ...numbers },
  };
}

/** @param {ReadFile} read @param {string} name @param {number} most */
async function must(read, name, most) {
  const raw = await read(name, most);
  if (raw === null) throw new BundleError(`${name} cannot be read`, "files");
  return raw;
}

/** @param {ReadFile} read @param {string} name @param {{sha256: string, bytes: number}} entry */
async function checkedFile(read, name, entry) {
  const raw = await must(read, name, entry.bytes + 1);
  if (raw.length !== entry.bytes) {
    const relation = raw.length > entry.bytes ? "longer" : "shorter";
    throw new BundleError(`${name} is ${relation} than the manifest says`, "size");
  }
  if (await sha256(raw) !== entry.sha256) {
    throw new BundleError(`${name} has another SHA-256 than the manifest says`, "hash");
  }
  return raw;
}

/** Fingerprint of the pinned key that signed. @param {Uint8Array} manifest
 * @param {Uint8Array} signature @param {readonly string[]} keys @returns {Promise<string>} */
async function signedBy(manifest, signature, keys) {
  for (const hex of keys) {
    const key = await crypto.subtle.importKey("raw", fromHex(hex), "Ed25519", false, ["verify"]);
    const [s, m] = /** @type {any[]} */ ([signature, manifest]);
    if (await crypto.subtle.verify("Ed25519", key, s, m)) return `sha256:${await sha256(fromHex(hex))}`;
  }
  throw new BundleError("no pinned key has signed this manifest", "signature");
}

/**
 * Reads a bundle's folder over HTTP; never more bytes than asked for.
 * @param {string} url folder, with a slash at its end @returns {ReadFile}
 */
export function fetchFiles(url) {
  return async (name, most) => {
    const response = await fetch(url + encodeURIComponent(name), { credentials: "omit" });
    if (!response.ok || !response.body) return null;
    const reader = response.body.getReader();
    const raw = new Uint8Array(most);
    let size = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      raw.set(part.value.subarray(0, most - size), size);
      size = Math.min(size + part.value.length, most);
      if (size === most) {
        await reader.cancel();
        break;
      }
    }
    return raw.subarray(0, size);
  };
}

// ------------------------------------------------------------------------------------------ copy

/** The packaged JSON files by path, as they are. @typedef {{policy: any, help: any, layout: any,
 *   catalogs: Record<string, any>}} Data */

/** Catalog of a BCP 47 tag: its language where it may be shown, else English.
 * @param {Data} data @param {string} locale @param {boolean} allowUnreviewed */
export function textsOf(data, locale, allowUnreviewed) {
  const texts = data.catalogs[locale.replaceAll("_", "-").split("-")[0].toLowerCase()];
  return texts && (texts.reviewed || allowUnreviewed) ? texts : data.catalogs.en;
}

/** @param {string} pattern @param {Record<string, string>} values @returns {string} */
const format = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** Fill placeholders; in a right-to-left language what is written left to right is isolated.
 * @param {any} texts @param {string} pattern @param {Record<string, any>} values */
function filled(texts, pattern, values) {
  const isolate = (/** @type {string} */ v) => (texts.direction === "rtl" ? `\u2066${v}\u2069` : v);
  return format(pattern, Object.fromEntries(Object.entries(values).map(([k, v]) => [k, isolate(v)])));
}

/** A text that depends on a number. @param {any} texts @param {Record<string, string>} forms
 * @param {number} count @returns {string} */
export function counted(texts, forms, count) {
  const category = new Intl.PluralRules(texts.locale).select(count);
  return format(forms[category] ?? forms.other ?? forms.many, { count: String(count) });
}

/** @param {Data} data @param {string | null | undefined} country */
function helpOf(data, country) {
  return data.help.regions[data.help.countries[(country ?? "").toUpperCase()] ?? data.help.fallback];
}

/** @param {any} texts @param {string} kind @param {any} row */
function phrase(texts, kind, { pattern, ...values }) {
  return filled(texts, texts.help[kind][pattern], values);
}

/** @param {Data} data @param {any} texts @param {RiskKind} risk @param {string | null | undefined} country */
function helpList(data, texts, risk, country) {
  return helpOf(data, country).contacts
    .filter((/** @type {any} */ row) => row.risks.includes(risk))
    .map((/** @type {any} */ row) => {
      const name = row.called ? texts.help.name[row.called] : filled(texts, "{name}", { name: row.name });
      return `${name}: ${phrase(texts, "reach", row.reach)} (${texts.help.scope[row.scope]})`;
    })
    .join("\n");
}

/** Reading level of a band; adults read what 13 to 17 do. @param {AgeBand} band */
export const audienceOf = (band) => (["under_10", "10_12"].includes(band) ? "under13" : "13to17");

/**
 * The nudge that a decision asks for; every text is chosen whole, none is composed.
 * @param {Data} data @param {Decision} made one that nudges @param {Profile} profile
 * @param {Contact | null} contact @param {string | null} messageId @returns {Nudge}
 */
export function render(data, made, profile, contact, messageId) {
  const { risk, level, presentation } = made;
  if (risk === null || level === null || presentation === null) {
    throw new UsageError("decision: only one that nudges can be rendered");
  }
  const texts = textsOf(data, profile.locale ?? "en", profile.allow_unreviewed ?? false);
  const audience = audienceOf(bandOf(profile));
  const close = ["family", "school_or_club"].includes(contact?.relationship ?? "");
  const copyId = [risk, level, ...(close ? ["close"] : []), audience].join(".");
  const entry = texts.nudges[profile.framing ?? "support"][copyId];
  const line = phrase(texts, "line", helpOf(data, profile.region).line);
  /** @type {Record<string, string>} */
  const special = {
    get_help: helpList(data, texts, risk, profile.region),
    learn_more: texts.learn_more[audience][risk],
    what_to_say: texts.replies[made.cues.find((cue) => cue in texts.replies) ?? "default"],
  };
  return {
    risk, level, presentation, discreet: made.discreet, neutral_title: texts.neutral_title,
    title: entry.title, body: format(entry.body, { help: line }),
    reasons: made.cues.filter((cue) => cue in texts.reasons).map((cue) => texts.reasons[cue]),
    actions: data.layout[close ? "close" : "usual"][risk][level].map((/** @type {string} */ id) => {
      const own = id === "tell_someone" && close ? texts.close_tell_someone[audience] : null;
      const words = own ?? texts.actions[audience][id];
      return { id, label: words.label, text: special[id] ?? words.text ?? null };
    }),
    accessibility_label: format(texts.accessibility[made.discreet ? "discreet" : "open"], {
      title: entry.title,
    }),
    copy_id: copyId, locale: texts.locale, direction: texts.direction, message_id: messageId,
  };
}

// ---------------------------------------------------------------------------------------- stores

/** Rows and the ledger as they were at one moment; `revisions`: row, ledger.
 * @typedef {{slot: string, state: ConversationState | null, ledger: UserLedger,
 *   revisions: [number, number]}} Snapshot */
/**
 * Where memory is kept: a compare-and-swap, as in nudge_sdk/store.py.
 * @typedef {{
 *   slot: (conversation: string, sender: string) => Promise<string>,
 *   identity: (id: string, revision: number) => Promise<bigint>,
 *   read: (slot: string) => Promise<Snapshot>,
 *   swap: (before: Snapshot, state: ConversationState, ledger: UserLedger) => Promise<boolean>,
 *   forget: (conversation: string) => Promise<void>, wipe: () => Promise<void>,
 *   lastRelease: () => Promise<number | null>, acceptRelease: (release: number) => Promise<void>,
 * }} Store
 */

const utf8 = new TextEncoder();

/** @param {CryptoKey} key @param {string[]} parts @returns {Promise<Uint8Array>} 32 bytes */
async function keyed(key, ...parts) {
  const lengths = parts.map((part) => `${part.length}:`); // so that no two lists read the same
  const raw = utf8.encode(parts.map((part, i) => lengths[i] + wellFormed(part)).join(""));
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, raw));
}

/** UTF-8 has no lone surrogates; written out, two different ones stay different.
 * @param {string} text */
function wellFormed(text) {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
}

/** @param {CryptoKey} names @param {string} conversation @param {string} sender */
async function slotOf(names, conversation, sender) {
  const chat = toHex((await keyed(names, "conversation", conversation)).subarray(0, 16));
  return `${chat}.${toHex((await keyed(names, "sender", conversation, sender)).subarray(0, 16))}`;
}

/** @param {CryptoKey} names @param {string} id @param {number} revision @returns {Promise<bigint>} */
async function identityOf(names, id, revision) {
  const raw = await keyed(names, "message", id, String(revision));
  return new DataView(raw.buffer).getBigUint64(0, true) || 1n;
}

/** @returns {Promise<CryptoKey>} not extractable, for names of rows and messages */
function namingKey() {
  return crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/** Memory of this page only. @implements {Store} */
export class MemoryStore {
  /** @type {Promise<CryptoKey>} */
  #names = namingKey();
  /** @type {Map<string, {state: ConversationState, revision: number}>} */
  #rows = new Map();
  /** @type {UserLedger} */
  #ledger = [];
  #ledgerRevision = 0;
  #writes = 0;
  /** @type {number | null} */
  #release = null;

  /** @param {string} conversation @param {string} sender */
  async slot(conversation, sender) {
    return slotOf(await this.#names, conversation, sender);
  }

  /** @param {string} id @param {number} revision */
  async identity(id, revision) {
    return identityOf(await this.#names, id, revision);
  }

  /** @param {string} slot @returns {Promise<Snapshot>} */
  async read(slot) {
    const row = this.#rows.get(slot);
    return {
      slot, state: row?.state ?? null, ledger: this.#ledger,
      revisions: [row?.revision ?? 0, this.#ledgerRevision],
    };
  }

  /** @param {Snapshot} before @param {ConversationState} state @param {UserLedger} ledger */
  async swap(before, state, ledger) {
    const { slot, revisions } = before;
    if ((this.#rows.get(slot)?.revision ?? 0) !== revisions[0]) return false;
    if (this.#ledgerRevision !== revisions[1]) return false;
    this.#writes += 1; // one count for all rows: a row that comes back gets no old number
    this.#rows.set(slot, { state, revision: this.#writes });
    if (ledger !== before.ledger) {
      this.#ledger = ledger;
      this.#ledgerRevision = this.#writes;
    }
    return true;
  }

  /** @param {string} conversation */
  async forget(conversation) {
    const [chat] = (await this.slot(conversation, "")).split(".");
    for (const key of this.#rows.keys()) if (key.startsWith(chat)) this.#rows.delete(key);
  }

  async wipe() {
    this.#rows.clear();
    this.#ledger = [];
    this.#ledgerRevision = ++this.#writes;
  }

  async lastRelease() {
    return this.#release;
  }

  /** @param {number} release */
  async acceptRelease(release) {
    this.#release = Math.max(this.#release ?? 0, release);
  }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new StateError("the store cannot be read"));
  });
}

/** @param {IDBTransaction} transaction @returns {Promise<void>} */
function committed(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(new StateError("the store cannot be written"));
  });
}

/**
 * IndexedDB, sealed: AES-256-GCM under a key that no script can read out (not extractable), a
 * random nonce for each write, and the row's name as associated data, so that no row can stand in
 * for another. Names are keyed hashes. What it cannot protect from: who may run script in this
 * origin can use the key, though not take it away.
 * @implements {Store}
 */
export class SealedStore {
  /** @param {IDBDatabase} db @param {{seal: CryptoKey, names: CryptoKey}} keys */
  constructor(db, keys) {
    this.db = db;
    this.keys = keys;
  }

  /** @param {string} name of the database: one for each user of a device */
  static async open(name) {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("rows");
      request.result.createObjectStore("keys");
    };
    const db = await done(request);
    const made = {
      names: await namingKey(),
      seal: await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]),
    };
    // In one transaction, so that of two tabs that open first, both use the keys of one.
    const transaction = db.transaction("keys", "readwrite");
    const table = transaction.objectStore("keys");
    const keys = /** @type {typeof made | undefined} */ (await done(table.get("keys")));
    if (!keys) table.put(made, "keys");
    await committed(transaction);
    return new SealedStore(db, keys ?? made);
  }

  /** @param {string} conversation @param {string} sender */
  slot(conversation, sender) {
    return slotOf(this.keys.names, conversation, sender);
  }

  /** @param {string} id @param {number} revision */
  identity(id, revision) {
    return identityOf(this.keys.names, id, revision);
  }

  /** @param {string} slot @returns {Promise<Snapshot>} */
  async read(slot) {
    const rows = this.db.transaction("rows").objectStore("rows");
    const [row, ledger] = await Promise.all([done(rows.get(slot)), done(rows.get("ledger"))]);
    return {
      slot,
      state: row ? stateFromBytes(await this.#unseal(slot, row)) : null,
      ledger: ledger ? ledgerFromBytes(await this.#unseal("ledger", ledger)) : [],
      revisions: [row?.revision ?? 0, ledger?.revision ?? 0],
    };
  }

  /** @param {Snapshot} before @param {ConversationState} state @param {UserLedger} ledger */
  async swap(before, state, ledger) {
    const { slot } = before;
    const row = await this.#seal(slot, stateToBytes(state));
    const times = ledger === before.ledger ? null : await this.#seal("ledger", ledgerToBytes(ledger));
    const transaction = this.db.transaction("rows", "readwrite");
    const rows = transaction.objectStore("rows");
    const found = await Promise.all([done(rows.get(slot)), done(rows.get("ledger"))]);
    if (found.some((item, i) => (item?.revision ?? 0) !== before.revisions[i])) {
      transaction.abort();
      return false;
    }
    const revision = await this.#next(rows);
    rows.put({ ...row, revision }, slot);
    if (times) rows.put({ ...times, revision }, "ledger");
    await committed(transaction);
    return true;
  }

  /** @param {string} conversation */
  async forget(conversation) {
    const [chat] = (await this.slot(conversation, "")).split(".");
    const transaction = this.db.transaction("rows", "readwrite");
    transaction.objectStore("rows").delete(IDBKeyRange.bound(`${chat}.`, `${chat}/`));
    await committed(transaction);
  }

  async wipe() {
    const empty = await this.#seal("ledger", ledgerToBytes([]));
    const transaction = this.db.transaction("rows", "readwrite");
    const rows = transaction.objectStore("rows");
    const [release, revision] = [await done(rows.get("release")), await this.#next(rows)];
    rows.clear();
    rows.put(release, "release");
    rows.put(revision, "writes");
    rows.put({ ...empty, revision }, "ledger");
    await committed(transaction);
  }

  /** @returns {Promise<number | null>} */
  async lastRelease() {
    return (await done(this.db.transaction("rows").objectStore("rows").get("release"))) ?? null;
  }

  /** @param {number} release */
  async acceptRelease(release) {
    const transaction = this.db.transaction("rows", "readwrite");
    const rows = transaction.objectStore("rows");
    rows.put(Math.max((await done(rows.get("release"))) ?? 0, release), "release");
    await committed(transaction);
  }

  /** One count for all rows: a row that comes back after `forget` gets no old number.
   * @param {IDBObjectStore} rows @returns {Promise<number>} */
  async #next(rows) {
    const next = ((await done(rows.get("writes"))) ?? 0) + 1;
    rows.put(next, "writes");
    return next;
  }

  /** @param {string} name @param {Uint8Array} plain */
  async #seal(name, plain) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const how = { name: "AES-GCM", iv, additionalData: utf8.encode(name) };
    const raw = /** @type {any} */ (plain);
    return { iv, box: await crypto.subtle.encrypt(how, this.keys.seal, raw) };
  }

  /** @param {string} name @param {{iv: Uint8Array, box: ArrayBuffer}} sealed */
  async #unseal(name, { iv, box }) {
    const how = { name: "AES-GCM", iv: /** @type {any} */ (iv), additionalData: utf8.encode(name) };
    try {
      return new Uint8Array(await crypto.subtle.decrypt(how, this.keys.seal, box));
    } catch {
      throw new StateError("a sealed row cannot be opened");
    }
  }
}

// ---------------------------------------------------------------------------------------- client

/** The graph, open. @callback RunGraph @param {Int32Array} codepoints @param {Float32Array} context
 * @param {Float32Array} state @returns {Promise<Output>} */

/**
 * Open the graph in onnxruntime-web. The only function here that touches it.
 * @param {any} ort the module `onnxruntime-web/wasm` @param {Uint8Array} model verified bytes
 * @returns {Promise<RunGraph>}
 */
export async function openGraph(ort, model) {
  let session;
  try {
    session = await ort.InferenceSession.create(model, {
      // Browsers compile what runs, function by function: the optimiser costs a second of it at the
      // start, and gains 3 percent of a call. enableMemPattern: sizes change with every message.
      executionProviders: ["wasm"], logSeverityLevel: 4, graphOptimizationLevel: "disabled",
      enableMemPattern: false,
    });
  } catch {
    throw new BundleError("onnxruntime cannot read the graph", "graph");
  }
  const ports = [session.inputNames, session.outputNames].map((names) => [...names].sort().join());
  if (ports[0] !== "codepoints,context,state" || ports[1] !== "cues,next_state,risk") {
    throw new BundleError("the graph's inputs or outputs are of other names", "graph");
  }
  return async (codepoints, context, state) => {
    try {
      const out = await session.run({
        codepoints: new ort.Tensor("int32", codepoints, [codepoints.length]),
        context: new ort.Tensor("float32", context, [context.length]),
        state: new ort.Tensor("float32", state, [state.length]),
      });
      return { cues: out.cues.data, risk: out.risk.data, nextState: out.next_state.data };
    } catch {
      throw new ModelError("the graph failed on this message"); // its words may name a code point
    }
  };
}

/** A result of `receive`: what to show, and, for the curious and for tests, how it came about.
 * @typedef {{nudge: Nudge | null, step: Step | null}} Received */

/** Reads decrypted messages on the young person's own device. Get one from `NudgeClient.open`. */
export class NudgeClient {
  /** @type {Promise<unknown>} one message after another: the memory goes in and comes out */
  #last = Promise.resolve();
  /** @type {Switch} */
  #switch = "full";

  /** @param {{bundle: Bundle, data: Data, run: RunGraph, store: Store, profile: Profile,
   *   clock: () => number}} parts */
  constructor(parts) {
    checkProfile(parts.profile);
    this.parts = parts;
    this.engine = new Engine(parts.bundle.spec, readPolicy(parts.data.policy));
  }

  /**
   * Verify a bundle and get ready to read.
   * @param {{ort: any, read: ReadFile, data: Data, profile?: Profile, store?: Store,
   *   clock?: () => number, pinnedKeys?: readonly string[]}} given
   *   `ort`: the module `onnxruntime-web/wasm`; `read`: gives the bundle's files; `data`: the
   *   packaged JSON; `clock`: seconds since the epoch
   */
  static async open({ ort, read, data, profile = {}, store = new MemoryStore(), clock, pinnedKeys }) {
    const lastRelease = await store.lastRelease();
    const bundle = await verifyBundle(read, { pinnedKeys, lastRelease, only: [MODEL] });
    const run = await openGraph(ort, /** @type {Uint8Array} */ (bundle.files.get(MODEL)));
    const { stateSize } = bundle.spec; // a first call, as it is slow, and nobody waits for it yet
    await run(new Int32Array(), new Float32Array(CONTEXT_SIZE), new Float32Array(stateSize));
    await store.acceptRelease(bundle.release);
    bundle.files.clear(); // the session holds its own copy of the graph
    const now = clock ?? (() => Date.now() / 1000);
    return new NudgeClient({ bundle, data, run, store, profile, clock: now });
  }

  /** The same bundle for another user, store or clock, without loading it again.
   * @param {{profile?: Profile, store?: Store, clock?: () => number}} other @returns {NudgeClient} */
  with(other) {
    return new NudgeClient({ ...this.parts, ...other });
  }

  /**
   * A message has arrived. A result without a nudge is no statement about chat or contact.
   * @param {string} conversation @param {Message} message @param {Contact} contact
   * @param {{backfill?: boolean}} [how] `backfill`: history that is loaded now; it never nudges
   * @returns {Promise<Received>}
   */
  async receive(conversation, message, contact, { backfill = false } = {}) {
    const step = await this.#take(conversation, message, contact, contact.id, true, backfill);
    if (!step || step.decision.level === null) return { nudge: null, step };
    const { data, profile } = this.parts;
    return { nudge: render(data, step.decision, profile, contact, message.id ?? null), step };
  }

  /**
   * The young person has sent a message: it never nudges; replies and refusals are evidence.
   * @param {string} conversation @param {Message} message @param {Contact} to whom it answers
   * @returns {Promise<Received>}
   */
  async sent(conversation, message, to) {
    return { nudge: null, step: await this.#take(conversation, message, to, to.id, false, false) };
  }

  /** @param {string} conversation @param {RiskKind} risk @param {Contact} contact
   * @param {"fine" | "help"} answer  "fine" quietens gentle nudges of this kind, never strong ones */
  async answer(conversation, risk, contact, answer) {
    checkChoice(risk, RISKS, "risk");
    checkChoice(answer, ["fine", "help"], "answer");
    const { store } = this.parts;
    const slot = await store.slot(conversation, contact.id);
    await this.#queue(async () => {
      for (let wrote = false; !wrote && this.#switch !== "off";) {
        const before = await store.read(slot);
        if (before.state === null) return;
        wrote = await store.swap(before, withAnswer(before.state, risk, answer), before.ledger);
      }
    });
  }

  /** What is remembered of one sender, or `null`. @param {string} conversation @param {Contact} contact */
  async memory(conversation, contact) {
    const { store } = this.parts;
    return (await store.read(await store.slot(conversation, contact.id))).state;
  }

  /** The young person's switch. @returns {Switch} */
  get switch() {
    return this.#switch;
  }

  /** Under `off` nothing is read and nothing changes; it wipes the store.
   * @param {Switch} value */
  async turn(value) {
    checkChoice(value, SWITCHES, "switch");
    this.#switch = value; // before the wipe: a message on its way then writes nothing
    if (value === "off") await this.wipe();
  }

  /** @param {string} conversation */
  async forget(conversation) {
    await this.#queue(() => this.parts.store.forget(conversation));
  }

  async wipe() {
    await this.#queue(() => this.parts.store.wipe());
  }

  /** What runs here. */
  about() {
    const { bundle } = this.parts;
    return {
      bundle: bundle.name, version: bundle.version, release: bundle.release,
      model_sha256: bundle.sha256, signer: bundle.signer, policy: this.engine.policy.version,
      switch: this.#switch,
    };
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  #queue(work) {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  /** @param {string} conversation @param {Message} message @param {Contact | null} contact
   * @param {string} sender @param {boolean} fromContact @param {boolean} backfill
   * @returns {Promise<Step | null>} `null` under `off` */
  async #take(conversation, message, contact, sender, fromContact, backfill) {
    checkString(conversation, "conversation");
    checkMessage(message);
    checkContact(contact);
    const { store, profile, clock, run } = this.parts;
    return this.#queue(async () => {
      const slot = await store.slot(conversation, sender);
      const identity = message.id == null ? null : await store.identity(message.id, message.revision ?? 0);
      while (this.#switch !== "off") {
        const before = await store.read(slot);
        const request = this.engine.prepare({
          message, identity, contact, fromContact, backfill, now: Math.max(clock(), 0),
          state: before.state ?? this.engine.freshState(), ledger: before.ledger,
          band: bandOf(profile), switch: this.#switch,
        });
        if ("decision" in request) return request;
        const outputs = [];
        for (const window of request.windows) {
          outputs.push(await run(window, request.context, request.graphState));
        }
        const step = this.engine.conclude(request, outputs);
        if (/** @type {Switch} */ (this.#switch) === "off") return null;
        if (await store.swap(before, step.state, step.ledger)) return step;
      }
      return null;
    });
  }
}
