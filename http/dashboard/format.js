// Numbers and times as people read them. A figure without data is a dash, never 0.

export const NONE = "–";
/** Of failed hits: from here on it is shown as bad. */
export const BAD_SHARE = 0.01;

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const digits = [0, 1, 2].map((n) => new Intl.NumberFormat("en", { minimumFractionDigits: n, maximumFractionDigits: n }));

/** @param {any} value @returns {value is null | undefined} */
const missing = (value) => value === null || value === undefined || Number.isNaN(value);

/** Three significant digits at most after the point, all before it: 9.12, 21.9, 148, 1,717. */
export function threeDigits(value) {
  if (missing(value)) return NONE;
  const size = Math.abs(value);
  if (size === 0 || size >= 99.95) return whole.format(value);
  return digits[size >= 9.995 ? 1 : 2].format(value);
}

export function count(value) {
  return missing(value) ? NONE : whole.format(value);
}

/** For axes and tight places: 1,204 stays, 12,045 becomes 12K. */
export function shortCount(value) {
  if (missing(value)) return NONE;
  return Math.abs(value) < 10_000 ? String(+value.toPrecision(4)).replace(/^(-?\d)(\d{3})$/, "$1,$2") : compact.format(value);
}

/** @returns {{value: string, unit: string}} */
export function durationParts(ms) {
  if (missing(ms)) return { value: NONE, unit: "" };
  if (Math.abs(ms) >= 10_000) return { value: threeDigits(ms / 1000), unit: "s" };
  return { value: threeDigits(ms), unit: "ms" };
}

export function duration(ms) {
  const { value, unit } = durationParts(ms);
  return unit ? `${value} ${unit}` : value;
}

/** For axes: 250 ms, 1.5 s. Round places need no zeros behind the point. */
export function shortDuration(ms) {
  const { value, unit } = Math.abs(ms) >= 1000 ? { value: threeDigits(ms / 1000), unit: "s" } : durationParts(ms);
  return unit ? `${withoutZeros(value)} ${unit}` : value;
}

const withoutZeros = (text) => text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");

/** In a column headed "ms": the unit is said only where it is another one. */
export function durationCell(ms) {
  const { value, unit } = durationParts(ms);
  return unit === "s" ? `${value} s` : value;
}

export function rate(perSecond) {
  return threeDigits(perSecond);
}

/** A share of 0 to 1 in percent. Little is not nothing: 0.00004 is "< 0.01 %". */
export function share(value) {
  if (missing(value)) return NONE;
  const percent = value * 100;
  if (percent > 0 && percent < 0.01) return "< 0.01 %";
  if (percent > 99.99 && percent < 100) return "> 99.99 %";
  return `${percent === 0 || percent === 100 ? whole.format(percent) : threeDigits(percent)} %`;
}

export function failedShare(hits) {
  return hits && hits.count > 0 ? hits.failed / hits.count : null;
}

/** @param {number | null | undefined} value already in percent @param {string} unit */
export function signed(value, unit = "%") {
  if (missing(value)) return NONE;
  const size = Math.abs(value);
  const text = size < 0.05 && size > 0 && unit === "%" ? "0" : size >= 99.95 ? whole.format(size) : digits[size < 1 && unit !== "%" ? 2 : 1].format(size);
  const sign = Number(text.replaceAll(",", "")) === 0 ? "±" : value > 0 ? "+" : "−";
  return `${sign}${text} ${unit}`;
}

export function bytes(value, { short = false } = {}) {
  if (missing(value)) return NONE;
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let size = value;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(size) : short ? withoutZeros(threeDigits(size)) : threeDigits(size)} ${units[unit]}`;
}

/** Seconds as 12:34 or 1:02:03; days before that. */
export function clock(seconds) {
  if (missing(seconds)) return NONE;
  const all = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const days = Math.floor(all / 86_400);
  const hours = Math.floor(all / 3600) % 24;
  const rest = `${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
  if (days) return `${days} d ${two(hours)}:${rest}`;
  return hours ? `${hours}:${rest}` : rest.replace(/^0(\d:)/, "$1");
}

/** "last second", "last 0.5 s", "last 10 s". */
export function lastSeconds(seconds) {
  if (missing(seconds) || Math.abs(seconds - 1) < 0.06) return "last second";
  return `last ${withoutZeros(threeDigits(seconds))} s`;
}

const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const yearFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const minuteFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const secondFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const timeOfDay = (date) => secondFormat.format(date);

/** In the viewer's zone: "19:32", "22 Nov 19:32", "22 Nov 2025". */
export function shortTime(date, now = new Date()) {
  if (date.toDateString() === now.toDateString()) return `today ${minuteFormat.format(date)}`;
  const sameYear = date.getFullYear() === now.getFullYear();
  return `${(sameYear ? dayFormat : yearFormat).format(date)} ${minuteFormat.format(date)}`;
}

/** As it is in the API, for titles: 2026-11-22 19:32:50 UTC. */
export function utc(text) {
  return missing(text) ? NONE : `${text.slice(0, 19).replace("T", " ")} UTC`;
}

/** @param {Record<string, number>} counts */
export const sum = (counts) => Object.values(counts).reduce((all, one) => all + one, 0);

export function plural(n, one, many = `${one}s`) {
  return `${count(n)} ${n === 1 ? one : many}`;
}
