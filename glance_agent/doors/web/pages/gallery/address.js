// Where one is, in the address: ?list=liked&q=sea&like=aic:1&work=aic:2, or ?view=taste.
const KEYS = ["view", "list", "q", "like", "picture", "source", "work"];
const DEFAULTS = { view: "works", list: "all", q: "", like: "", picture: "", source: "", work: "" };

/** What the address says; every key is there. */
export function here() {
  const given = new URLSearchParams(location.search);
  return Object.fromEntries(KEYS.map((key) => [key, given.get(key) || DEFAULTS[key]]));
}

/** The address of a place, relative to this page. */
export function addressOf(place) {
  const said = KEYS.filter((key) => place[key] && place[key] !== DEFAULTS[key]);
  const question = new URLSearchParams(said.map((key) => [key, place[key]])).toString();
  return question ? `?${question}` : "./";
}

const listeners = [];
let at = here();

export function onMove(listener) {
  listeners.push(listener);
}

function moved() {
  const before = at;
  at = here();
  for (const listener of listeners) listener(at, before);
}

/** Go there; `replace` leaves no step to come back from. */
export function go(changes, { replace = false } = {}) {
  const address = addressOf({ ...here(), ...changes });
  history[replace ? "replaceState" : "pushState"]({ inside: !replace || history.state?.inside }, "", address);
  moved();
}

/** Go back where one came from; where one came by this very address, to what lies below it. */
export function leave(changes) {
  if (history.state?.inside) history.back();
  else go(changes, { replace: true });
}

addEventListener("popstate", moved);

/** Links of this page change what it shows, without loading it anew. */
export function followLinks() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey) return;
    if (event.shiftKey || link.target || link.origin !== location.origin) return;
    if (link.pathname !== location.pathname) return;
    event.preventDefault();
    const state = { inside: true };
    history.pushState(state, "", link.getAttribute("href"));
    moved();
  });
}
