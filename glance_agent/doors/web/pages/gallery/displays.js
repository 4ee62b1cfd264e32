// The displays: what hangs on each, and how it is set.
import { ask, command } from "./api.js";
import { button, h } from "./dom.js";
import { mayReact } from "./reactions.js";
import { nothing, picture } from "./strip.js";
import { T } from "./texts.js";
import { say, sayRefused } from "./toast.js";
import { by } from "./who.js";

/** All of them as one element; `again` shows them anew. */
export async function displays(again) {
  const told = await ask("displays", by());
  if (!told.displays.length) return nothing([T.nothingHangs, ""]);
  return h("div", { className: "cards" }, ...told.displays.map((one, n) => card(one, n, again)));
}

function card(display, n, again) {
  const { hangs } = display;
  const works = hangs ? [hangs.work, hangs.pair].filter(Boolean) : [];
  const titles = works.map((work) => work.title || T.untitled).join(" · ");
  const title = hangs ? h("p", { className: "title" }, titles) : null;
  return h(
    "section",
    { className: "card", "aria-labelledby": `display-${n}` },
    h("h2", { id: `display-${n}` }, display.title || display.name),
    hangs ? wall(works) : h("p", {}, T.nothingHangs),
    title,
    hangs?.why ? h("p", { className: "by-and-why" }, hangs.why) : null,
    h("p", { className: "by-and-why" }, ...when(display)),
    mayReact() ? controls(display, n, again) : null,
    h("p", {}, h("a", { href: `kiosk/${encodeURIComponent(display.name)}` }, T.fullScreen)),
  );
}

/** One picture, or two as they hang. */
function wall(works) {
  if (works.length === 1) return picture(works[0], 800);
  const wide = works.every((work) => work.width > work.height);
  const className = wide ? "pair stacked" : "pair";
  return h("div", { className }, ...works.map((work) => picture(work, 800)));
}

function when({ power, paused, quiet_until: quiet, next_change_at: next }) {
  if (!power) return [T.isOff];
  if (paused) return [T.paused];
  return [quiet ? T.quiet(quiet) : null, next ? T.changes(next) : null].filter(Boolean);
}

function controls(display, n, again) {
  const send = async (verb, body = {}) => {
    try {
      say((await command(verb, body, display.name)).message);
    } catch (error) {
      sayRefused(error);
    }
    again();
  };
  const act = (verb, text) => button(text, () => send(verb), { id: `${verb}-${n}` });
  const buttons = [act("previous", T.previous), act("next", T.next)];
  buttons.push(display.paused ? act("resume", T.resume) : act("pause", T.pause));
  const power = () => send("power", { on: !display.power });
  buttons.push(button(display.power ? T.switchOff : T.switchOn, power, { id: `power-${n}` }));
  return h(
    "div",
    { className: "controls" },
    h("div", { className: "reactions" }, ...buttons),
    mood(display, n, send),
    slideshow(display, n, send),
    discovery(display, n, send),
  );
}

function mood(display, n, send) {
  const id = `mood-${n}`;
  const words = h("input", {
    id,
    value: display.mood ?? "",
    maxLength: 400,
    autocomplete: "off",
    placeholder: T.moodHint,
  });
  const form = h("form", { className: "setting" }, h("label", { htmlFor: id }, T.mood), words);
  form.append(h("button", { type: "submit", id: `set-${n}` }, T.set));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    words.blur();
    send("mood", { mood: words.value.trim() });
  });
  return form;
}

function slideshow({ slideshow: on, interval_seconds: seconds }, n, send) {
  const id = `slideshow-${n}`;
  const now = on ? seconds : 0;
  const every = { ...T.every, ...(now in T.every ? {} : { [now]: T.everySeconds(now) }) };
  const options = Object.entries(every).map(([value, text]) =>
    h("option", { value, selected: Number(value) === now }, text),
  );
  const choice = h("select", { id }, ...options);
  choice.addEventListener("change", () => {
    const chosen = Number(choice.value);
    send("slideshow", chosen ? { on: true, interval_seconds: chosen } : { on: false });
  });
  return h("div", { className: "setting" }, h("label", { htmlFor: id }, T.slideshow), choice);
}

function discovery({ discovery: percent }, n, send) {
  const id = `discovery-${n}`;
  const said = h("output", { htmlFor: id }, T.surprise(percent));
  const range = h("input", { id, type: "range", min: 0, max: 100, step: 5 });
  range.value = percent;
  range.addEventListener("input", () => (said.textContent = T.surprise(range.value)));
  range.addEventListener("change", () => send("discovery", { percent: Number(range.value) }));
  return h("div", { className: "setting" }, h("label", { htmlFor: id }, T.discovery), range, said);
}
