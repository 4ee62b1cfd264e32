// What this browser keeps: who is looking, the language, dark or light.
import { ask } from "./api.js";
import { h } from "./dom.js";
import { keep } from "./kept.js";
import { T } from "./texts.js";
import { HOUSEHOLD, now, who } from "./who.js";
import { LANGUAGE, LANGUAGES, nameOf } from "./words.js";

const LIGHTS = ["", "light", "dark"];

/** All of it as one element. */
export async function settings() {
  const { users } = await ask(`taste/${HOUSEHOLD}`);
  const names = [...new Set([HOUSEHOLD, ...users, who()])];
  return h(
    "div",
    { className: "settings" },
    h("p", { className: "by-and-why" }, T.keptHere),
    choice("who", T.whoLooks, names.map((name) => [name, T.person(name)]), who(), now),
    another(),
    choice("language", T.language, LANGUAGES.map((code) => [code, nameOf(code)]), LANGUAGE, speak),
    choice("light", T.light, LIGHTS.map((light) => [light, T.lights[light]]), lit(), shine),
  );
}

function choice(id, label, options, chosen, choose) {
  const all = options.map(([value, text]) => h("option", { value, selected: value === chosen }, text));
  const select = h("select", { id }, ...all);
  select.addEventListener("change", () => choose(select.value));
  return h("div", { className: "setting" }, h("label", { htmlFor: id }, label), select);
}

function another() {
  const name = h("input", { id: "another", maxLength: 64, autocomplete: "off", required: true });
  const form = h("form", { className: "setting" }, h("label", { htmlFor: "another" }, T.somebodyElse), name);
  form.append(h("button", { type: "submit" }, T.thatIsMe));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (name.value.trim()) now(name.value.trim());
  });
  return form;
}

function speak(language) {
  keep("language", language);
  location.reload();
}

const lit = () => document.documentElement.dataset.light ?? "";

function shine(light) {
  keep("light", light);
  if (light) document.documentElement.dataset.light = light;
  else delete document.documentElement.dataset.light;
}
