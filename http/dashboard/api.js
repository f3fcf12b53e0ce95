// The HTTP API (openapi.yaml). Every failure is an ApiError with a message fit to be shown.

export class ApiError extends Error {
  /** @param {number} status 0: no answer @param {string} code @param {string} message @param {string} [field] */
  constructor(status, code, message, field) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

let onUnauthorized = () => {};

/** What happens when a token is needed: the sign-in form. */
export function whenUnauthorized(action) {
  onUnauthorized = action;
}

/** Whether the failure is only that the page was left. */
export const isAbort = (error) => error?.name === "AbortError";

/**
 * @param {string} path
 * @param {{method?: string, body?: unknown, query?: Record<string, unknown>, signal?: AbortSignal}} [options]
 * @returns {Promise<any>}
 */
export async function request(path, { method = "GET", body, query, signal } = {}) {
  let answer;
  try {
    answer = await fetch(path + queryText(query), {
      method, signal, cache: "no-store",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError(0, "unreachable", "The broker does not answer.");
  }
  if (answer.status === 204) return null;
  const value = await answer.json().catch((error) => {
    if (isAbort(error)) throw error;
    return null;
  });
  if (answer.ok && value !== null) return value;
  if (answer.status === 401 && path !== "/api/session") onUnauthorized();
  const problem = value?.error;
  throw new ApiError(answer.status, problem?.code ?? "unknown",
    problem?.message ?? `The broker answered ${answer.status} ${answer.statusText}`.trim(), problem?.field);
}

// For these "" is a value: the runs without a project, the hits without a label.
const mayBeEmpty = new Set(["label", "project", "scenario"]);

/** Leaves out what is null, undefined or ""; arrays repeat the key. */
export function queryText(query = {}) {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && (one !== "" || mayBeEmpty.has(name))) params.append(name, String(one));
    }
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}

/** The path of a run, or of a part of it. */
export function runPath(run, part) {
  return `/api/runs/${encodeURIComponent(run)}${part ? `/${part}` : ""}`;
}
