// Which ticks say a rate: one that came early is too short to.

const SHORTEST_SHARE = 0.4;
const FORGET = 0.9;

export function createTickFilter() {
  let typical = 0;
  return {
    reset() { typical = 0; },
    /** @param {number} seconds the length of the next tick */
    takes(seconds) {
      if (!(seconds > typical * SHORTEST_SHARE)) return false;
      typical = Math.max(seconds, typical * FORGET);
      return true;
    },
  };
}

/**
 * The ticks of a snapshot that say a rate. The length of the first is not known.
 * @param {{t_ms: number[]}} recent
 * @returns {{at: number, seconds: number, endMs: number}[]}
 */
export function steadyTicks({ t_ms: ends }) {
  const ticks = ends.slice(1).map((endMs, before) => ({ at: before + 1, seconds: (endMs - ends[before]) / 1000, endMs }));
  const middle = [...ticks].sort((a, b) => a.seconds - b.seconds)[Math.floor(ticks.length / 2)]?.seconds ?? 0;
  return ticks.filter(({ seconds }) => seconds > middle * SHORTEST_SHARE);
}
