// The gallery: where one is in the address decides what is shown.
import { addressOf, followLinks, here, onMove } from "./address.js";
import { ask, signIn } from "./api.js";
import { arrivals } from "./arrivals.js";
import { Collection } from "./collection.js";
import { byId, h } from "./dom.js";
import { listen } from "./live.js";
import { hearReactions, onReaction, reactToKey } from "./reactions.js";
import { hearNews, isPanel, leavePanels, panel } from "./panels.js";
import { problem } from "./problem.js";
import { search, searched } from "./search.js";
import { T } from "./texts.js";
import { takeBack } from "./toast.js";
import { WorkPage } from "./work.js";

const collection = new Collection((work, event) => {
  if (event.key === "u") takeBack();
  else reactToKey(work, event);
});
const page = new WorkPage(collection, (id) => collection.focus(id));
const LISTS = ["all", "liked", "shown", "hidden"];
const VIEWS = ["displays", "taste", "map", "sources", "settings"];

function places(place) {
  const link = (name, href, current) =>
    h("a", { href, "aria-current": current ? "page" : null }, T.places[name]);
  const works = place.view === "works";
  const lists = LISTS.map((list) =>
    link(list, addressOf({ list, q: place.q }), works && place.list === list),
  );
  const views = VIEWS.map((view) => link(view, addressOf({ view }), place.view === view));
  const focused = [...byId("places").children].indexOf(document.activeElement);
  byId("places").replaceChildren(...lists, ...views);
  byId("places").children[focused]?.focus();
  const current = byId("places").querySelector("[aria-current]");
  if (current) byId("places").scrollLeft = current.offsetLeft - byId("places").clientWidth / 3;
}

function show(place, before = null) {
  places(place);
  searched(place);
  const named = isPanel(place.view) ? T.places[place.view] : place.q;
  document.title = named ? `${named} · Glance` : "Glance";
  if (isPanel(place.view)) {
    collection.leave();
    if (!before || before.view !== place.view) panel(place.view);
  } else {
    leavePanels();
    collection.show(place).then(() => page.show(here().work));
  }
  page.show(place.work);
}

/** An invitation comes behind the #, which no server sees and no log keeps. */
async function entered() {
  const secret = /^#t=(.+)$/.exec(location.hash)?.[1];
  let refused = null;
  if (secret) {
    history.replaceState(null, "", location.pathname + location.search);
    await signIn(decoded(secret)).catch((error) => (refused = error));
  }
  return { role: (await ask("session")).role, refused };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function start() {
  let role, refused;
  try {
    ({ role, refused } = await entered());
  } catch (error) {
    problem(error, start);
    return;
  }
  document.body.dataset.role = role ?? "none";
  if (!role) {
    problem({ status: 401, refused });
    return;
  }
  search();
  onReaction((id, facts) => collection.mend(id, facts));
  hearReactions();
  hearNews();
  followLinks();
  onMove(show);
  show(here());
  arrivals(() => {
    const { q, view } = here();
    if (scrollY < 100 && !q && view === "works") collection.show(here(), { anew: true });
  });
  listen();
}

history.scrollRestoration = "manual";
start();
