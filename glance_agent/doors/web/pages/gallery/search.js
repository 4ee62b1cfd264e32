// The search field: what is typed is in the address soon after, and so is what it refines.
import { addressOf, go, here } from "./address.js";
import { askWork } from "./api.js";
import { byId, h, settled } from "./dom.js";
import { chooser, hearDrops, preview } from "./sending.js";
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
  form.append(field, ...[chooser(), like].filter(Boolean));
  hearDrops();
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
  const other = place.like || place.picture;
  field.placeholder = other ? T.refine : T.searchHint;
  if (like.dataset.of === other) return;
  like.dataset.of = other;
  like.hidden = !other;
  like.replaceChildren();
  if (place.like) likened(place.like);
  else if (other) likened(other, { address: preview(other) });
}

/** Say what the works resemble: one of them, or a picture that was sent. */
async function likened(other, sent = null) {
  const work = sent ? null : await askWork(other).catch(() => null);
  if (like.dataset.of !== other) return;
  const image = sent?.address ? h("img", { src: sent.address, alt: "" }) : null;
  const what = sent ? T.likeYours : T.moreLike(work?.title || T.untitled);
  const place = { ...here(), like: "", picture: "", work: "" };
  like.replaceChildren(...[image, what, h("a", { href: addressOf(place) }, T.noMoreLike)].filter(Boolean));
}
