// @ts-check
/**
 * End-to-end encryption for two, by WebCrypto alone, through a relay that can read none of it.
 *
 *     link    16 random bytes behind the # of the invitation: no server ever gets to see them
 *     room    HKDF(link, "room"): the name that the relay knows
 *     hello   X25519 public key, sealed with HKDF(link, "hello"): nobody without the link can
 *             speak, or stand in the middle
 *     keys    HKDF(X25519(mine, theirs), salt = link, info = both public keys): one for each way
 *     chat    AES-256-GCM, nonce = a counter that only rises, padded to 256 bytes
 *
 * Key pairs live as long as the page. A page that comes back says hello again and gets new keys.
 * It is a demonstration of where nudges belong (after decryption, on the device), not a messenger:
 * a real one has a ratchet and verified devices. Nothing here touches nudge.js, or the other way.
 */

const utf8 = new TextEncoder();
const PAD = 256; // bytes: the relay learns no length below this
const LINK_BYTES = 16;

/** @param {Uint8Array} bytes */
const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));
/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
/** @param {Uint8Array} bytes */
const toHex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

/** A new invitation: what stands behind the # of its link. */
export function newLink() {
  return toBase64(crypto.getRandomValues(new Uint8Array(LINK_BYTES)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} link @returns {Uint8Array<ArrayBuffer>} */
function linkBytes(link) {
  const bytes = fromBase64(link.replaceAll("-", "+").replaceAll("_", "/"));
  if (bytes.length !== LINK_BYTES) throw new Error("this invitation is not complete");
  return bytes;
}

/** @param {Uint8Array<ArrayBuffer>} secret @param {Uint8Array<ArrayBuffer>} salt
 * @param {Uint8Array<ArrayBuffer>} info @param {number} bits */
async function hkdf(secret, salt, info, bits) {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt, info };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, bits));
}

/** @param {Uint8Array<ArrayBuffer>} raw */
const aesKey = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

/** @param {Uint8Array} one @param {Uint8Array} other */
const joined = (one, other) => Uint8Array.from([...one, ...other]);

/** @param {number} count @returns {Uint8Array<ArrayBuffer>} 12 bytes */
function nonce(count) {
  const bytes = new Uint8Array(12);
  new DataView(bytes.buffer).setUint32(8, count);
  return bytes;
}

/** Zeros behind the text, up to a multiple of 256; JSON holds no zero byte. @param {string} text */
function padded(text) {
  const raw = utf8.encode(text);
  const full = new Uint8Array(Math.ceil((raw.length + 1) / PAD) * PAD);
  full.set(raw);
  return full;
}

/**
 * @typedef {{onMessage: (body: any) => void, onPeer: (digits: string) => void,
 *   onWire: (envelope: string, mine: boolean) => void}} Listeners
 */

/** One side of a chat. Get it from `Wire.join`. */
export class Wire {
  /** @type {{send: CryptoKey, receive: CryptoKey, peer: string} | null} */
  #session = null;
  #sent = 0;
  #received = 0;
  /** @type {object[]} written before the other side was there */
  #waiting = [];
  /** @type {Promise<void>} envelopes are opened in the order in which they came */
  #last = Promise.resolve();

  /** @param {{room: string, salt: Uint8Array<ArrayBuffer>, helloKey: CryptoKey,
   *   pair: CryptoKeyPair, own: Uint8Array<ArrayBuffer>, listeners: Listeners}} parts */
  constructor(parts) {
    this.parts = parts;
    this.device = toHex(parts.own.subarray(0, 8));
    this.source = new EventSource(`relay/${parts.room}`);
    this.source.addEventListener("open", () => this.#hello(), { once: true });
    this.source.addEventListener("message", (event) => {
      this.#last = this.#last.then(() => this.#open(event.data)).catch(() => undefined);
    });
  }

  /** @param {string} link @param {Listeners} listeners */
  static async join(link, listeners) {
    const salt = linkBytes(link);
    const room = toHex(await hkdf(salt, new Uint8Array(), utf8.encode("nudge chat: room"), 128));
    const hello = await hkdf(salt, new Uint8Array(), utf8.encode("nudge chat: hello"), 256);
    const pair = /** @type {CryptoKeyPair} */ (
      await crypto.subtle.generateKey("X25519", false, ["deriveBits"]));
    const own = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    return new Wire({ room, salt, helloKey: await aesKey(hello), pair, own, listeners });
  }

  close() {
    this.source.close();
  }

  /** Seal and send; kept for later while nobody is there. @param {object} body */
  async send(body) {
    if (!this.#session) {
      this.#waiting.push(body);
      return;
    }
    const { room } = this.parts;
    const n = ++this.#sent;
    const how = { name: "AES-GCM", iv: nonce(n), additionalData: utf8.encode(room) };
    const box = await crypto.subtle.encrypt(how, this.#session.send, padded(JSON.stringify(body)));
    await this.#post({ from: this.device, n, box: toBase64(new Uint8Array(box)) });
  }

  async #hello() {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.parts.helloKey, this.parts.own);
    await this.#post({ from: this.device, iv: toBase64(iv), hello: toBase64(new Uint8Array(box)) });
  }

  /** @param {object} envelope */
  async #post(envelope) {
    const line = JSON.stringify(envelope);
    this.parts.listeners.onWire(line, true);
    await fetch(`relay/${this.parts.room}`, { method: "POST", body: line });
  }

  /** @param {string} line */
  async #open(line) {
    const envelope = JSON.parse(line);
    if (envelope.from === this.device) return;
    this.parts.listeners.onWire(line, false);
    if (envelope.hello) await this.#meet(envelope);
    else await this.#read(envelope);
  }

  /** @param {{iv: string, hello: string}} envelope */
  async #meet({ iv, hello }) {
    const { helloKey, own, pair, salt, listeners } = this.parts;
    const how = { name: "AES-GCM", iv: fromBase64(iv) };
    const theirs = new Uint8Array(await crypto.subtle.decrypt(how, helloKey, fromBase64(hello)));
    const peer = toHex(theirs);
    if (this.#session?.peer === peer) return; // their answer to our answer
    const key = await crypto.subtle.importKey("raw", theirs, "X25519", false, []);
    const shared = await crypto.subtle.deriveBits({ name: "X25519", public: key }, pair.privateKey, 256);
    const first = toHex(own) < peer;
    const both = first ? joined(own, theirs) : joined(theirs, own);
    const raw = await hkdf(new Uint8Array(shared), salt, both, 512);
    const keys = [await aesKey(raw.slice(0, 32)), await aesKey(raw.slice(32))];
    this.#session = { send: keys[first ? 0 : 1], receive: keys[first ? 1 : 0], peer };
    this.#sent = 0;
    this.#received = 0;
    await this.#hello(); // they may not have heard ours
    const digest = new DataView(await crypto.subtle.digest("SHA-256", both));
    const digits = [0, 4, 8].map((at) => String(digest.getUint32(at) % 100_000).padStart(5, "0"));
    listeners.onPeer(digits.join(" "));
    for (const body of this.#waiting.splice(0)) await this.send(body);
  }

  /** @param {{n: number, box: string}} envelope */
  async #read({ n, box }) {
    if (!this.#session || !(n > this.#received)) return; // a counter that does not rise: a replay
    const how = { name: "AES-GCM", iv: nonce(n), additionalData: utf8.encode(this.parts.room) };
    const plain = await crypto.subtle.decrypt(how, this.#session.receive, fromBase64(box));
    this.#received = n;
    const text = new TextDecoder().decode(plain);
    this.parts.listeners.onMessage(JSON.parse(text.slice(0, text.indexOf("\0"))));
  }
}
