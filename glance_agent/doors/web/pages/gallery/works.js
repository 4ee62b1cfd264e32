// A list of works as the agent keeps it, a hundred at a time, however long it is.
import { ask } from "./api.js";

const PAGE = 100;

export class Works {
  /** `question` holds the parameters of api/artworks; `changed` is called whenever some are here. */
  constructor(question, changed) {
    this.question = question;
    this.changed = changed;
    this.total = 0;
    this.about = {};
    this.pages = new Map();
    this.asked = new Map();
    this.ended = new AbortController();
  }

  /** The beginning of the list. Throws what api.js throws. */
  async begin() {
    this.take(0, await this.page(0));
  }

  end() {
    this.ended.abort();
  }

  at(index) {
    if (index < 0) return undefined;
    return this.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Have the works between these places brought, where they are not here. */
  want(from, to) {
    const last = Math.min(to, this.total - 1);
    for (let n = Math.floor(Math.max(0, from) / PAGE); n * PAGE <= last; n++) {
      if (!this.pages.has(n) && !this.asked.has(n)) this.bring(n);
    }
  }

  async bring(n) {
    this.asked.set(n, true);
    try {
      this.take(n, await this.page(n));
    } catch {
      // Asked for again as long as somebody looks there.
      setTimeout(() => {
        this.asked.delete(n);
        if (!this.ended.signal.aborted) this.changed();
      }, 2000);
    }
  }

  page(n) {
    const { result } = this.about;
    const part = { ...this.question, result, offset: n * PAGE, limit: PAGE };
    return ask("artworks", part, this.ended.signal);
  }

  /** A list that was made anew under another name holds nothing of the one before. */
  take(n, answer) {
    if (this.ended.signal.aborted) return;
    if (answer.result !== this.about.result) this.pages.clear(), this.asked.clear();
    this.about = answer;
    this.total = answer.total;
    this.pages.set(n, answer.works);
    this.asked.delete(n);
    this.changed();
  }

  indexOf(id) {
    for (const [n, works] of this.pages) {
      const found = works.findIndex((work) => work.id === id);
      if (found >= 0) return n * PAGE + found;
    }
    return -1;
  }

  /** What became of a work, wherever it is in the list. */
  mend(id, changes) {
    const work = this.at(this.indexOf(id));
    if (work) Object.assign(work, changes), this.changed();
  }
}
