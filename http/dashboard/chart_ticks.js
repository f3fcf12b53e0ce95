// Where the ticks of a time axis are, and what they say. The axis counts seconds since the run began.
import { clock } from "./format.js";

export const increments = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];

/** @param {number | null} startedMs of the run: ticks at round times of day; null: at round seconds */
export function tickPlaces(startedMs) {
  const origin = startedMs === null ? 0 : startedMs / 1000 - new Date(startedMs).getTimezoneOffset() * 60;
  return (_chart, _axis, min, max, step) => {
    const places = [];
    for (let at = Math.ceil((min + origin) / step) * step; at <= max + origin; at += step) places.push(at - origin);
    return places;
  };
}

const withSeconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const withMinutes = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const withDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

export function tickText(startedMs, seconds, step) {
  if (startedMs === null) return seconds < 0 ? `−${clock(-seconds)}` : clock(seconds);
  const date = new Date(startedMs + seconds * 1000);
  if (step >= 86_400) return withDay.format(date).slice(0, -7);
  return (step < 60 ? withSeconds : withMinutes).format(date);
}

/** For the place of the cursor. */
export function placeText(startedMs, seconds) {
  return startedMs === null ? `${seconds < 0 ? "−" : ""}${clock(Math.abs(seconds))}` : withSeconds.format(new Date(startedMs + seconds * 1000));
}
