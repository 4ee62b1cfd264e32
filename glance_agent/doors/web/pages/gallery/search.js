// The search field: what is typed is in the address soon after, and so is what it refines.
import { addressOf, go, here } from "./address.js";
import { askWork } from "./api.js";
import { byId, h, settled } from "./dom.js";
import { T } from "./texts.js";

const PAUSE = 220; // milliseconds without a key before the agent is asked
const field = h("input", {
  type: "search",
  id: "words",
  name: "q",
  maxLength: 500,
  autocomplete: "off",
  spellcheck: false,
  "aria-label": T.searchFor,
  "enterkeyhint": "search",
});
const like = h("p", { id: "likened", hidden: true });

const typed = settled(() => {
  const { q, view } = here();
  const words = field.value.trim();
  if (words !== q || (words && view !== "works")) {
    go({ q: words, view: "works", work: "" }, { replace: Boolean(q) && view === "works" });
  }
}, PAUSE);

export function search() {
  const form = byId("search");
  form.append(field, like);
  field.addEventListener("input", () => typed());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    typed.now();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") field.value = "", typed.now(), field.blur();
    else if (event.key === "ArrowDown") document.querySelector('#grid a[tabindex="0"]')?.focus();
    else return;
    event.preventDefault();
  });
  addEventListener("keydown", (event) => {
    const busy = event.target.closest?.("input, textarea, select, dialog[open]");
    if (event.key !== "/" || busy || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

/** The field as the address has it; what is being typed is left alone. */
export function searched(place) {
  if (document.activeElement !== field) field.value = place.q;
  field.placeholder = place.like ? T.refine : T.searchHint;
  if (like.dataset.of === place.like) return;
  like.dataset.of = place.like;
  like.hidden = !place.like;
  like.replaceChildren();
  if (place.like) likened(place.like);
}

async function likened(id) {
  const work = await askWork(id).catch(() => null);
  if (like.dataset.of !== id) return;
  const away = h("a", { href: addressOf({ ...here(), like: "", work: "" }) }, T.noMoreLike);
  like.replaceChildren(T.moreLike(work?.title || T.untitled), " ", away);
}
