// Put a work on a display: a button for the only one, a menu with what hangs there for several.
import { ask, command, thumb } from "./api.js";
import { button, h } from "./dom.js";
import { T } from "./texts.js";
import { say, sayRefused } from "./toast.js";

/** Where a work can be hung from; empty until the displays are known. */
export function hanger(work) {
  const place = h("div", { className: "hanger" });
  const fill = async () => {
    const { displays } = await ask("displays");
    place.replaceChildren(...(displays.length === 1 ? only(work, displays[0]) : menu(work, displays)));
  };
  fill().catch(() => {});
  return place;
}

const only = (work, display) => [button(T.showOn(display.title), () => hang(work, display))];

function menu(work, displays) {
  const list = h("ul", { id: "displays-menu", hidden: true });
  const opener = button(T.showOnWhich, () => set(list.hidden), {
    "aria-expanded": "false",
    "aria-controls": list.id,
  });
  const set = async (open) => {
    if (open) list.replaceChildren(...(await fresh(displays)).map((one) => choice(one)));
    list.hidden = !open;
    opener.setAttribute("aria-expanded", open);
    if (open) list.querySelector("button").focus(), list.scrollIntoView({ block: "nearest" });
  };
  const choice = (display) => {
    const choose = () => {
      set(false);
      opener.focus();
      hang(work, display);
    };
    return h("li", {}, h("button", { type: "button", onclick: choose }, ...inside(display)));
  };
  list.addEventListener("keydown", (event) => {
    if (event.key === "Escape") event.preventDefault(), event.stopPropagation(), set(false), opener.focus();
  });
  return [opener, list];
}

const fresh = (known) => ask("displays").then((answer) => answer.displays).catch(() => known);

function inside({ title, hangs }) {
  const source = hangs && thumb(hangs.work, 200);
  const image = h("img", { alt: "", src: source ?? null, hidden: !source });
  const now = hangs ? T.hangsThere(hangs.work.title || T.untitled) : T.nothingThere;
  return [image, h("span", {}, h("b", {}, title), h("small", {}, now))];
}

async function hang(work, display) {
  try {
    const reply = await command("show", { artwork: work.id }, display.name);
    const back = display.hangs && display.hangs.work.id !== work.id && (() => putBack(display));
    say(reply.message, { back, backText: T.putBack });
  } catch (error) {
    sayRefused(error);
  }
}

async function putBack(display) {
  try {
    say((await command("previous", {}, display.name)).message);
  } catch (error) {
    sayRefused(error);
  }
}
