// The language of these pages: the one that was chosen here, else the one the browser asked for.
// English stands in texts.js, as what gettext calls msgid; other languages come as data.
import { kept } from "./kept.js";

const { documentElement: root } = document;
export const LANGUAGES = root.dataset.languages.split(" ");
const chosen = kept("language");
if (LANGUAGES.includes(chosen)) root.lang = chosen;
export const LANGUAGE = root.lang;
const words = LANGUAGE === "en" ? {} : await brought(`../words/${LANGUAGE}.json`);

async function brought(address) {
  const answer = await fetch(new URL(address, import.meta.url)).catch(() => null);
  return answer?.ok ? answer.json() : {};
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_hole, name) => values[name]);
const figures = (options) => new Intl.NumberFormat(LANGUAGE, options);
const moment = new Intl.DateTimeFormat(LANGUAGE, { hour: "2-digit", minute: "2-digit" });
const whole = figures();
const share = figures({ style: "percent", maximumFractionDigits: 0 });
const plural = new Intl.PluralRules(LANGUAGE);
// Catalogues hold plural forms in the order of these categories, and the last one for all others.
const FORMS = ["zero", "one", "two", "few", "many", "other"].filter((form) =>
  plural.resolvedOptions().pluralCategories.includes(form),
);

export const number = (value) => whole.format(value);
export const percent = (part) => share.format(part);
export const time = (text) => moment.format(new Date(text));
export const nameOf = (language) => new Intl.DisplayNames([language], { type: "language" }).of(language);

/** A sentence in the language of the page, its {holes} filled. */
export const _ = (text, values = {}) => filled(words[text] || text, values);

/** The same for so many of something; {n} is how many. */
export function many(one, more, count, values = {}) {
  const forms = words[one] ?? [one, more];
  const form = Math.min(FORMS.indexOf(plural.select(count)), forms.length - 1);
  return filled(forms[form], { n: number(count), ...values });
}

/** A phrase of the agent's in which works are described, in the language of the page. */
export const spoken = (phrase) => words[phrase] || phrase;
