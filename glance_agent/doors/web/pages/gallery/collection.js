// The works of a list or a search, in the grid: loading, found, nothing, or what went wrong.
import { byId, h } from "./dom.js";
import { Grid } from "./grid.js";
import { problem } from "./problem.js";
import { nothing as quiet } from "./strip.js";
import { T } from "./texts.js";
import { by } from "./who.js";
import { Works } from "./works.js";

const KEYS = ["q", "list", "like", "picture", "source"];
const questionOf = (place) => Object.fromEntries(KEYS.map((key) => [key, place[key]]));
const keyOf = (place) => JSON.stringify(questionOf(place));

export class Collection {
  /** `onkey(work, event)` hears keys on works. */
  constructor(onkey) {
    this.grid = new Grid((index, event) => {
      const work = this.works?.at(index);
      if (work) onkey(work, event);
    });
    this.scrolls = new Map();
    this.coming = null;
    this.works = null;
    this.key = null;
  }

  /** Show what this place lists; what was seen stays, dimmed, until the answer is here. */
  async show(place, { anew = false } = {}) {
    const key = keyOf(place);
    const view = byId("view");
    const shown = view.contains(this.grid.element);
    if (key === this.key && shown && !anew) return;
    if (this.key && shown) this.scrolls.set(this.key, scrollY);
    this.key = key;
    this.coming?.end();
    const works = new Works({ ...questionOf(place), ...by() }, () => this.changed(works));
    this.coming = works;
    if (!shown) view.replaceChildren(this.grid.element);
    this.busy(true);
    try {
      await works.begin();
    } catch (error) {
      if (this.coming !== works || error.name === "AbortError") return;
      this.fail(error, place);
      return;
    }
    if (this.coming === works) this.found(works, place, anew);
  }

  busy(is) {
    this.grid.element.setAttribute("aria-busy", is);
    if (is && !this.works) byId("count").textContent = T.looking;
  }

  found(works, place, anew) {
    const other = this.works;
    if (other !== works) other?.end();
    this.works = works;
    this.busy(false);
    byId("view").replaceChildren(this.grid.element, ...(works.total ? [] : [nothing(place)]));
    byId("count").textContent = summary(works.about, place);
    this.grid.show(works, anew ? scrollY : (this.scrolls.get(this.key) ?? 0));
  }

  fail(error, place) {
    this.busy(false);
    this.works?.end();
    this.works = this.grid.works = this.key = null;
    byId("count").textContent = "";
    if (place.picture && error.code === "unknown_artwork") byId("view").replaceChildren(quiet(T.pictureGone));
    else problem(error, () => this.show(place));
  }

  /** The view is another one now. */
  leave() {
    if (this.key) this.scrolls.set(this.key, scrollY);
    this.coming?.end();
    this.works = this.coming = this.key = null;
  }

  find(id) {
    return this.works?.at(this.works.indexOf(id)) ?? null;
  }

  get result() {
    return this.works?.about.result;
  }

  /** What became of a work, wherever it is seen. */
  mend(id, changes) {
    this.works?.mend(id, changes);
  }

  /** Put the keyboard back on a work whose page was left. */
  focus(id) {
    const index = this.works?.indexOf(id) ?? -1;
    if (index >= 0) this.grid.focus(index);
  }

  changed(works) {
    if (works === this.works) this.grid.draw();
  }
}

function summary({ total, sure, by_pictures: byPictures, late, read_as: readAs, asked }, { q, source }) {
  if (!total) return "";
  // What was misspelt is said as it was read.
  const found = q ? T.asWords(total, readAs ? asked : q) : T.works(total);
  const said = source ? T.ofThisSource(found, source) : found;
  if (late) return `${said}. ${T.late}`;
  if (q && !byPictures) return `${said}. ${T.byLabels}`;
  return sure ? said : T.nearest;
}

const nothing = ({ q, list, like, picture }) =>
  quiet(T.empty[q || like || picture ? "words" : list] ?? T.empty.words);
