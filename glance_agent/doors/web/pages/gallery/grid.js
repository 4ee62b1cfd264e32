// An endless grid: only what can be seen is there. Cells are of one size, so that nothing jumps.
import { byId, h } from "./dom.js";
import { tile } from "./tile.js";

const BESIDE = 1; // rows above and below what is seen

export class Grid {
  /** `onkey(index, event)` hears keys on works that the grid does not know itself. */
  constructor(onkey) {
    this.onkey = onkey;
    this.works = null;
    this.tiles = new Map();
    this.current = 0;
    this.element = h("ul", { id: "grid", role: "list", onkeydown: (event) => this.key(event) });
    this.element.addEventListener("focusin", (event) => this.focused(event));
    this.draw = this.draw.bind(this);
    addEventListener("scroll", this.draw, { passive: true });
    addEventListener("resize", this.draw);
  }

  /** Show a list from its beginning, or from where one was. */
  show(works, scroll = 0) {
    this.works = works;
    this.current = 0;
    for (const at of this.tiles.values()) at.remove();
    this.tiles.clear();
    this.draw();
    scrollTo(0, scroll);
    this.draw();
  }

  /** Columns, and the size of a cell, of the width there is. */
  measure() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const width = this.element.clientWidth;
    const gap = (width < 30 * rem ? 0.75 : 2) * rem;
    const columns = Math.max(width < 14 * rem ? 1 : 2, Math.floor((width + gap) / (15 * rem + gap)));
    const cell = (width - gap * (columns - 1)) / columns;
    const high = cell * 0.84;
    return { columns, gap, cell, high, row: high + 4.2 * rem + gap };
  }

  draw() {
    if (!this.works || !this.element.isConnected) return;
    const size = (this.size = this.measure());
    const rows = Math.ceil(this.works.total / size.columns);
    this.element.style.height = `${rows * size.row}px`;
    const above = -this.element.getBoundingClientRect().top;
    const first = Math.max(0, Math.floor(above / size.row) - BESIDE) * size.columns;
    const last = (Math.ceil((above + innerHeight) / size.row) + BESIDE) * size.columns;
    this.works.want(first, last);
    this.place(first, Math.min(last, this.works.total));
  }

  place(first, end) {
    const wanted = new Set();
    for (let index = first; index < end; index++) wanted.add(index);
    const held = this.element.contains(document.activeElement);
    if (held || wanted.has(this.current)) wanted.add(this.current);
    for (const [index, at] of this.tiles) if (!wanted.has(index)) at.remove(), this.tiles.delete(index);
    for (const index of [...wanted].sort((a, b) => a - b)) this.fill(index);
    if (!this.tiles.has(this.current)) this.current = first;
    for (const [index, at] of this.tiles) at.link.tabIndex = index === this.current ? 0 : -1;
  }

  fill(index) {
    let at = this.tiles.get(index);
    if (!at) {
      at = tile(index);
      this.tiles.set(index, at);
      const after = [...this.element.children].find((other) => other.index > index);
      this.element.insertBefore(at, after ?? null);
    }
    at.show(this.works.at(index), this.works.total, this.size);
  }

  focused(event) {
    const at = event.target.closest("li");
    if (!at) return;
    this.current = at.index;
    for (const [index, other] of this.tiles) other.link.tabIndex = index === this.current ? 0 : -1;
  }

  key(event) {
    const { columns } = this.size;
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const ends = { Home: -this.current, End: this.works.total - 1 - this.current };
    const step = steps[event.key] ?? ends[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step === undefined) this.onkey(this.current, event);
    else event.preventDefault(), this.focus(this.current + step);
  }

  /** Put the keyboard on a work, and bring it into view. */
  focus(index) {
    if (index < 0 || index >= this.works.total) return;
    this.current = index;
    const top = Math.floor(index / this.size.columns) * this.size.row;
    const begin = this.element.getBoundingClientRect().top + scrollY;
    const header = byId("top").offsetHeight + 16;
    if (begin + top - header < scrollY) scrollTo(0, begin + top - header);
    const bottom = begin + top + this.size.row - innerHeight;
    if (bottom > scrollY) scrollTo(0, bottom);
    this.draw();
    this.fill(index);
    this.tiles.get(index).link.focus({ preventScroll: true });
  }
}
