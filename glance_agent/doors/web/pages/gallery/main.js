// The gallery: where one is in the address decides what is shown.
import { addressOf, followLinks, here, onMove } from "./address.js";
import { ask, signIn } from "./api.js";
import { arrivals } from "./arrivals.js";
import { Collection } from "./collection.js";
import { byId, h } from "./dom.js";
import { listen } from "./live.js";
import { hearReactions, onReaction, reactToKey } from "./reactions.js";
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
const PLACES = ["all", "liked", "shown", "hidden"];

function places(place) {
  const links = PLACES.map((list) => {
    const current = place.list === list && place.view === "works";
    const href = addressOf({ list, q: place.q });
    return h("a", { href, "aria-current": current ? "page" : null }, T.places[list]);
  });
  byId("places").replaceChildren(...links);
}

function show(place) {
  places(place);
  searched(place);
  document.title = place.q ? `${place.q} · Glance` : "Glance";
  collection.show(place).then(() => page.show(here().work));
  page.show(place.work);
}

/** An invitation comes behind the #, which no server sees and no log keeps. */
async function entered() {
  const secret = /^#t=(.+)$/.exec(location.hash)?.[1];
  if (secret) {
    history.replaceState(null, "", location.pathname + location.search);
    await signIn(decodeURIComponent(secret)).catch(() => {});
  }
  return (await ask("session")).role;
}

async function start() {
  let role;
  try {
    role = await entered();
  } catch (error) {
    problem(error, start);
    return;
  }
  document.body.dataset.role = role ?? "none";
  if (!role) {
    problem({ status: 401 });
    return;
  }
  search();
  onReaction((id, facts) => collection.mend(id, facts));
  hearReactions();
  followLinks();
  onMove(show);
  show(here());
  arrivals(() => {
    if (scrollY < 100 && !here().q) collection.show(here(), { anew: true });
  });
  listen();
}

history.scrollRestoration = "manual";
start();
