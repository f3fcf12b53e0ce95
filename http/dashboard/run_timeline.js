// The figures of a run by time: what the store has, with the live seconds behind it. Percentiles are
// taken as they come; there is no way to average them.

const LIVE_POINTS = 240;
const SHORTEST_TICK_SHARE = 0.4;
export const liveRanks = ["50", "90", "95", "99"];

/**
 * @typedef {{x: number[], perS: (number|null)[], failedPerS: (number|null)[], users: (number|null)[],
 *   sentPerS: (number|null)[], receivedPerS: (number|null)[], ranks: Record<string, (number|null)[]>, step: number}} Columns
 *   `x` is seconds since the run began
 */
export function createTimeline() {
  let stored = { points: [], step: 1, startedMs: 0, end: -Infinity };
  /** @type {{x: number, end: number, perS: number, failedPerS: number, users: number | null, ranks: Record<string, number | null>}[]} */
  let live = [];
  let typicalTick = 0;

  function addLive(point) {
    if (live.length && point.end <= live.at(-1).end) return;
    live.push(point);
    if (live.length > LIVE_POINTS) live.shift();
  }

  return {
    /** @param {any} timeline an answer of /timeline; `whole` unless it is of a part */
    setStored(timeline, ranks) {
      const startedMs = Date.parse(timeline.started);
      const last = timeline.points.at(-1);
      stored = {
        startedMs, step: timeline.step_s,
        points: timeline.points.map((point) => storedPoint(point, startedMs, timeline.step_s, ranks)),
        end: last ? (Date.parse(last.time) - startedMs) / 1000 + timeline.step_s : -Infinity,
      };
    },

    /** The recent seconds of a snapshot. */
    setRecent(recent, startedMs) {
      live = [];
      typicalTick = 0;
      recent.t_ms.forEach((t, at) => {
        const seconds = (t - (recent.t_ms[at - 1] ?? t - ((recent.t_ms[1] ?? t + 1000) - recent.t_ms[0]))) / 1000;
        const end = (t - startedMs) / 1000;
        addLive({
          x: end - seconds, end, perS: recent.per_s[at], failedPerS: recent.failed_per_s[at], users: recent.users[at],
          ranks: Object.fromEntries(liveRanks.map((rank) => [rank, recent[`p${rank}`][at]])),
        });
      });
    },

    /** The last tick of a summary. */
    addTick(summary, startedMs) {
      const { seconds, per_s: perS, failed, response_ms: ms } = summary.last_s;
      // A tick that came early is too short to say a rate.
      if (!(seconds > typicalTick * SHORTEST_TICK_SHARE)) return;
      typicalTick = Math.max(seconds, typicalTick * 0.9);
      const end = (Date.parse(summary.time) - startedMs) / 1000;
      addLive({
        x: end - seconds, end, perS, failedPerS: failed / seconds, users: summary.users,
        ranks: Object.fromEntries(liveRanks.map((rank) => [rank, ms[`p${rank}`]])),
      });
    },

    dropLive() { live = []; },

    /** @returns {Columns} */
    columns(ranks, { withLive }) {
      const tail = withLive ? live.filter(({ x }) => x >= stored.end - 0.5) : [];
      const all = [...stored.points, ...tail];
      return {
        step: stored.step,
        x: all.map(({ x }) => x),
        perS: all.map((point) => point.perS),
        failedPerS: all.map((point) => point.failedPerS),
        users: all.map((point) => point.users),
        sentPerS: all.map((point) => point.sentPerS ?? null),
        receivedPerS: all.map((point) => point.receivedPerS ?? null),
        ranks: Object.fromEntries(ranks.map((rank) => [rank, all.map((point) => point.ranks[rank] ?? null)])),
      };
    },

    /** The last interval in the store: figures of a label have no shorter ones. */
    lastStored: () => stored.points.at(-1)?.source ?? null,
    step: () => stored.step,
  };
}

function storedPoint(point, startedMs, step, ranks) {
  return {
    x: (Date.parse(point.time) - startedMs) / 1000,
    perS: point.per_s,
    failedPerS: point.failed / step,
    users: point.users,
    sentPerS: point.bytes_sent === null ? null : point.bytes_sent / step,
    receivedPerS: point.bytes_received === null ? null : point.bytes_received / step,
    ranks: Object.fromEntries(ranks.map((rank) => [rank, point.percentiles_ms?.[rank] ?? null])),
    source: point,
  };
}
