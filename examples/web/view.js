// @ts-check
/** What the chat shows: bubbles, nudges, covers, the start. No model and no network in here. */

/** @typedef {import("./nudge.js").Nudge} Nudge */
/** @typedef {import("./nudge.js").Action} Action */
/** @typedef {{id: string, text: string, mine: boolean, kind?: string}} Shown */

/** @param {string} id @returns {HTMLElement} */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * An element. Text goes in as text: nothing that anybody wrote is ever read as HTML.
 * @param {string} tag @param {Record<string, any>} [attributes] @param {...(Node | string)} children
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

const log = () => byId("log");

/** @param {Element} element */
function scrollTo(element) {
  element.scrollIntoView({ block: "nearest" });
}

export function clearLog() {
  log().replaceChildren();
}

/** @param {string} text @param {string} [kind] */
export function narrate(text, kind = "note") {
  const line = el("p", { class: kind }, text);
  log().append(line);
  scrollTo(line);
  return line;
}

const EVENTS = /** @type {Record<string, string>} */ ({
  image: "a picture", video: "a video", voice: "a voice message", link: "a link", call: "a call",
});

/**
 * A message, and what was said about it: both in one go, so that they are painted together, and a
 * cover is there before the message is.
 * @param {Shown} message @param {Nudge | null} nudge @param {NudgeWords} words
 */
export function showMessage(message, nudge, words) {
  const text = message.text || `(${EVENTS[message.kind ?? ""] ?? "nothing"})`;
  const bubble = el("div", { class: `bubble ${message.mine ? "mine" : "theirs"}`, "data-id": message.id },
    el("span", { class: "hidden" }, message.mine ? "You: " : "They: "),
    el("span", { class: "text" }, text));
  if (nudge?.presentation === "cover") cover(bubble, words);
  const parts = [bubble, ...(nudge ? [nudgeCard(nudge, words)] : [])];
  log().append(...parts);
  scrollTo(parts[parts.length - 1]);
  return bubble;
}

/** A nudge for a message that is on screen already: it was read late, as the model was loading.
 * @param {string} id @param {Nudge} nudge @param {NudgeWords} words */
export function showLate(id, nudge, words) {
  const bubble = log().querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (!bubble) return;
  if (nudge.presentation === "cover") cover(bubble, words);
  bubble.after(nudgeCard(nudge, words));
}

/** @param {Element} bubble @param {NudgeWords} words */
function cover(bubble, words) {
  const text = /** @type {HTMLElement} */ (bubble.querySelector(".text"));
  const kept = text.textContent ?? "";
  text.textContent = "";
  bubble.classList.add("covered");
  const note = el("span", { class: "covernote" }, words.covered);
  const button = el("button", {
    type: "button",
    class: "uncover",
    onclick: () => {
      bubble.classList.remove("covered");
      text.textContent = kept;
      note.remove();
      button.remove();
    },
  }, words.uncover);
  bubble.append(note, button);
}

/**
 * @typedef {{covered: string, uncover: string, forYou: string, more: string,
 *   noticed: (count: number) => string, lang: string, dir: string,
 *   act: (nudge: Nudge, action: Action, card: HTMLElement) => void}} NudgeWords
 */

const FIRST = 3; // actions that stand in the open; the others are one tap away

/** @param {Nudge} nudge @param {NudgeWords} words */
function nudgeCard(nudge, words) {
  const card = el("section", {
    class: `nudge ${nudge.level} ${nudge.presentation}`,
    role: "group",
    "aria-label": nudge.accessibility_label,
    lang: words.lang,
    dir: words.dir,
    "data-copy": nudge.copy_id,
  });
  const button = (/** @type {Action} */ action, /** @type {string} */ style) =>
    el("button", { type: "button", class: style, "data-action": action.id,
      onclick: () => words.act(nudge, action, card) }, action.label);
  const close = /** @type {Action} */ (nudge.actions.find((action) => action.id === "dismiss"));
  const others = nudge.actions.filter((action) => action.id !== "dismiss");
  const x = el("button", { type: "button", class: "close", "data-action": "dismiss",
    "aria-label": close.label, onclick: () => words.act(nudge, close, card) }, "\u00d7");
  const reasons = el("details", { class: "reasons" },
    el("summary", {}, words.noticed(nudge.reasons.length)),
    el("ul", {}, ...nudge.reasons.map((reason) => el("li", {}, reason))));
  card.append(
    x,
    el("p", { class: "foryou" }, words.forYou),
    el("h3", {}, nudge.title),
    el("p", { class: "body" }, nudge.body),
    ...(nudge.reasons.length ? [reasons] : []),
    el("div", { class: "actions" },
      ...others.slice(0, FIRST).map((action, i) => button(action, i ? "soft" : "solid")),
      el("details", { class: "more" }, el("summary", {}, words.more),
        el("div", { class: "actions" }, ...others.slice(FIRST).map((action) => button(action, "soft"))))),
    el("div", { class: "said", "aria-live": "polite" }),
  );
  return card;
}

/** Something to read, or a text for the host's own share sheet, inside the nudge.
 * @param {HTMLElement} card @param {string} text @param {string | null} copyLabel */
export function sayIn(card, text, copyLabel) {
  const said = /** @type {HTMLElement} */ (card.querySelector(".said"));
  const lines = text.split("\n").map((line) => el("p", {}, line));
  const copy = copyLabel && el("button", { type: "button", class: "soft",
    onclick: () => navigator.clipboard?.writeText(text) }, copyLabel);
  said.replaceChildren(...lines, ...(copy ? [copy] : []));
  scrollTo(said);
}

/** @returns {() => void} takes the dots away again */
export function typing() {
  const dots = el("div", { class: "bubble theirs dots", "aria-hidden": "true" },
    el("i"), el("i"), el("i"));
  log().append(dots);
  scrollTo(dots);
  return () => dots.remove();
}

/** @param {{title: string, name: string, about: string}[]} stories
 * @param {(index: number) => void} play @param {() => void} invite */
export function showStart(stories, play, invite) {
  const cards = stories.map((story, i) => el("button", { type: "button", class: "story", "data-story": i,
    onclick: () => play(i) },
    el("span", { class: `face face${i}`, "aria-hidden": "true" }, story.name[0].toUpperCase()),
    el("span", {}, el("strong", {}, story.title), el("small", {}, `${story.name}, ${story.about}`)),
    el("span", { class: "go", "aria-hidden": "true" }, "\u25b6")));
  log().replaceChildren(el("div", { class: "start" },
    el("h2", {}, "A chat that looks out for you"),
    el("p", {}, "Messages are encrypted from end to end. A small model reads them here, after they"
      + " are opened, and may offer a tip. To you, and to nobody else."),
    el("h3", {}, "Watch a chat unfold"),
    ...cards,
    el("h3", {}, "Or try it for real"),
    el("button", { type: "button", class: "invite", id: "invite", onclick: invite },
      "Start a private chat for two")));
}

/** @param {string} url */
export function showInvitation(url) {
  const field = /** @type {HTMLInputElement} */ (el("input", { id: "link", readonly: true, value: url,
    "aria-label": "Invitation link" }));
  const card = el("div", { class: "invitation" },
    el("h3", {}, "Invite one other person"),
    el("p", {}, "Open this link in a second tab, or on a phone in the same network. What stands"
      + " behind the # is the secret: no server gets it."),
    field,
    el("button", { type: "button", class: "solid",
      onclick: () => {
        field.select();
        navigator.clipboard?.writeText(url);
      } }, "Copy the link"));
  log().replaceChildren(card);
  return card;
}

/** @param {string} text */
export function toast(text) {
  byId("toast").textContent = text;
}
