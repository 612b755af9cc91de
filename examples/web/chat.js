// @ts-check
/**
 * The page: wires the chat (e2ee.js), the runtime (nudge.js) and the screen (view.js, hood.js).
 *
 * The chat is there at once and never waits for the model: what arrives while it loads is shown and
 * read afterwards. Once it is loaded, a message is read before it is shown, for at most `PATIENCE`,
 * so that a cover is there first; what takes longer is shown without.
 */

import { newLink, Wire } from "./e2ee.js";
import { Hood } from "./hood.js";
import {
  counted, CUES, fetchFiles, MemoryStore, NudgeClient, NudgeError, RISKS, SealedStore, stateToBytes,
  textsOf,
} from "./nudge.js";
import {
  byId, clearLog, narrate, sayIn, showInvitation, showLate, showMessage, showStart, toast, typing,
} from "./view.js";

/** @typedef {import("./nudge.js").Contact} Contact */
/** @typedef {import("./nudge.js").Message} Message */
/** @typedef {import("./nudge.js").Nudge} Nudge */
/** @typedef {import("./nudge.js").Profile} Profile */
/** @typedef {import("./nudge.js").Received} Received */
/** @typedef {import("./nudge.js").Switch} Switch */
/** @typedef {{conversation: string, client: () => NudgeClient | null, contact: () => Contact}} Chat */

const PATIENCE = 250; // milliseconds that a message may wait to be read, at the most; ?patience=
const PACE = 1100; // milliseconds between the messages of a story; ?pace=
const LANGUAGES = /** @type {Record<string, string>} */ ({
  en: "English", cy: "Cymraeg (draft)", es: "Espa\u00f1ol (draft)", pl: "Polski (draft)",
  ur: "\u0627\u0631\u062f\u0648 (draft)",
});

const query = new URLSearchParams(location.search);
const pace = Number(query.get("pace") ?? PACE);
const patience = Number(query.get("patience") ?? PATIENCE);
const hash = new URLSearchParams(location.hash.slice(1));
const role = hash.has("guest") ? "guest" : "host"; // two tabs of one browser: two devices
const hood = new Hood(RISKS, CUES);

/** @type {any} */
let data = null;
/** The device's own client, with its sealed store. @type {NudgeClient | null} */
let device = null;
/** @type {Chat | null} */
let open = null;
/** @type {Wire | null} */
let wire = null;
/** Read once the model is there. @type {(() => Promise<void>)[]} */
const pending = [];
let story = 0; // rises with every story or way back: an older one then stops
const blocked = new Set();

/** @param {string} path @returns {Promise<any>} */
const json = async (path) => (await fetch(path)).json();
/** @param {string} id @returns {string} */
const chosen = (id) => /** @type {HTMLSelectElement} */ (byId(id)).value;
/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @returns {Profile} */
function profile() {
  return /** @type {Profile} */ ({
    band: chosen("band"), region: chosen("region"), locale: chosen("locale") || "en",
    allow_unreviewed: true, // the list says which are drafts
  });
}

/** @returns {Switch} */
function switchValue() {
  const checked = document.querySelector("#switch input:checked");
  return /** @type {Switch} */ (/** @type {HTMLInputElement} */ (checked).value);
}

function words() {
  const texts = textsOf(data, profile().locale ?? "en", true);
  const { interface: said } = texts;
  return {
    covered: said.covered, uncover: said.uncover, forYou: said.for_you, more: said.more,
    noticed: (/** @type {number} */ n) => counted(texts, said.noticed, n),
    lang: texts.locale, dir: texts.direction, act,
  };
}

// ------------------------------------------------------------------------------------ the model

async function start() {
  const host = await json("host.json");
  const [policy, help, layout, ...rest] = await Promise.all([
    json("data/policy.json"), json("data/help_contacts.json"), json("data/nudge_copy/layout.json"),
    ...host.catalogs.map((/** @type {string} */ name) => json(`data/nudge_copy/${name}.json`)),
    ...host.stories.map(json),
  ]);
  const catalogs = rest.slice(0, host.catalogs.length);
  data = { policy, help, layout, catalogs: Object.fromEntries(catalogs.map((c) => [c.locale, c])) };
  fillLanguages(host.catalogs);
  stories = rest.slice(host.catalogs.length);
  if (!hash.has("k")) goToStart();
  else await goLive(/** @type {string} */ (hash.get("k")));
  if (query.has("story")) void play(Number(query.get("story")));
  await load(host.keys);
}

/** @type {any[]} */
let stories = [];

/** @param {string[]} keys */
async function load(keys) {
  try {
    const ort = await import("./ort/ort.wasm.min.mjs");
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = new URL("ort/", location.href).href;
    const store = await SealedStore.open(`nudge-${role}`);
    device = await NudgeClient.open({
      ort, store, data, profile: profile(), read: fetchFiles("bundle/"), pinnedKeys: keys,
    });
    await device.turn(switchValue());
    for (const read of pending.splice(0)) await read();
    document.body.dataset.model = "ready";
    byId("status").textContent = "Reading on this device";
  } catch (error) {
    document.body.dataset.model = "refused";
    pending.length = 0;
    const why = error instanceof NudgeError ? error.message : "the model could not be loaded";
    byId("status").textContent = `No tips: ${why}`;
  }
  await showFacts();
}

/** @param {Chat} chat @param {Message} message @param {boolean} mine @returns {Promise<Received>} */
async function read(chat, message, mine) {
  const client = /** @type {NudgeClient} */ (chat.client());
  const started = performance.now();
  try {
    const received = mine
      ? await client.sent(chat.conversation, message, chat.contact())
      : await client.receive(chat.conversation, message, chat.contact());
    if (received.step && chat === open) {
      hood.show(received.step, client.engine.spec.thresholds);
      void showFacts(performance.now() - started);
    }
    return received;
  } catch {
    return { nudge: null, step: null }; // the message is shown all the same
  }
}

/** Show a message, and a nudge with it. @param {Chat} chat @param {Message} message @param {boolean} mine */
async function take(chat, message, mine) {
  const shown = { id: /** @type {string} */ (message.id), text: message.text, kind: message.kind, mine };
  if (!chat.client()) {
    if (document.body.dataset.model !== "refused") {
      pending.push(async () => late(shown.id, (await read(chat, message, mine)).nudge));
    }
    showMessage(shown, null, words());
    return;
  }
  const reading = read(chat, message, mine);
  const received = await Promise.race([reading, pause(patience).then(() => null)]);
  if (chat !== open) return;
  showMessage(shown, received?.nudge ?? null, words());
  if (!received) late(shown.id, (await reading).nudge);
}

/** @param {string} id @param {Nudge | null} nudge */
function late(id, nudge) {
  if (nudge) showLate(id, nudge, words());
}

let factsAsked = 0;

/** @param {number} [milliseconds] of the last message */
async function showFacts(milliseconds) {
  const turn = ++factsAsked;
  await new Promise(requestAnimationFrame);
  if (turn !== factsAsked) return; // somebody asked again since
  const client = open?.client() ?? device;
  if (!client) return;
  const about = client.about();
  const memory = open && await client.memory(open.conversation, open.contact());
  const outside = performance.getEntriesByType("resource")
    .filter((entry) => new URL(entry.name).origin !== location.origin).length;
  hood.facts({
    Model: `${about.bundle} ${about.version}, release ${about.release}`,
    "Signed by": `${about.signer.slice(0, 23)}\u2026, checked here`,
    Policy: about.policy,
    "Kept of this chat": memory
      ? `${stateToBytes(memory).length} bytes of numbers after ${memory.messages} messages, sealed`
      : "nothing",
    ...(milliseconds === undefined ? {} : { "Last message": `read in ${milliseconds.toFixed(1)} ms` }),
    "Requests to others": String(outside),
  });
}

// ------------------------------------------------------------------------------------- the chat

/** @param {string} name @param {string} about */
function title(name, about) {
  byId("name").textContent = name;
  byId("about").textContent = about;
  byId("avatar").textContent = name[0].toUpperCase();
}

/** @param {Chat | null} chat */
function enter(chat) {
  story += 1;
  open = chat;
  hood.clear();
  clearLog();
  byId("back").hidden = chat === null;
  byId("composer").hidden = chat === null;
}

function goToStart() {
  wire?.close();
  wire = null;
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  enter(null);
  title("Nobody yet", "Play a story, or invite somebody");
  showStart(stories, (index) => void play(index), () => void goLive(newLink()));
}

/** @param {string} link */
async function goLive(link) {
  const contact = () => /** @type {Contact} */ ({
    id: "peer", relationship: chosen("relationship") || null, days_known: 0,
  });
  const chat = { conversation: `chat ${link}`, client: () => device, contact };
  enter(chat);
  const base = location.origin + location.pathname + location.search;
  if (role === "host") {
    history.replaceState(null, "", `#k=${link}`);
    showInvitation(`${base}#k=${link}&guest`);
  }
  title(role === "host" ? "Your guest" : "Your host", "waiting for the other side\u2026");
  try {
    wire = await Wire.join(link, {
      onWire: (envelope, mine) => hood.wire(envelope, mine),
      onPeer: (digits) => {
        document.querySelector(".invitation")?.remove();
        title(role === "host" ? "Your guest" : "Your host", `end-to-end encrypted \u00b7 ${digits}`);
        narrate("You are connected. Both of you should see the same digits above.");
      },
      onMessage: (body) => {
        if (blocked.has(chat.conversation)) return;
        void take(chat, { id: body.id, text: body.text, sent_at: body.at, kind: "text" }, false);
      },
    });
  } catch {
    narrate("This browser has no X25519 in WebCrypto, or this page was not loaded over HTTPS.");
  }
}

/** @param {string} text */
function say(text) {
  if (!open) return;
  const message = { id: crypto.randomUUID(), text, kind: "text", sent_at: Date.now() / 1000 };
  void take(open, message, true);
  void wire?.send({ id: message.id, text, at: message.sent_at });
}

/** A scripted chat, played on this device: its clock is the story's, its memory this page's.
 * @param {number} index */
async function play(index) {
  const script = stories[index];
  const began = Date.now() / 1000;
  let t = 0;
  /** @type {NudgeClient | null} */
  let client = null;
  const store = new MemoryStore();
  const contact = { id: script.name, ...script.contact };
  enter({
    conversation: `story ${script.id}`, contact: () => contact,
    client: () => {
      if (!client && device) {
        client = device.with({ store, clock: () => began + t, profile: profile() });
        void client.turn(switchValue());
      }
      return client;
    },
  });
  const chat = /** @type {Chat} */ (open);
  const mine = story;
  title(script.name, script.about);
  byId("wire-note").textContent = "This story plays on your device: nothing is sent at all.";
  const nudges = () => byId("log").querySelectorAll(".nudge").length;
  for (const [i, line] of script.messages.entries()) {
    const stop = line.from === "contact" && pace ? typing() : () => undefined;
    await pause(pace);
    stop();
    if (mine !== story) return;
    t = line.t;
    if (!line.text && !line.kind) continue; // a tap of the terminal's demo
    const message = { id: `${mine}.${i}`, text: line.text, kind: line.kind ?? "text", sent_at: began + t };
    await take(chat, message, line.from === "user");
  }
  narrate(nudges() ? script.notes.nudged : script.notes.quiet, "note end");
}

/** What the young person does with a nudge. The host carries it out; the SDK only offers it.
 * @param {Nudge} nudge @param {import("./nudge.js").Action} action @param {HTMLElement} card */
function act(nudge, action, card) {
  const chat = open;
  if (!chat) return;
  if (action.id === "dismiss") card.remove();
  else if (action.id === "this_is_fine" || action.id === "get_help") {
    const answer = action.id === "get_help" ? "help" : "fine";
    void chat.client()?.answer(chat.conversation, nudge.risk, chat.contact(), answer);
    if (action.text) sayIn(card, action.text, null);
    else card.remove();
  } else if (action.id === "what_to_say") {
    const draft = /** @type {HTMLInputElement} */ (byId("draft"));
    draft.value = action.text ?? "";
    draft.focus();
  } else if (action.id === "block") {
    blocked.add(chat.conversation);
    narrate("Blocked, in this tab. Nothing more of theirs is shown.");
  } else if (action.id === "mute") toast("Muted: this demo makes no sound anyway.");
  else if (action.id === "tell_someone") sayIn(card, action.text ?? "", "Copy this text");
  else sayIn(card, action.text ?? "", null);
}

// --------------------------------------------------------------------------------- the controls

/** @param {string[]} locales */
function fillLanguages(locales) {
  const names = locales.map((code) => new Option(LANGUAGES[code] ?? code, code, code === "en", code === "en"));
  byId("locale").replaceChildren(...names);
}

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const draft = /** @type {HTMLInputElement} */ (byId("draft"));
  if (draft.value.trim()) say(draft.value.trim());
  draft.value = "";
});

byId("back").addEventListener("click", goToStart);

byId("switch").addEventListener("change", () => {
  const value = switchValue();
  localStorage.setItem(`switch-${role}`, value);
  void device?.turn(value).then(() => showFacts());
  const client = open?.client();
  if (client && client !== device) void client.turn(value);
  toast({ off: "Off: nothing is read, and nothing is remembered.",
    gentle: "Gentle: shown inline, nothing is covered.", full: "Full: cards and covers." }[value]);
});

for (const id of ["band", "region", "locale"]) {
  byId(id).addEventListener("change", () => {
    if (device) device = device.with({ profile: profile() });
    void device?.turn(switchValue());
  });
}

byId("wipe").addEventListener("click", () => {
  void device?.wipe().then(() => showFacts());
  toast("Forgotten.");
});

for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    const show = /** @type {HTMLElement} */ (button).dataset.show ?? "chat";
    document.body.dataset.pane = show;
    for (const tab of document.querySelectorAll("[data-show]")) {
      tab.setAttribute("aria-pressed", String(tab === button));
    }
  });
}

const kept = localStorage.getItem(`switch-${role}`);
for (const input of document.querySelectorAll("#switch input")) {
  const radio = /** @type {HTMLInputElement} */ (input);
  if (radio.value === kept) radio.checked = true;
}
document.body.dataset.model = "loading";
void start();
