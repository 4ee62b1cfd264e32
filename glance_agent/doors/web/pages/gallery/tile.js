// One work in the grid: its picture at its own shape, standing on a common line, its label below.
import { addressOf, here } from "./address.js";
import { thumb } from "./api.js";
import { h } from "./dom.js";
import { byline } from "./facts.js";
import { T } from "./texts.js";

const AGAIN = 2000; // milliseconds until a picture is asked for once more, and twice as many, and so on
const TRIES = 4;

/** An empty cell; `show` fills it. */
export function tile(index) {
  const image = h("img", { alt: "", decoding: "async" });
  const frame = h("span", { className: "frame" }, image);
  const title = h("span", { className: "title" });
  const by = h("span", { className: "by" });
  const link = h("a", { className: "work", tabIndex: -1 }, frame, title, by);
  const cell = h("li", {}, link);
  image.addEventListener("load", () => {
    image.classList.add("here");
    frame.classList.remove("missing");
  });
  image.addEventListener("error", () => {
    frame.classList.add("missing");
    again(cell, image);
  });
  return Object.assign(cell, {
    index,
    link,
    show(work, total, size) {
      put(cell, index, total, size);
      if (!work) return;
      shape(frame, work, size);
      const source = thumb(work, size.cell * devicePixelRatio > 440 ? 800 : 400);
      frame.classList.toggle("missing", !source);
      if (source && image.getAttribute("src") !== source) image.src = source;
      title.textContent = work.title || T.untitled;
      by.textContent = labelled(work);
      link.title = work.why ?? "";
      link.dataset.mark = work.hidden ? "hidden" : mark(work);
      link.setAttribute("aria-label", spoken(work));
      link.href = addressOf({ ...here(), work: work.id });
    },
  });
}

/** Thumbnails are made as they are asked for, and whoever asks for many may be told to ask again. */
function again(cell, image) {
  const { src } = image;
  const tried = image.tried?.src === src ? image.tried.times : 1;
  image.tried = { src, times: tried + 1 };
  if (tried < TRIES) setTimeout(() => cell.isConnected && image.src === src && (image.src = src), AGAIN * tried);
}

function labelled(work) {
  const { match } = work;
  const said = byline(work);
  return match === null ? said : [said, T.match(match)].filter(Boolean).join(" · ");
}

function put(cell, index, total, { columns, gap, cell: width, high, row }) {
  const left = (index % columns) * (width + gap);
  cell.style.transform = `translate(${left}px, ${Math.floor(index / columns) * row}px)`;
  cell.style.width = `${width}px`;
  cell.style.setProperty("--cell", `${width}px`);
  cell.style.setProperty("--high", `${high}px`);
  cell.setAttribute("aria-setsize", total);
  cell.setAttribute("aria-posinset", index + 1);
}

/** The frame has the picture's shape and colour before the picture is here. */
function shape(frame, { width, height, colour }, { cell, high }) {
  const ratio = Math.min(4, Math.max(0.25, (width || 1) / (height || 1)));
  frame.style.width = `${Math.min(cell, high * ratio)}px`;
  frame.style.height = `${Math.min(high, cell / ratio)}px`;
  frame.style.backgroundColor = colour ?? "";
}

const mark = ({ liked }) => (liked === null ? "" : liked ? "liked" : "disliked");

function spoken(work) {
  const said = { "": null, liked: T.liked, disliked: T.disliked }[mark(work)];
  const parts = [work.title || T.untitled, byline(work), said, work.hidden ? T.isHidden : null];
  if (work.match !== null) parts.push(T.match(work.match));
  return parts.filter(Boolean).join(", ");
}
