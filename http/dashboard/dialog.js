import { element, setText } from "./element.js";

let dialogs = 0;

/**
 * Asks before something that cannot be undone, or for values. The promise is that of the dialog's
 * end: true once `act` went well.
 * @param {{title: string, body: any[], confirm: string, tone?: string, act: () => Promise<void>,
 *   allowed?: () => boolean, signal?: AbortSignal}} question
 * @returns {Promise<boolean>}
 */
export function ask({ title, body, confirm, tone = "plain", act, allowed = () => true, signal }) {
  const { dialog, close } = openable(title, signal);
  const problem = element("p", { class: "problem", role: "alert" });
  const yes = element("button", { type: "submit", class: "button", "data-tone": tone }, confirm);
  const cancel = element("button", { type: "button", class: "button", onClick: close }, "Cancel");
  const form = element("form", { class: "dialog-form", onSubmit: submit, onInput: () => { yes.disabled = !allowed(); } },
    body, problem, element("div", { class: "dialog-actions" }, cancel, yes));
  let done = false;

  async function submit(event) {
    event.preventDefault();
    if (!allowed() || yes.disabled) return;
    yes.disabled = true;
    setText(problem, "");
    try {
      await act();
      done = true;
      close();
    } catch (error) {
      setText(problem, error.message);
      yes.disabled = false;
    }
  }

  dialog.append(form);
  yes.disabled = !allowed();
  dialog.showModal();
  (form.querySelector("input, textarea") ?? cancel).focus();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(done)));
}

/** A dialog with something to read. @param {{title: string, body: any[], signal?: AbortSignal}} text */
export function show({ title, body, signal }) {
  const { dialog, close } = openable(title, signal);
  dialog.append(...body, element("div", { class: "dialog-actions" }, element("button", { type: "button", class: "button", onClick: close }, "Close")));
  dialog.showModal();
}

function openable(title, signal) {
  dialogs += 1;
  const id = `dialog-title-${dialogs}`;
  const dialog = element("dialog", { class: "dialog", "aria-labelledby": id }, element("h2", { id }, title));
  const close = () => dialog.close();
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  signal?.addEventListener("abort", close);
  document.body.append(dialog);
  return { dialog, close };
}
