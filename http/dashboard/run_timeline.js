// The figures of a run by time: what the store has, with the live seconds behind it. Percentiles are
// taken as they come; there is no way to average them.
import { createTickFilter, steadyTicks } from "./live_ticks.js";

const LIVE_POINTS = 240;
export const liveRanks = ["50", "90", "95", "99"];

/**
 * @typedef {{x: number, perS: number | null, failedPerS: number | null, users: number | null, sentPerS: number | null,
 *   receivedPerS: number | null, ranks: Record<string, number | null>}} Point
 *   `x` is seconds since the run began
 * @typedef {{step: number, x: number[], perS: (number | null)[], failedPerS: (number | null)[], users: (number | null)[],
 *   sentPerS: (number | null)[], receivedPerS: (number | null)[], ranks: Record<string, (number | null)[]>}} RunColumns
 */
export class Timeline {
  /** @type {{points: Point[], last: any, step: number, end: number}} */
  #stored = { points: [], last: null, step: 1, end: -Infinity };
  /** @type {(Point & {end: number})[]} */
  #live = [];
  #filter = createTickFilter();

  /**
   * @param {any} timeline an answer of /timeline
   * @param {string[]} ranks
   * @param {any} [whole] that of all labels, for the users: they are not known by label
   */
  setStored(timeline, ranks, whole) {
    const startedMs = Date.parse(timeline.started);
    const last = timeline.points.at(-1) ?? null;
    const users = new Map((whole ?? timeline).points.map((point) => [point.time, point.users]));
    this.#stored = {
      last, step: timeline.step_s,
      points: timeline.points.map((point) => storedPoint({ ...point, users: users.get(point.time) ?? null }, startedMs, timeline.step_s, ranks)),
      end: last ? (Date.parse(last.time) - startedMs) / 1000 + timeline.step_s : -Infinity,
    };
  }

  /** The recent ticks of a snapshot. */
  setRecent(recent, startedMs) {
    this.#live = [];
    this.#filter.reset();
    for (const { at, seconds, endMs } of steadyTicks(recent)) {
      this.#filter.takes(seconds);
      this.#addLive(seconds, (endMs - startedMs) / 1000, {
        perS: recent.per_s[at], failedPerS: recent.failed_per_s[at], users: recent.users[at],
        sentPerS: recent.bytes_sent_per_s?.[at] ?? null, receivedPerS: recent.bytes_received_per_s?.[at] ?? null,
        ranks: Object.fromEntries(liveRanks.map((rank) => [rank, recent[`p${rank}`][at]])),
      });
    }
  }

  /** The last tick of a summary. */
  addTick(summary, startedMs) {
    const { seconds, per_s: perS, failed, bytes_sent: sent, bytes_received: received, response_ms: ms } = summary.last_s;
    if (!this.#filter.takes(seconds)) return;
    const perSecond = (bytes) => (typeof bytes === "number" ? bytes / seconds : null);
    this.#addLive(seconds, (Date.parse(summary.time) - startedMs) / 1000, {
      perS, failedPerS: failed / seconds, users: summary.users, sentPerS: perSecond(sent), receivedPerS: perSecond(received),
      ranks: Object.fromEntries(liveRanks.map((rank) => [rank, ms[`p${rank}`]])),
    });
  }

  #addLive(seconds, end, figures) {
    if (end <= (this.#live.at(-1)?.end ?? -Infinity)) return;
    this.#live.push({ x: end - seconds, end, ...figures });
    if (this.#live.length > LIVE_POINTS) this.#live.shift();
  }

  dropLive() { this.#live = []; }

  /** @param {string[]} ranks @returns {RunColumns} */
  columns(ranks, { withLive }) {
    const tail = withLive ? this.#live.filter(({ x }) => x >= this.#stored.end - 0.5) : [];
    const all = [...this.#stored.points, ...tail];
    const column = (key) => all.map((point) => point[key]);
    return {
      step: this.#stored.step, x: column("x"), perS: column("perS"), failedPerS: column("failedPerS"), users: column("users"),
      sentPerS: column("sentPerS"), receivedPerS: column("receivedPerS"),
      ranks: Object.fromEntries(ranks.map((rank) => [rank, all.map((point) => point.ranks[rank] ?? null)])),
    };
  }

  /** The last interval in the store: figures of a label have no shorter ones. */
  lastStored() { return this.#stored.last; }

  step() { return this.#stored.step; }
}

/** @returns {Point} */
function storedPoint(point, startedMs, step, ranks) {
  return {
    x: (Date.parse(point.time) - startedMs) / 1000, perS: point.per_s, failedPerS: point.failed / step, users: point.users,
    sentPerS: point.bytes_sent === null ? null : point.bytes_sent / step,
    receivedPerS: point.bytes_received === null ? null : point.bytes_received / step,
    ranks: Object.fromEntries(ranks.map((rank) => [rank, point.percentiles_ms?.[rank] ?? null])),
  };
}
