// While pictures come in, say how many are here, and have them shown.
import { byId } from "./dom.js";
import { onNews } from "./live.js";
import { T } from "./texts.js";

const EVERY = 4000; // milliseconds between two looks at what has come
const runs = new Map();

/** `look` is called now and then while works arrive, and when all have. */
export function arrivals(look) {
  let last = 0;
  let told = false; // how everything was when this page was opened
  onNews("all", () => (told = true));
  onNews("ingest", (run) => {
    if (run.source === "reembedding") return;
    const came = (runs.get(run.source)?.added ?? 0) < run.added;
    const over = run.event_type === "finished";
    const changed = told && (run.added || run.gone); // a short run tells of nothing but its end
    const wasUnderWay = runs.get(run.source)?.event_type === "progress";
    runs.set(run.source, run);
    say();
    if ((over && (wasUnderWay || changed)) || (came && !over && Date.now() - last > EVERY)) {
      last = Date.now();
      look();
    }
  });
}

function say() {
  const under = [...runs.values()].filter((run) => run.event_type === "progress" && run.total);
  const sum = (key) => under.reduce((all, run) => all + run[key], 0);
  byId("arriving").textContent = under.length ? T.arriving(sum("done"), sum("total")) : "";
}
