// The live feed: one WebSocket a page, opened again when it is lost. Each connection begins with a
// snapshot, so that nothing has to be asked for twice.
import { request } from "./api.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
const SILENCE_MS = 15_000;
const LONGEST_TICK_MS = 60_000;

/**
 * @typedef {{connected: boolean, retryAt: number | null}} LiveState
 * @param {string[]} topics
 * @param {{onMessage: (message: any) => void, onSnapshot: (snapshot: any, again: boolean) => void,
 *   onState: (state: LiveState) => void, onUnauthorized: () => void, signal: AbortSignal}} handlers
 * @returns {{retry: () => void}}
 */
export function connectLive(topics, { onMessage, onSnapshot, onState, onUnauthorized, signal }) {
  let socket = null;
  let failures = 0;
  let snapshots = 0;
  let retryTimer = 0;
  let silenceTimer = 0;
  let previousAt = 0;
  let longestGap = 0;

  function open() {
    clearTimeout(retryTimer);
    const url = new URL("/api/live", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    for (const topic of topics) url.searchParams.append("topic", topic);
    socket = new WebSocket(url);
    const mine = socket;
    previousAt = 0;
    expectWord(LONGEST_TICK_MS + SILENCE_MS);
    socket.addEventListener("message", ({ data }) => mine === socket && take(JSON.parse(data)));
    socket.addEventListener("close", () => mine === socket && lose());
  }

  function take(message) {
    const now = performance.now();
    if (previousAt) longestGap = Math.min(LONGEST_TICK_MS, Math.max(longestGap * 0.9, now - previousAt));
    previousAt = now;
    expectWord(longestGap ? Math.max(SILENCE_MS, 5 * longestGap) : LONGEST_TICK_MS + SILENCE_MS);
    if (message.type !== "snapshot") return onMessage(message);
    failures = 0;
    snapshots += 1;
    onState({ connected: true, retryAt: null });
    return onSnapshot(message, snapshots > 1);
  }

  // A peer that vanished without closing says nothing, and neither does the socket.
  function expectWord(withinMs) {
    clearTimeout(silenceTimer);
    silenceTimer = setTimeout(() => {
      const silent = socket;
      lose();
      silent.close();
    }, withinMs);
  }

  async function lose() {
    clearTimeout(silenceTimer);
    socket = null;
    const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
    const wait = ceiling * (0.5 + Math.random() / 2);
    failures += 1;
    onState({ connected: false, retryAt: Date.now() + wait });
    clearTimeout(retryTimer);
    retryTimer = setTimeout(tryAgain, wait);
  }

  async function tryAgain() {
    clearTimeout(retryTimer);
    if (signal.aborted || socket) return;
    onState({ connected: false, retryAt: null });
    // The WebSocket does not say why it was refused; the session does.
    const session = await request("/api/session", { signal }).catch(() => null);
    if (signal.aborted || socket) return;
    if (session && session.role === null) onUnauthorized();
    else if (session) open();
    else lose();
  }

  signal.addEventListener("abort", () => {
    clearTimeout(retryTimer);
    clearTimeout(silenceTimer);
    const last = socket;
    socket = null;
    // Closing what is not open yet is an error in the console.
    if (last?.readyState === WebSocket.CONNECTING) last.addEventListener("open", () => last.close());
    else last?.close();
  });
  addEventListener("online", tryAgain, { signal });
  open();
  return { retry: tryAgain };
}
