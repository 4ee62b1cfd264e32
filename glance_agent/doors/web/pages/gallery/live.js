// News from the agent as they happen; the stream is opened again for as long as the page is open.
import { LANGUAGE } from "./words.js";

const SILENT = 45_000; // milliseconds after which a stream is taken for dead; it beats every 15 s
const NAMES = ["shown", "picture", "settings", "reaction", "ingest", "beat", "all", "agent"];
const listeners = new Map();
let source = null;
let heard = 0;
let wait = 1000;

/** Hear news of this name; `heard(data)`. */
export function onNews(name, listener) {
  listeners.set(name, [...(listeners.get(name) ?? []), listener]);
}

export function listen() {
  open();
  setInterval(() => Date.now() - heard > SILENT && !document.hidden && open(), 5000);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) source?.close(), (source = null);
    else open();
  });
}

function open() {
  source?.close();
  heard = Date.now();
  source = new EventSource(`api/events?lang=${LANGUAGE}`);
  for (const name of NAMES) source.addEventListener(name, take);
  source.addEventListener("error", (event) => {
    if (event.target.readyState !== EventSource.CLOSED || event.target !== source) return;
    setTimeout(() => !document.hidden && open(), wait);
    wait = Math.min(30_000, wait * 2);
  });
}

function take(event) {
  heard = Date.now();
  wait = 1000;
  const data = JSON.parse(event.data);
  for (const listener of listeners.get(event.type) ?? []) listener(data);
}
