import { copyButton } from "./copy_button.js";
import { element } from "./element.js";

const INGEST = "tcp://127.0.0.1:7071";
const hit = { data_type: "add_hit", run_id: "hello", worker_id: "w1", url: "http://example.org/", method: "GET", status: 200, elapsed: 0.012 };

/** What one sees before the first message: what this is, and how to send one. */
export function createEmptyRuns() {
  const text = JSON.stringify(hit);
  const samples = [
    ["curl", `curl ${location.origin}/api/messages -H 'Content-Type: application/x-ndjson' \\\n  -d '${text}'`],
    ["Python, pyzmq", `import zmq\npush = zmq.Context().socket(zmq.PUSH)\npush.connect("${INGEST}")\npush.send_json(${text})`],
    ["Node, zeromq", `import { Push } from "zeromq";\nconst push = new Push();\npush.connect("${INGEST}");\nawait push.send(JSON.stringify(${text}));`],
  ];
  const node = element("section", { class: "first-steps", hidden: true },
    element("h2", {}, "No runs yet"),
    element("p", { class: "lead" }, "weir turns the hits of load runners, written in any language, into exact counts and honest percentiles, and shows them here as they arrive. Send a first message; this page notices by itself."),
    element("div", { class: "samples" }, samples.map(([name, code]) => element("section", { class: "panel sample" },
      element("div", { class: "sample-head" }, element("h3", {}, name), copyButton(() => code, `the ${name} example`)),
      element("pre", { tabindex: "0", "aria-label": `${name} example` }, element("code", {}, code))))));
  return { node };
}
