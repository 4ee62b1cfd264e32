// The agent's answers, and commands to it. Every address is relative: it works below any prefix.
import { by } from "./who.js";
import { LANGUAGE } from "./words.js";

/** What the agent refuses: a sentence, what to do next, and the contract's code. */
export class Refused extends Error {
  constructor(status, answer) {
    super(answer?.message ?? "");
    this.status = status;
    this.code = answer?.error?.code ?? "";
    this.hint = answer?.error?.hint ?? "";
  }
}

async function sent(path, options) {
  const headers = { "Accept-Language": LANGUAGE, ...options.headers };
  const response = await fetch(`api/${path}`, { ...options, headers });
  const answer = await response.json().catch(() => null);
  if (!response.ok || answer === null) throw new Refused(response.status, answer);
  return answer;
}

const posted = (path, body) =>
  sent(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

/** An answer to a question; parameters without a value are left out. */
export function ask(path, parameters = {}, signal = undefined) {
  const given = Object.entries(parameters).filter(([, value]) => value || value === 0);
  const question = new URLSearchParams(given).toString();
  return sent(question ? `${path}?${question}` : path, { signal });
}

export const askWork = (id, result) => ask(`artworks/${encodeURIComponent(id)}`, { result, ...by() });

/** A picture to search by; it is told under which `picture` it is remembered. */
export const sendPicture = (blob) =>
  sent("pictures", { method: "POST", headers: { "Content-Type": blob.type }, body: blob });

/** Have a verb of the contract carried out, on a display where one is named. */
export function command(verb, body = {}, display = "") {
  const place = display ? `/${encodeURIComponent(display)}` : "";
  return posted(`command/${verb}${place}`, { ...by(), ...body });
}

export const signIn = (secret) => posted("session", { secret });

/** The address of a work's thumbnail; null where its picture cannot be read. */
export const thumb = (work, size) => (work.thumb ? `${work.thumb}-${size}.webp` : null);
