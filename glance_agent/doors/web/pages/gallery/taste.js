// What is believed of somebody's taste: its sides, the strongest likes, and a way to forget each.
import { ask } from "./api.js";
import { button, h } from "./dom.js";
import { mayReact, react } from "./reactions.js";
import { nothing, picture, strip } from "./strip.js";
import { T } from "./texts.js";
import { HOUSEHOLD, who } from "./who.js";

const MOST = 12;

/** The taste of whoever looks as one element; `again` shows it anew. */
export async function taste(again) {
  const told = await ask(`taste/${encodeURIComponent(who())}`);
  if (!told.likes.length && !told.dislikes.length) return nothing(T.believesNothing);
  return h(
    "div",
    { className: "taste" },
    h("h2", {}, who() === HOUSEHOLD ? T.believed : T.believedOf(T.person(who()))),
    ...told.sides.map(side),
    rated(T.strongest, told.likes, again),
    rated(T.notForYou, told.dislikes, again),
  );
}

function side({ share, words, stands_for_it: standing, likes }) {
  return h(
    "section",
    { className: "side" },
    h("h3", {}, words.length ? T.named(words) : T.sideUnnamed),
    h("p", { className: "by-and-why" }, `${T.side(share)} · ${T.standsFor(standing.title || T.untitled)}`),
    strip(likes.slice(0, MOST)),
  );
}

function rated(heading, all, again) {
  if (!all.length) return null;
  const rows = all.map(({ work }, n) => {
    const forget = async () => {
      await react(work, work.liked === false ? "dislike" : "like");
      again();
    };
    const title = work.title || T.untitled;
    const id = `forget-${heading.length}-${n}`;
    return h(
      "li",
      {},
      picture(work),
      h("span", { className: "title" }, title),
      mayReact() ? button(T.forget, forget, { id, "aria-label": T.forgetWork(title) }) : null,
    );
  });
  return h("section", {}, h("h3", {}, heading), h("ul", { className: "rated", role: "list" }, ...rows));
}
