// One sentence about what was done, and a way back; it lies where it can be reached, also above a dialog.
import { button, byId } from "./dom.js";
import { refusal, T } from "./texts.js";

const STAYS = 12_000; // milliseconds; longer while somebody is at it
let timer = 0;
let wayBack = null;

/** Say so; `back` undoes it. */
export function say(text, { back = null, backText = T.undo } = {}) {
  const toast = byId("toast");
  (document.querySelector("dialog[open]") ?? document.body).append(toast);
  wayBack = back;
  const undo = back ? [button(`${backText}`, takeBack)] : [];
  toast.replaceChildren(text, ...undo);
  toast.classList.add("on");
  clearTimeout(timer);
  timer = setTimeout(fade, STAYS);
}

/** Say why something was refused. */
export const sayRefused = (error) => say(refusal(error).filter(Boolean).join(" "));

/** Undo what was said last, where that can be. */
export function takeBack() {
  const back = wayBack;
  fade(true);
  back?.();
}

/** Say nothing any more. */
export const hush = () => fade(true);

/** To be called before a dialog that may hold the sentence goes. */
export const freeToast = () => document.body.append(byId("toast"));

function fade(anyway) {
  const toast = byId("toast");
  if (anyway !== true && toast.matches(":hover, :focus-within")) {
    timer = setTimeout(fade, STAYS);
    return;
  }
  wayBack = null;
  toast.classList.remove("on");
  toast.replaceChildren();
}
