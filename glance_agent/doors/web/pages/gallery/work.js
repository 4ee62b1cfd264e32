// A work's own page: a dialog over the works, with an address of its own.
import { go, leave } from "./address.js";
import { askWork, thumb } from "./api.js";
import { button, h } from "./dom.js";
import { byline, facts } from "./facts.js";
import { hanger } from "./hanging.js";
import { mayHide, mayReact, onReaction, react, reactToKey } from "./reactions.js";
import { refusal, T } from "./texts.js";
import { freeToast, takeBack } from "./toast.js";

/** A picture of nothing, in place of one that cannot be read: its colour and its name remain. */
const NOTHING = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";

export class WorkPage {
  /** `collection` knows the works before and after; `closed(id)` is told whose page was left. */
  constructor(collection, closed) {
    this.collection = collection;
    this.closed = closed;
    this.work = null;
    this.dialog = h("dialog", { id: "work", "aria-labelledby": "work-title" });
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      leave({ work: "" });
    });
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && leave({ work: "" }));
    document.body.append(this.dialog);
    onReaction((id, changes) => this.mend(id, changes));
  }

  /** The page of the work with this id, or none. */
  async show(id) {
    if (!id) return this.close();
    if (this.work?.id === id && this.dialog.open) {
      this.dialog.querySelector(".bar").replaceWith(this.bar()); // its neighbours may be here now
      return;
    }
    const listed = this.collection.find(id);
    this.work = listed ?? { id, title: "", liked: null, hidden: false };
    this.fill(false);
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.scrollTop = 0;
    try {
      const work = await askWork(id, this.collection.result);
      if (this.work?.id !== id) return;
      this.work = work;
      this.fill(true);
    } catch (error) {
      if (this.work?.id === id && !listed) this.missing(error);
    }
  }

  close() {
    if (!this.dialog.open) return;
    const { id } = this.work;
    this.work = null;
    freeToast();
    this.dialog.close();
    this.closed(id);
  }

  fill(whole) {
    const { work } = this;
    const focused = this.dialog.contains(document.activeElement) && document.activeElement.id;
    const by = byline(work);
    this.reactions = h("div", { className: "reactions" });
    this.more = h("div", { className: "facts" }, ...(whole ? facts(work).filter(Boolean) : []));
    const label = h(
      "section",
      { className: "label" },
      h("h2", { id: "work-title", tabIndex: -1, autofocus: true }, work.title || (whole ? T.untitled : T.looking)),
      by ? h("p", { className: "maker" }, by) : null,
      this.reactions,
      whole && mayReact() ? hanger(work) : null,
      this.but(),
      this.more,
    );
    this.lay(this.bar(), h("div", { className: "sheet" }, this.picture(), label));
    this.drawReactions();
    document.title = `${work.title || T.untitled} · Glance`;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true }); // the picture stays in sight
  }

  missing(error) {
    const said = h("div", { className: "quiet" }, h("h2", { id: "work-title" }, refusal(error)[0]));
    this.lay(this.bar(), said);
  }

  /** Have these in the dialog, and what was said of the work meanwhile. */
  lay(...parts) {
    const toast = this.dialog.querySelector("#toast");
    this.dialog.replaceChildren(...parts, ...(toast ? [toast] : []));
  }

  bar() {
    const step = (by, text, sign) => {
      const there = this.beside(by);
      const go = () => this.step(by);
      return button(sign, go, { id: `step${by}`, ariaLabel: text, title: text, disabled: !there });
    };
    const close = button("✕", () => leave({ work: "" }), { id: "close", ariaLabel: T.close, title: T.close });
    return h("div", { className: "bar" }, step(-1, T.before, "←"), step(1, T.after, "→"), close);
  }

  picture() {
    const { work } = this;
    const ratio = Math.min(5, Math.max(0.2, (work.width || 4) / (work.height || 3)));
    const image = h("img", { alt: [work.title, work.artist].filter(Boolean).join(", ") });
    image.style.setProperty("--ratio", ratio);
    image.style.backgroundColor = work.colour ?? "";
    const small = thumb(work, 400);
    if (small) image.src = this.large === thumb(work, 1600) ? this.large : small;
    else image.src = NOTHING;
    this.enlarge(image, thumb(work, 1600));
    return h("figure", {}, image);
  }

  /** The large picture takes the place of the small one once it can be painted at once. */
  async enlarge(image, address) {
    if (!address || address === this.large) return;
    const large = h("img", { src: address });
    await large.decode().catch(() => null);
    if (!large.naturalWidth) return;
    this.large = address;
    image.src = address;
  }

  drawReactions() {
    const { work } = this;
    const act = (verb, text, pressed) =>
      button(text, () => react(this.work, verb), { id: `do-${verb}`, "aria-pressed": pressed });
    const shown = [];
    if (mayReact()) {
      shown.push(act("like", T.like, work.liked === true), act("dislike", T.dislike, work.liked === false));
    }
    if (mayHide()) shown.push(act("hide", work.hidden ? T.unhide : T.hide));
    const focused = document.activeElement?.id;
    this.reactions.replaceChildren(...shown);
    if (focused?.startsWith("do-")) document.getElementById(focused)?.focus();
  }

  /** More like this, also in other words. */
  but() {
    const words = h("input", { id: "but", maxLength: 400, autocomplete: "off", placeholder: T.butHint });
    const form = h(
      "form",
      { className: "but" },
      h("label", { htmlFor: "but" }, T.but),
      words,
      h("button", { type: "submit" }, T.similar),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const q = words.value.trim();
      go({ view: "works", list: "all", like: this.work.id, picture: "", q, work: "" });
    });
    return form;
  }

  beside(by) {
    const { works } = this.collection;
    const index = works?.indexOf(this.work.id) ?? -1;
    if (index < 0) return null;
    works.want(index + by, index + by);
    return works.at(index + by) ?? null;
  }

  step(by) {
    const other = this.beside(by);
    if (other) go({ work: other.id }, { replace: true });
  }

  mend(id, changes) {
    if (this.work?.id !== id) return;
    Object.assign(this.work, changes);
    this.drawReactions();
  }

  key(event) {
    if (event.target.closest("input")) return;
    if (event.key === "ArrowRight") this.step(1);
    else if (event.key === "ArrowLeft") this.step(-1);
    else if (event.key === "u") takeBack();
    else if (this.work) reactToKey(this.work, event);
  }
}
