// Like, dislike, hide and back: shown at once, taken back where the agent refuses.
import { command } from "./api.js";
import { onNews } from "./live.js";
import { T } from "./texts.js";
import { say, sayRefused } from "./toast.js";
import { who } from "./who.js";

const FACTS = {
  like: { liked: true },
  dislike: { liked: false },
  forget: { liked: null },
  hide: { hidden: true },
  unhide: { hidden: false },
};
const listeners = [];

/** Hear what became of a work: `changed(id, facts)`. */
export const onReaction = (listener) => listeners.push(listener);

const tell = (id, facts) => listeners.forEach((listener) => listener(id, facts));

export function hearReactions() {
  onNews("reaction", ({ event_type: verb, artwork, user }) => {
    const own = user === who() || "hidden" in (FACTS[verb] ?? {});
    if (own && FACTS[verb]) tell(artwork.id, FACTS[verb]);
  });
}

/** What a verb means for this work: the same once more takes it back. */
function meant(work, verb) {
  if (verb === "like" && work.liked === true) return "forget";
  if (verb === "dislike" && work.liked === false) return "forget";
  return verb === "hide" && work.hidden ? "unhide" : verb;
}

function opposite(work, verb) {
  if (verb === "hide") return "unhide";
  if (verb === "unhide") return "hide";
  return work.liked === null ? "forget" : work.liked ? "like" : "dislike";
}

/** Have it done, and offer the way back. */
export async function react(work, verb) {
  const done = meant(work, verb);
  const before = { liked: work.liked, hidden: work.hidden };
  if (await carriedOut(work, done, before)) {
    const back = () => carriedOut(work, opposite(before, done), { ...before, ...FACTS[done] });
    say(T.said[done](work.title || T.untitled), { back });
  }
}

async function carriedOut(work, verb, before) {
  tell(work.id, FACTS[verb]);
  try {
    await command(verb, { artwork: work.id });
    return true;
  } catch (error) {
    tell(work.id, before);
    sayRefused(error);
    return false;
  }
}

const KEYS = { l: "like", d: "dislike", h: "hide" };

/** Whether a key means one of these, which is done then. */
export function reactToKey(work, event) {
  const verb = KEYS[event.key.toLowerCase()];
  if (!verb || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return false;
  if (verb === "hide" ? !mayHide() : !mayReact()) return false;
  event.preventDefault();
  react(work, verb);
  return true;
}

const role = () => document.body.dataset.role;
export const mayReact = () => role() === "use" || role() === "admin";
export const mayHide = () => role() === "admin";
