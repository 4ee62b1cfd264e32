// What this browser keeps for whoever sits before it: language, light, who is looking.
const PREFIX = "glance-";

/** What was kept under this name; null for nothing, also where the browser keeps nothing. */
export function kept(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Keep it, or forget it where it is empty. */
export function keep(name, value) {
  try {
    if (value) localStorage.setItem(PREFIX + name, value);
    else localStorage.removeItem(PREFIX + name);
  } catch {
    // Then it holds until the page is closed.
  }
}
