// The live feed: one WebSocket a page, opened again when it is lost. Each connection begins with a
// snapshot, so that nothing has to be asked for twice.
import { request } from "./api.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
const SILENCE_MS = 15_000;
const LONGEST_TICK_MS = 60_000;

/**
 * @typedef {{connected: boolean, retryAt: number | null}} LiveState
 * @typedef {{onMessage: (message: any) => void, onSnapshot: (snapshot: any, again: boolean) => void,
 *   onState: (state: LiveState) => void, onUnauthorized: () => void, signal: AbortSignal}} LiveHandlers
 */

/** @param {string[]} topics @param {LiveHandlers} handlers @returns {{retry: () => void}} */
export function connectLive(topics, handlers) {
  const link = new LiveLink(topics, handlers);
  link.open();
  return { retry: () => link.retry() };
}

class LiveLink {
  /** @type {WebSocket | null} */
  #socket = null;
  #failures = 0;
  #snapshots = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silenceTimer;
  #previousAt = 0;
  #longestGap = 0;

  /** @param {string[]} topics @param {LiveHandlers} handlers */
  constructor(topics, handlers) {
    this.topics = topics;
    this.handlers = handlers;
    const { signal } = handlers;
    signal.addEventListener("abort", () => this.#leave());
    addEventListener("online", () => this.retry(), { signal });
  }

  open() {
    clearTimeout(this.#retryTimer);
    const url = new URL("/api/live", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    for (const topic of this.topics) url.searchParams.append("topic", topic);
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#previousAt = 0;
    this.#expectWord(LONGEST_TICK_MS + SILENCE_MS);
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#take(JSON.parse(data)));
    socket.addEventListener("close", () => socket === this.#socket && this.#lose());
  }

  #take(message) {
    const now = performance.now();
    if (this.#previousAt) this.#longestGap = Math.min(LONGEST_TICK_MS, Math.max(this.#longestGap * 0.9, now - this.#previousAt));
    this.#previousAt = now;
    this.#expectWord(this.#longestGap ? Math.max(SILENCE_MS, 5 * this.#longestGap) : LONGEST_TICK_MS + SILENCE_MS);
    if (message.type !== "snapshot") return this.handlers.onMessage(message);
    this.#failures = 0;
    this.#snapshots += 1;
    this.handlers.onState({ connected: true, retryAt: null });
    return this.handlers.onSnapshot(message, this.#snapshots > 1);
  }

  // A peer that vanished without closing says nothing, and neither does the socket.
  #expectWord(withinMs) {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => {
      const silent = this.#socket;
      this.#lose();
      silent?.close();
    }, withinMs);
  }

  #lose() {
    clearTimeout(this.#silenceTimer);
    this.#socket = null;
    const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    const wait = ceiling * (0.5 + Math.random() / 2);
    this.#failures += 1;
    this.handlers.onState({ connected: false, retryAt: Date.now() + wait });
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.retry(), wait);
  }

  async retry() {
    const { signal, onState, onUnauthorized } = this.handlers;
    clearTimeout(this.#retryTimer);
    if (signal.aborted || this.#socket) return;
    onState({ connected: false, retryAt: null });
    // The WebSocket does not say why it was refused; the session does.
    const session = await request("/api/session", { signal }).catch(() => null);
    if (signal.aborted || this.#socket) return;
    if (session && session.role === null) onUnauthorized();
    else if (session) this.open();
    else this.#lose();
  }

  #leave() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silenceTimer);
    const last = this.#socket;
    this.#socket = null;
    // Closing what is not open yet is an error in the console.
    if (last?.readyState === WebSocket.CONNECTING) last.addEventListener("open", () => last.close());
    else last?.close();
  }
}
