import { request } from "./api.js";
import { copyButton } from "./copy_button.js";
import { element, setText } from "./element.js";

const INGEST = "tcp://127.0.0.1:7071";
const hit = { data_type: "add_hit", run_id: "hello", worker_id: "w1", url: "http://example.org/", method: "GET", status: 200, elapsed: 0.012 };

/** What one sees before the first message: what this is, and how to send one. @param {{tokenRequired: boolean, signal: AbortSignal}} page */
export function createEmptyRuns({ tokenRequired, signal }) {
  const samples = ["curl", "Python, pyzmq", "Node, zeromq"].map(createSample);
  const node = element("section", { class: "first-steps", hidden: true },
    element("h2", {}, "No runs yet"),
    element("p", { class: "lead" }, "weir turns the hits of load runners, written in any language, into exact counts and honest percentiles, and shows them here as they arrive. Send a first message; this page notices by itself."),
    element("div", { class: "samples" }, samples.map((sample) => sample.node)));

  function draw(ingest) {
    const text = JSON.stringify(hit);
    const token = tokenRequired ? " -H \"Authorization: Bearer $WEIR_TOKEN\"" : "";
    samples[0].set(`curl ${location.origin}/api/messages${token} -H 'Content-Type: application/x-ndjson' \\\n  -d '${text}'`);
    samples[1].set(`import zmq\npush = zmq.Context().socket(zmq.PUSH)\npush.connect("${ingest}")\npush.send_json(${text})`);
    samples[2].set(`import { Push } from "zeromq";\nconst push = new Push();\npush.connect("${ingest}");\nawait push.send(JSON.stringify(\n  ${text}));`);
  }

  draw(INGEST);
  request("/api/endpoints", { signal }).then(({ ingest }) => draw(reachable(ingest[0] ?? INGEST)), () => {});
  return { node };
}

function createSample(name) {
  const code = element("code", {});
  return {
    node: element("section", { class: "panel sample" },
      element("div", { class: "sample-head" }, element("h3", {}, name), copyButton(() => code.textContent, `the ${name} example`)),
      element("pre", { tabindex: "0", "aria-label": `${name} example` }, code)),
    set: (text) => setText(code, text),
  };
}

/** A broker that listens everywhere is reached from here as this page was. */
function reachable(endpoint) {
  return endpoint.replace(/^tcp:\/\/(\*|0\.0\.0\.0|\[::\]):/, `tcp://${location.hostname}:`);
}
