// A load test of a shop, second by second: it ramps up, slows down under load, and has a bad moment.
const pages = [
  { method: "GET", path: "/api/items", weight: 22, ms: 18, bytes: 9400 },
  { method: "GET", path: "/api/items/1042", weight: 34, ms: 9, bytes: 2100 },
  { method: "GET", path: "/api/basket", weight: 14, ms: 7, bytes: 800 },
  { method: "POST", path: "/api/basket/items", weight: 8, ms: 22, bytes: 300 },
  { method: "GET", path: "/api/customers/77/recommendations", weight: 9, ms: 62, bytes: 5200 },
  { method: "POST", path: "/api/checkout", weight: 4, ms: 148, bytes: 1100 },
  { method: "GET", path: "/api/orders/5512/invoice.pdf", weight: 3, ms: 300, bytes: 81_000 },
  { method: "GET", path: "/assets/app.js", weight: 6, ms: 3, bytes: 142_000 },
];
const weights = pages.reduce((sum, page) => sum + page.weight, 0);

/** The same numbers for the same seed. @param {number} seed */
export function dice(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pageOf(random) {
  let left = random() * weights;
  return pages.find(({ weight }) => (left -= weight) < 0) ?? pages[0];
}

function hit(random, { load, bad, slower, users, workers }) {
  const page = pageOf(random);
  const gauss = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const ms = page.ms * slower * (1 + 0.9 * load ** 3) * Math.exp(gauss * 0.42) * (bad ? 2.4 : 1);
  const message = {
    data_type: "add_hit", worker_id: `load-${1 + Math.floor(random() * workers)}`, url: `https://shop.example${page.path}`, method: page.method,
    status: 200, elapsed: ms / 1000, bytes_sent: 240 + Math.floor(random() * 80), bytes_received: Math.floor(page.bytes * (0.8 + random() * 0.4)),
    loads_status: [null, Math.round(users / workers), null, null],
  };
  const luck = random();
  if (page.path === "/api/checkout" && luck < (bad ? 0.35 : 0.04)) return { ...message, status: 500, error: "HTTPError: 500 Server Error for POST /api/checkout" };
  if (luck > (bad ? 0.97 : 0.9994)) return { ...message, status: 0, error: "ConnectionResetError: [Errno 104] Connection reset by peer" };
  if (page.path === "/api/orders/5512/invoice.pdf" && luck < 0.03) return { ...message, status: 404 };
  return message;
}

const traceback = `Traceback (most recent call last):
  File "shop/journey.py", line 88, in test_buy
    self.assertEqual(len(basket.items), 1)
AssertionError: basket is empty after adding an item`;

function journeys(random, second) {
  return ["test_browse", "test_buy", "test_return"].flatMap((test, at) => {
    if (second % (at + 1)) return [];
    const broken = test === "test_buy" && random() < 0.12;
    return [{ data_type: "startTest", test }, { data_type: "stopTest", test },
      broken ? { data_type: "addFailure", test, exc_info: ["AssertionError", "basket is empty after adding an item", traceback] } : { data_type: "addSuccess", test }]
      .map((message) => ({ worker_id: "load-1", ...message }));
  });
}

/**
 * @param {{seed?: number, seconds?: number, users?: number, perUser?: number, slower?: number, workers?: number, scale?: number}} [shape]
 *   `scale`: the part of a second that one step is
 */
export function shopLoad({ seed = 7, seconds = 120, users: most = 60, perUser = 2, slower = 1, workers = 3, scale = 1 } = {}) {
  const random = dice(seed);
  return {
    start: (about) => Array.from({ length: workers }, (_one, at) => ({ data_type: "startTestRun", worker_id: `load-${at + 1}`, ...about })),
    stop: () => Array.from({ length: workers }, (_one, at) => ({ data_type: "stopTestRun", worker_id: `load-${at + 1}` })),
    /** @param {number} step from 0 */
    step(step) {
      const second = step * scale;
      const load = Math.min(1, 0.12 + second / (seconds * 0.45)) * (1 + 0.06 * Math.sin(second / 9));
      const users = Math.round(most * load);
      const bad = second > seconds * 0.62 && second < seconds * 0.68;
      const hits = Array.from({ length: Math.round(users * perUser * scale * (0.9 + random() * 0.2)) }, () => hit(random, { load, bad, slower, users, workers }));
      return [...hits, ...(second % 1 ? [] : journeys(random, second)), { data_type: "socket_open", worker_id: "load-2" }, { data_type: "socket_message", worker_id: "load-2", size: 320 },
        ...(step % 5 ? [{ data_type: "socket_close", worker_id: "load-2" }] : []),
        ...(random() < 0.4 ? [{ data_type: "coupons-used", worker_id: "load-3", test: "test_buy" }] : []), { data_type: "widgets-bought", worker_id: "load-3", test: "test_buy" }];
    },
  };
}
