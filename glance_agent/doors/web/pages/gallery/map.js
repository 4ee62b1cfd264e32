// The collection as a map on a canvas: alike works lie close together, liked ones are lit.
import { go, here } from "./address.js";
import { ask } from "./api.js";
import { button, byId, h } from "./dom.js";
import { nothing, strip } from "./strip.js";
import { T } from "./texts.js";
import { by } from "./who.js";

const WHOLE = 1000; // places are told from 0 to this
const NEAREST = 12;
const MOST_PICTURES = 120;
const EDGE = 0.06;
const LINE = 1.5; // of a name, in its own size
const WORDS = 2; // of a name

/** The map, ways to move on it, and the works near its middle. */
export async function map() {
  const told = await ask("map", by());
  if (!told.ids.length) return nothing(T.mapEmpty);
  const works = told.ids.map((id, n) => ({
    id,
    title: told.titles[n],
    x: told.across[n] / WHOLE,
    y: told.down[n] / WHOLE,
    colour: told.colours[n] ?? "#888888",
    liked: told.liked[n],
    thumb: told.thumbs[n],
  }));
  return new TasteMap(works, told.areas, told.sides).element;
}

class TasteMap {
  constructor(works, areas, sides) {
    this.works = works;
    this.areas = areas.filter((area) => area.words.length).map(placed);
    const told = areas.flatMap((area) => area.words);
    const own = (side) => ({ ...side, words: side.words.filter((word) => !told.includes(word)) });
    this.sides = sides.map(own).filter((side) => side.words.length).map(placed);
    this.at = { x: 0.5, y: 0.5, scale: 1 };
    this.pictures = new Map();
    this.canvas = h("canvas", { role: "img", "aria-label": T.mapName });
    this.near = h("div", { className: "near" });
    this.element = h("div", { className: "map" }, this.canvas, ...this.ways(), h("h2", {}, T.mapNear), this.near);
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    document.fonts.load(`italic 1em ${getComputedStyle(byId("words")).fontFamily}`).then(() => this.draw());
    this.list();
  }

  ways() {
    const step = (x, y) => () => this.move(x / this.at.scale / 4, y / this.at.scale / 4);
    const sign = (text, name, act) => button(text, act, { "aria-label": name, title: name });
    const there = (heading, places) =>
      places.length
        ? [h("h2", {}, heading), h("div", { className: "reactions" }, ...places.map(go))]
        : [];
    const go = ({ words, x, y }) => button(nameOf(words), () => this.go(x, y, 4));
    const moves = [
      sign("+", T.nearer, () => this.zoom(1.6)),
      sign("−", T.farther, () => this.zoom(1 / 1.6)),
      sign("←", T.toLeft, step(-1, 0)),
      sign("→", T.toRight, step(1, 0)),
      sign("↑", T.up, step(0, -1)),
      sign("↓", T.down, step(0, 1)),
    ];
    return [
      h("div", { className: "reactions" }, ...moves),
      ...there(T.mapSides, this.sides),
      ...there(T.mapAreas, this.areas),
    ];
  }

  listen() {
    const { canvas } = this;
    let from = null;
    let far = false;
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // a wheel alone scrolls the page
      event.preventDefault();
      this.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2);
    });
    canvas.addEventListener("pointerdown", (event) => {
      from = event;
      far = false;
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!from || Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) < 4) return;
      const size = this.size();
      far = true;
      this.move((from.clientX - event.clientX) / size.w, (from.clientY - event.clientY) / size.h);
      from = event;
    });
    canvas.addEventListener("pointerup", (event) => {
      if (from && !far) this.open(event);
      from = null;
    });
    canvas.addEventListener("pointercancel", () => (from = null));
  }

  /** Pixels that the whole map takes at this scale. */
  size() {
    const { clientWidth, clientHeight } = this.canvas;
    const { scale } = this.at;
    return { w: clientWidth * (1 - 2 * EDGE) * scale, h: clientHeight * (1 - 2 * EDGE) * scale };
  }

  /** Where on the canvas a place of the map is. */
  point({ x, y }) {
    const { w, h: high } = this.size();
    return [
      this.canvas.clientWidth / 2 + (x - this.at.x) * w,
      this.canvas.clientHeight / 2 + (y - this.at.y) * high,
    ];
  }

  move(x, y) {
    this.go(this.at.x + x, this.at.y + y, this.at.scale);
  }

  zoom(by) {
    this.go(this.at.x, this.at.y, this.at.scale * by);
  }

  go(x, y, scale) {
    const inside = (value) => Math.min(1, Math.max(0, value));
    this.at = { x: inside(x), y: inside(y), scale: Math.min(24, Math.max(1, scale)) };
    this.draw();
    this.list();
  }

  nearest(x, y) {
    const far = (work) => (work.x - x) ** 2 + (work.y - y) ** 2;
    return [...this.works].sort((a, b) => far(a) - far(b));
  }

  open(event) {
    const box = this.canvas.getBoundingClientRect();
    const { w, h: high } = this.size();
    const x = this.at.x + (event.clientX - box.left - box.width / 2) / w;
    const y = this.at.y + (event.clientY - box.top - box.height / 2) / high;
    const [work] = this.nearest(x, y);
    if (Math.hypot((work.x - x) * w, (work.y - y) * high) < 40) go({ ...here(), work: work.id });
  }

  list() {
    this.near.replaceChildren(strip(this.nearest(this.at.x, this.at.y).slice(0, NEAREST)));
  }

  draw() {
    const { canvas } = this;
    const dense = devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * dense;
    canvas.height = canvas.clientHeight * dense;
    const pen = canvas.getContext("2d");
    pen.scale(dense, dense);
    const style = getComputedStyle(canvas);
    const seen = this.works.map((work) => [work, ...this.point(work)]).filter(([, x, y]) => this.inside(x, y));
    const withPictures = seen.length <= MOST_PICTURES;
    const room = Math.sqrt((canvas.clientWidth * canvas.clientHeight) / Math.max(1, seen.length));
    this.large = Math.min(120, Math.max(44, room * 0.7));
    for (const [work, x, y] of seen) {
      if (withPictures) this.picture(pen, work, x, y);
      else this.dot(pen, work, x, y);
      if (work.liked) this.ring(pen, style, x, y, withPictures ? this.large / 2 : 6);
    }
    this.names(pen, style);
  }

  inside(x, y) {
    return x > -40 && y > -40 && x < this.canvas.clientWidth + 40 && y < this.canvas.clientHeight + 40;
  }

  dot(pen, work, x, y) {
    pen.fillStyle = work.colour;
    pen.fillRect(x - 2, y - 2, 5, 5);
  }

  picture(pen, work, x, y) {
    const image = this.pictures.get(work.id) ?? this.fetch(work);
    if (!image?.naturalWidth) {
      this.dot(pen, work, x, y);
      return;
    }
    const by = this.large / Math.max(image.naturalWidth, image.naturalHeight);
    const [w, high] = [image.naturalWidth * by, image.naturalHeight * by];
    pen.drawImage(image, x - w / 2, y - high / 2, w, high);
  }

  fetch(work) {
    if (!work.thumb) return null;
    const image = h("img", { src: `${work.thumb}-200.webp`, onload: () => this.draw() });
    this.pictures.set(work.id, image);
    return image;
  }

  ring(pen, style, x, y, radius) {
    pen.strokeStyle = style.getPropertyValue("--accent");
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(x, y, radius + 2, 0, 7);
    pen.stroke();
  }

  /** The names of areas and of the sides of the taste, none over another. */
  names(pen, style) {
    const size = parseFloat(style.fontSize) * 1.1;
    const colour = (name) => style.getPropertyValue(name);
    const taken = [];
    pen.font = `italic ${size}px ${style.fontFamily}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    const most = this.canvas.clientWidth < 40 * size ? 1 : WORDS;
    const drawn = (place, sign, ink) =>
      this.name(pen, sign + nameOf(place.words, most), place, { size, taken, ink, wall: colour("--wall") });
    for (const side of this.sides) drawn(side, "♥ ", colour("--accent"));
    for (const area of this.areas) drawn(area, "", colour("--ink"));
  }

  name(pen, text, place, { size, taken, ink, wall }) {
    const [middle, y] = this.point(place);
    if (!this.inside(middle, y)) return;
    const half = pen.measureText(text).width / 2 + size / 2;
    const x = Math.max(half, Math.min(this.canvas.clientWidth - half, middle));
    const line = size * LINE;
    const over = (other, at) => Math.abs(other.y - at) < line && Math.abs(other.x - x) < other.half + half;
    const free = (at) => !taken.some((other) => over(other, at));
    const at = [0, 1, -1, 2, -2].map((lines) => y + lines * line).find(free);
    if (at === undefined) return;
    taken.push({ x, y: at, half });
    pen.globalAlpha = 0.86;
    pen.fillStyle = wall;
    pen.fillRect(x - half, at - line / 2, 2 * half, line);
    pen.globalAlpha = 1;
    pen.fillStyle = ink;
    pen.fillText(text, x, at);
  }
}

const placed = ({ across, down, words }) => ({ x: across / WHOLE, y: down / WHOLE, words });
const nameOf = (words, most = WORDS) => T.named(words.slice(0, most));
