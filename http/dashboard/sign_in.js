import { request } from "./api.js";
import { element, setText } from "./element.js";

/** The form for a token; `onSignedIn` gets the session. */
export function signInForm(onSignedIn) {
  const problem = element("p", { class: "problem", role: "alert", id: "sign-in-problem" });
  const input = element("input", { type: "password", id: "token", name: "token", class: "input", required: true, autocomplete: "current-password", spellcheck: "false", "aria-describedby": "sign-in-help sign-in-problem" });
  const button = element("button", { type: "submit", class: "button", "data-tone": "primary" }, "Sign in");

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    setText(problem, "");
    try {
      onSignedIn(await request("/api/session", { method: "POST", body: { token: input.value.trim() } }));
    } catch (error) {
      setText(problem, error.message);
      input.select();
    }
    button.disabled = false;
  }

  return element("form", { class: "sign-in panel", onSubmit: submit },
    element("h1", { tabindex: "-1" }, "Sign in to weir"),
    element("p", { id: "sign-in-help" }, "This broker asks for a token. Whoever operates it makes one with ", element("code", {}, "weir token add"), "."),
    element("label", { for: "token" }, "Token"), input, problem, button);
}
