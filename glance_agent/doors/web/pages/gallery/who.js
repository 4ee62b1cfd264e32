// Who is looking: a name that the library knows, or everybody at home.
import { keep, kept } from "./kept.js";

export const HOUSEHOLD = "household";
const name = kept("user") || HOUSEHOLD;

export const who = () => name;

/** What is said with a command, so that it counts for whoever looks. */
export const by = () => (name === HOUSEHOLD ? {} : { user: name });

/** From now on somebody else looks; names are one however they are written. */
export function now(other) {
  keep("user", other === HOUSEHOLD ? "" : other.normalize("NFC").toLowerCase());
  location.reload();
}
