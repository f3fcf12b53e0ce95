const PATIENCE_MS = 20_000;
const LOOK_AGAIN_MS = 25;

/** Calls `look` until what it answers is true, and answers that. */
export async function eventually(look, what, patienceMs = PATIENCE_MS) {
  const end = performance.now() + patienceMs;
  let trouble;
  do {
    try {
      const found = await look();
      if (found) return found;
      trouble = undefined;
    } catch (error) {
      trouble = error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  } while (performance.now() < end);
  throw new Error(`not within ${patienceMs} ms: ${what}`, { cause: trouble });
}
