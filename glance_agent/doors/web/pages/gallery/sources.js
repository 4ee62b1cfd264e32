// Where pictures come from: how many of each source are here, what comes in, what was left out.
import { addressOf } from "./address.js";
import { ask, command } from "./api.js";
import { button, h } from "./dom.js";
import { mayHide } from "./reactions.js";
import { T } from "./texts.js";
import { say, sayRefused } from "./toast.js";

/** All sources as one element. */
export async function sources() {
  const told = await ask("sources");
  const away = told.away.map((one) => h("li", {}, one));
  return h(
    "div",
    { className: "cards" },
    h("p", { className: "wide" }, T.inLibrary(told.artworks)),
    ...told.sources.map(card),
    away.length ? h("section", { className: "card" }, h("h2", {}, T.away), h("ul", {}, ...away)) : null,
  );
}

function card(source, n) {
  const { name, works } = source;
  return h(
    "section",
    { className: "card", "aria-labelledby": `source-${n}` },
    h("h2", { id: `source-${n}` }, name),
    h("p", {}, `${T.ofSource(works)} · `, h("a", { href: addressOf({ source: name }) }, T.seeWorks)),
    ...run(source.progress, n),
    leftOut(source, n),
    mayHide() ? button(T.fetchNow, () => fetchNow(name), { id: `fetch-${n}` }) : null,
  );
}

function run(progress, n) {
  if (!progress) return [];
  const { event_type: type, done, total, error } = progress;
  if (error) return [h("p", {}, error)];
  if (type !== "progress" || !total) return [h("p", { className: "by-and-why" }, T.run.finished)];
  const id = `run-${n}`;
  const bar = h("progress", { id, max: total, value: done });
  return [h("p", {}, h("label", { htmlFor: id }, T.run.progress(done, total)), bar)];
}

function leftOut({ name, left_out: reasons }, n) {
  const all = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  if (!all) return null;
  const said = Object.entries(reasons).map(([reason, count]) =>
    h("li", {}, T.item(T.reason(reason), count)),
  );
  const items = h("ul", { className: "items" });
  const shown = h("details", { id: `left-${n}` }, h("summary", {}, T.leftOut(all)), h("ul", {}, ...said), items);
  shown.addEventListener("toggle", () => shown.open && fill(items, name), { once: true });
  return shown;
}

async function fill(list, name) {
  try {
    const { items, total } = await ask(`sources/${encodeURIComponent(name)}`, { limit: 200 });
    const said = items.map(
      ({ item, reason, hint }) => `${item}: ${T.reason(reason)}${hint ? ` (${hint})` : ""}`,
    );
    if (total > items.length) said.push(T.moreItems(total - items.length));
    list.replaceChildren(...said.map((text) => h("li", {}, text)));
  } catch (error) {
    sayRefused(error);
  }
}

async function fetchNow(source) {
  try {
    say((await command("ingest", { source })).message);
  } catch (error) {
    sayRefused(error);
  }
}
