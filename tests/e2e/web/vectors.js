// @ts-check
/**
 * Golden vectors against nudge.js: `check(table, ort, model)` gives what differs, empty when all
 * pass. A port to another language needs a file like this one: docs/porting.md.
 */

import * as sdk from "/nudge.js";

const CONTEXT = 1e-6; // float32 arithmetic of two runtimes, on numbers up to 4

/** @param {any} got @param {any} wanted @param {number} tolerance @param {string} path */
function differences(got, wanted, tolerance = 0, path = "") {
  if (typeof wanted === "number" && typeof got === "number") {
    return Math.abs(got - wanted) <= tolerance ? [] : [`${path}: ${got} for ${wanted}`];
  }
  if (wanted === null || typeof wanted !== "object") {
    return got === wanted ? [] : [`${path}: ${JSON.stringify(got)} for ${JSON.stringify(wanted)}`];
  }
  const keys = new Set([...Object.keys(wanted), ...Object.keys(got ?? {})]);
  return [...keys].flatMap((key) => differences(got?.[key], wanted[key], tolerance, `${path}.${key}`));
}

/** @param {any} d a decision, in the words of the vectors */
const decisionOf = (d) => ({
  reason: d.reason, risk: d.risk, raised_by: d.raisedBy, confidence: d.confidence, cues: d.cues,
  level: d.level, presentation: d.presentation, discreet: d.discreet, rule: d.rule,
});

const historyOf = (rows) => Object.fromEntries(sdk.RISKS.flatMap((risk, i) =>
  (Object.values(rows[i]).some(Boolean) ? [[risk, { ...rows[i] }]] : [])));

const stateOf = (s) => ({
  newest: s.newest, messages: s.messages, seen: s.seen, not_reading: s.notReading,
  familiar: s.familiar, history: historyOf(s.history), graph: Array.from(s.graph),
});

const thresholdsOf = ({ other_language: otherLanguage, ...rest }) => ({ ...rest, otherLanguage });

/** @type {Record<string, (vector: any, given: any, world: any) => any>} what differs, one kind each */
const CHECKS = {
  text: (v) => {
    if ("text" in v) return differences(Array.from(sdk.codepointsOf(v.text)), v.codepoints);
    const windows = sdk.windowsOf(Int32Array.from({ length: v.n }, (_, i) => i), v.cap, v.overlap, v.most);
    return [...differences(windows.map((w) => w[0] ?? 0), v.starts),
      ...differences(windows.map((w) => w.length), v.lengths)];
  },

  context: (v) => differences(Array.from(sdk.contextVector({
    fromContact: v.from_contact, contact: v.contact, band: v.band, kind: v.kind, gap: v.gap,
  })), v.context, CONTEXT),

  state: (v) => {
    const bytes = sdk.fromHex(v.hex);
    if (v.refused) {
      try {
        (v.refused === "ledger" ? sdk.ledgerFromBytes : sdk.stateFromBytes)(bytes);
      } catch (error) {
        return error instanceof sdk.StateError ? [] : [String(error)];
      }
      return ["was accepted"];
    }
    if (v.ledger) {
      return [...differences(sdk.ledgerFromBytes(bytes), v.ledger),
        ...differences(sdk.toHex(sdk.ledgerToBytes(v.ledger)), v.hex)];
    }
    const state = sdk.stateFromBytes(bytes);
    const got = { ...stateOf(state), model_id: state.modelId, ring: state.ring.map(String) };
    return [...differences(got, v.state), ...differences(sdk.toHex(sdk.stateToBytes(state)), v.hex)];
  },

  policy: (v, given, { policy }) => {
    const fresh = sdk.freshState("0".repeat(16), 1);
    const none = fresh.history[0];
    const state = { ...fresh, seen: v.seen, history: sdk.RISKS.map((risk) => v.history[risk] ?? none) };
    const { other_language: otherLanguage, cues, risk } = v.assessment;
    const at = { ...v.at, fromContact: v.at.from_contact };
    const made = sdk.decide(policy, thresholdsOf(given.thresholds), { cues, risk, otherLanguage },
      state, v.ledger, at);
    const after = sdk.remember(policy, state, v.ledger, made, at.now);
    return [...differences(decisionOf(made), v.decision),
      ...differences({ history: historyOf(after.state.history), ledger: after.ledger }, v.after)];
  },

  engine: (v, given, { policy }) => {
    const { model_id: modelId, state_size: stateSize, thresholds, ...sizes } = v.spec;
    const spec = { modelId, stateSize, thresholds: thresholdsOf(thresholds), ...sizes };
    const engine = new sdk.Engine(spec, policy);
    let state = engine.freshState();
    let ledger = /** @type {readonly number[]} */ ([]);
    const ids = new Map();
    return v.steps.flatMap((/** @type {any} */ s, /** @type {number} */ i) => {
      const name = `${s.id} ${s.revision}`;
      if (!ids.has(name)) ids.set(name, BigInt(ids.size + 1));
      const request = engine.prepare({
        message: s, identity: s.id === null ? null : ids.get(name), contact: v.contact, state, ledger,
        now: s.now, band: v.band, switch: v.switch, fromContact: s.from_contact, backfill: s.backfill,
      });
      const found = [];
      let step = request;
      if ("windows" in request) {
        const sum = (w) => [w.length, w.reduce((a, b) => a + b, 0)];
        found.push(...differences(request.windows.map(sum), s.windows, 0, ".windows"),
          ...differences(Array.from(request.context), s.context, CONTEXT, ".context"));
        const floats = (list) => Float32Array.from(list);
        step = engine.conclude(request, s.outputs.map((o) => ({
          cues: floats(o.cues), risk: floats(o.risk), nextState: floats(o.state),
        })));
        const { otherLanguage, ...raw } = step.assessment;
        found.push(...differences({ ...raw, other_language: otherLanguage }, s.assessment));
      } else found.push(...differences(null, s.windows, 0, ".windows"));
      ({ state, ledger } = step);
      found.push(...differences(decisionOf(step.decision), s.decision, 0, ".decision"),
        ...differences({ ...stateOf(state), ring_length: state.ring.length }, s.state, 0, ".state"),
        ...differences(ledger, s.ledger, 0, ".ledger"));
      return found.map((line) => `step ${i}${line}`);
    });
  },

  copy: (v, given, { data }) => {
    const { raised_by: raisedBy, ...made } = v.decision;
    return differences(sdk.render(data, { ...made, raisedBy }, v.profile, v.contact, v.message_id), v.nudge);
  },

  bundles: async (v, given) => {
    const files = { ...given.files, ...v.changed, "manifest.json": v.manifest, "manifest.sig": v.signature };
    const read = async (/** @type {string} */ name, /** @type {number} */ most) => {
      if (!files[name]) return null;
      const { base64, spaces } = files[name];
      const raw = Uint8Array.from(atob(base64) + " ".repeat(spaces), (c) => c.charCodeAt(0));
      return raw.subarray(0, most);
    };
    try {
      const { name, release, signer, sha256, spec } = await sdk.verifyBundle(read, {
        pinnedKeys: v.keys, lastRelease: v.last_release,
      });
      return differences({ name, release, signer, sha256, model_id: spec.modelId, cap: spec.cap }, v.accepted);
    } catch (error) {
      if (!(error instanceof sdk.BundleError)) return [String(error)];
      return differences(error.check, v.refused, 0, error.message);
    }
  },

  graph: async (v, given, { run }) => {
    let state = new Float32Array(given.state_size);
    const found = [];
    for (const [i, s] of v.steps.entries()) {
      const out = await run(Int32Array.from(s.codepoints), Float32Array.from(s.context), state);
      state = out.nextState;
      const got = { cues: Array.from(out.cues), risk: Array.from(out.risk), state: Array.from(state) };
      const { cues, risk, state: next } = s;
      found.push(...differences(got, { cues, risk, state: next }, given.tolerance, `step ${i}`));
    }
    return found;
  },
};

/** @param {any} table one file of vectors @param {any} world from `open` @returns {Promise<string[]>} */
export async function check(table, world) {
  const found = [];
  for (const vector of table.vectors) {
    const lines = await CHECKS[table.kind](vector, table.given, world);
    found.push(...lines.slice(0, 3).map((/** @type {string} */ line) => `${vector.id}: ${line}`));
  }
  return found;
}

/** What the vectors are checked against: data files, policy, and the graph of the shipped bundle. */
export async function open() {
  const json = async (/** @type {string} */ path) => (await fetch(path)).json();
  const { catalogs, keys } = await json("/host.json");
  const texts = await Promise.all(catalogs.map((name) => json(`/data/nudge_copy/${name}.json`)));
  const data = {
    policy: await json("/data/policy.json"), help: await json("/data/help_contacts.json"),
    layout: await json("/data/nudge_copy/layout.json"),
    catalogs: Object.fromEntries(texts.map((t) => [t.locale, t])),
  };
  const ort = await import("/ort/ort.wasm.min.mjs");
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = new URL("/ort/", location.href).href;
  const bundle = await sdk.verifyBundle(sdk.fetchFiles("/bundle/"), { pinnedKeys: keys });
  const run = await sdk.openGraph(ort, bundle.files.get(sdk.MODEL));
  return { data, policy: sdk.readPolicy(data.policy), run, ort, bundle };
}

/**
 * Chats through engine and graph: what the model gave and what was decided, message by message.
 * @param {any[]} chats `{contact, band, messages: [{text, kind, from_contact, now}]}`
 * @param {any} world
 */
export async function hear(chats, { run, policy, bundle }) {
  const engine = new sdk.Engine(bundle.spec, policy);
  const heard = [];
  for (const { contact, band, messages } of chats) {
    let [state, ledger] = [engine.freshState(), /** @type {readonly number[]} */ ([])];
    const rows = [];
    for (const { text, kind, from_contact: fromContact, now } of messages) {
      const request = engine.prepare({ message: { text, kind }, identity: null, contact, state, ledger,
        now, band, switch: "full", fromContact });
      if (!("windows" in request)) throw new Error("a message without an id is no repeat");
      const outputs = [];
      for (const window of request.windows) {
        outputs.push(await run(window, request.context, request.graphState));
      }
      const step = engine.conclude(request, outputs);
      ({ state, ledger } = step);
      rows.push({ ...step.assessment, decision: decisionOf(step.decision) });
    }
    heard.push(rows);
  }
  return heard;
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Times in microseconds, medians of calls that take turns: a no-op graph with the same inputs, the
 * graph, and the whole way of a message without a store.
 * @param {{noop: number[], calls: number, points: number}} how @param {any} world
 */
export async function time({ noop, calls, points }, { ort, run, policy, bundle }) {
  const nothing = await ort.InferenceSession.create(Uint8Array.from(noop), { executionProviders: ["wasm"] });
  const engine = new sdk.Engine(bundle.spec, policy);
  const [context, state] = [new Float32Array(32), new Float32Array(bundle.spec.stateSize)];
  const letters = "the quick brown fox jumps over it, again and again, and so on ";
  const took = { noop: [], graph: [], message: [] };
  let memory = engine.freshState();
  for (let i = 0; i < calls; i++) {
    const text = (letters.slice(i % letters.length) + letters + letters).slice(0, points);
    const codepoints = sdk.codepointsOf(text);
    const begin = performance.now();
    await nothing.run({
      codepoints: new ort.Tensor("int32", codepoints, [codepoints.length]),
      context: new ort.Tensor("float32", context, [context.length]),
      state: new ort.Tensor("float32", state, [state.length]),
    });
    const noopDone = performance.now();
    await run(codepoints, context, state);
    const graphDone = performance.now();
    const request = engine.prepare({ message: { text }, identity: null, contact: null, state: memory,
      ledger: [], now: 1.8e9 + i, band: "13_15", switch: "full", fromContact: true });
    const step = engine.conclude(request, [await run(request.windows[0], request.context, request.graphState)]);
    memory = step.state;
    took.noop.push(1000 * (noopDone - begin));
    took.graph.push(1000 * (graphDone - noopDone));
    took.message.push(1000 * (performance.now() - graphDone));
  }
  return Object.fromEntries(Object.entries(took).map(([name, list]) => [name, median(list)]));
}

/**
 * Frames that the screen drew from a message's arrival to its result, with the sealed store.
 * @param {number} messages @param {any} world @returns {Promise<number[]>}
 */
export async function frames(messages, { run, data, bundle }) {
  const store = await sdk.SealedStore.open(`frames-${crypto.randomUUID()}`);
  const client = new sdk.NudgeClient({ run, data, bundle, store, profile: {}, clock: () => Date.now() / 1000 });
  let drawn = 0;
  let on = true;
  const draw = () => {
    drawn += 1;
    if (on) requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
  const taken = [];
  for (let i = 0; i < messages; i++) {
    await new Promise(requestAnimationFrame);
    const before = drawn;
    await client.receive("chat", { id: `m${i}`, text: "are you home alone" }, { id: "c" });
    taken.push(drawn - before);
  }
  on = false;
  return taken;
}
