// A few works in a row, each a link to its page.
import { addressOf, here } from "./address.js";
import { thumb } from "./api.js";
import { h } from "./dom.js";
import { T } from "./texts.js";

/** The picture of a work as a link; `size` in pixels of its long side. */
export function picture(work, size = 200) {
  const source = thumb(work, size);
  const image = h("img", { alt: "", loading: "lazy", src: source });
  image.addEventListener("load", () => image.classList.add("here"));
  const frame = h("span", { className: source ? "frame" : "frame missing" }, image);
  frame.style.backgroundColor = work.colour ?? "";
  const ratio = Math.min(3, Math.max(0.4, (work.width || 1) / (work.height || 1)));
  frame.style.setProperty("--ratio", ratio);
  const href = addressOf({ ...here(), work: work.id });
  const label = [work.title || T.untitled, work.artist].filter(Boolean).join(", ");
  return h("a", { href, className: "picture", "aria-label": label, title: label }, frame);
}

export const strip = (works) =>
  h("ul", { className: "strip", role: "list" }, ...works.map((work) => h("li", {}, picture(work))));

/** A heading and a hint where there is nothing. */
export const nothing = ([what, hint]) =>
  h("div", { className: "quiet" }, h("h2", {}, what), h("p", {}, hint));
