// What is beside the works: displays, the taste, sources. Each is asked for anew when news come.
import { byId, settled } from "./dom.js";
import { displays } from "./displays.js";
import { onNews } from "./live.js";
import { map } from "./map.js";
import { problem } from "./problem.js";
import { settings } from "./settings.js";
import { sources } from "./sources.js";
import { taste } from "./taste.js";
import { T } from "./texts.js";

const PANELS = { displays, taste, map, sources, settings };
const NEWS = { displays: ["shown", "settings"], taste: ["reaction"], sources: ["ingest"] };
const SOON = 400; // milliseconds in which several news are one
let current = "";
let stale = false; // something has changed since, while somebody was typing

export const isPanel = (name) => name in PANELS;

/** Show this panel; nothing of it is changed while somebody types there. */
export async function panel(name) {
  const again = () => panel(name);
  const other = current !== name;
  current = name;
  if (other) byId("count").textContent = T.looking;
  try {
    const shown = await PANELS[name](again);
    if (current !== name) return;
    byId("count").textContent = "";
    stale = !other && isTyping();
    if (!stale) put(shown);
    if (other) scrollTo(0, 0);
  } catch (error) {
    if (current !== name) return;
    byId("count").textContent = "";
    problem(error, again);
  }
}

export const leavePanels = () => (current = "");

function put(shown) {
  const view = byId("view");
  const focused = view.contains(document.activeElement) ? document.activeElement.id : "";
  const open = [...view.querySelectorAll("details[open]")].map((one) => one.id);
  view.replaceChildren(shown);
  for (const id of open) if (id && byId(id)) byId(id).open = true;
  if (focused) byId(focused)?.focus();
}

const isTyping = () => byId("view").contains(document.activeElement?.closest("input, select") ?? null);

export function hearNews() {
  byId("view").addEventListener("focusout", () => {
    setTimeout(() => stale && current && !isTyping() && panel(current));
  });
  for (const [name, all] of Object.entries(NEWS)) {
    const soon = settled(() => current === name && panel(name), SOON);
    for (const one of all) onNews(one, soon);
  }
}
