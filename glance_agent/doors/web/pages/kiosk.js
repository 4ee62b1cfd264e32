// A picture on a screen, for ever. One classic script in ES5, so that old tablets run it.
(function () {
  "use strict";

  var parts = location.pathname.match(/^(.*\/)kiosk(?:\/([^/]*))?\/?$/) || ["", "/", ""];
  var root = parts[1];
  var display = decoded(parts[2] || "");
  var wishes = query();
  var byId = function (id) { return document.getElementById(id); };
  var images = [byId("one"), byId("two")];
  var label = byId("label"), menu = byId("menu"), notice = byId("notice"), night = byId("night");
  var text = document.body.dataset, language = document.documentElement.lang;
  var pages = text.static.split("/").pop();
  var shown = {}, settings = {}, picture = null;
  var front = 0, ticket = 0, wanted = "";
  var source = null, lastBeat = 0, lost = 0, wait = 1000, skew = 0, retry = null, wrong = "";
  var resting = null, labelTimer = null, noticeTimer = null, sure = null, lock = null;

  function decoded(text) {
    try { return decodeURIComponent(text); } catch (_) { return text; }
  }

  function query() {
    var found = {};
    location.search.replace(/^\?/, "").split("&").forEach(function (pair) {
      var both = pair.split("=");
      if (both[0]) { found[both[0]] = decoded((both[1] || "").replace(/\+/g, " ")); }
    });
    return found;
  }

  function ask(method, path, body, done) {
    var request = new XMLHttpRequest();
    request.open(method, root + path);
    request.timeout = 20000;
    request.setRequestHeader("Accept-Language", language);
    if (body) { request.setRequestHeader("Content-Type", "application/json"); }
    request.onload = function () {
      var answer = null;
      try { answer = JSON.parse(request.responseText); } catch (_) { /* no JSON: said by null */ }
      done(request.status, answer);
    };
    request.onerror = request.ontimeout = function () { done(0, null); };
    request.send(body ? JSON.stringify(body) : null);
  }

  // Pictures are decoded out of sight, then faded in over the old one.

  function size() {
    var scale = Math.min(window.devicePixelRatio || 1, 3);
    var most = 4096;
    if (navigator.deviceMemory && navigator.deviceMemory <= 1) { most = 2048; }
    var width = window.innerWidth * scale, height = window.innerHeight * scale;
    var shrink = Math.min(1, most / Math.max(width, height, 1));
    return [width * shrink, height * shrink].map(function (pixels) {
      return Math.max(64, Math.round(pixels));
    });
  }

  function show() {
    if (!picture || dark() >= 1) { return; }
    var url = address(picture);
    if (url === wanted) { return; }
    wanted = url;
    load(url, ++ticket);
  }

  function address(of) {
    var pixels = size();
    return root + of.picture + ".jpg?w=" + pixels[0] + "&h=" + pixels[1] + "&v=" + of.tag;
  }

  function preload(next) { if (dark() < 1) { new Image().src = address(next); } }

  function load(url, mine) {
    var old = images[front], now = images[1 - front];
    now.onerror = function () {
      if (mine === ticket) {
        setTimeout(function () { if (mine === ticket) { wanted = ""; show(); } }, 5000);
      }
    };
    now.style.transitionDuration = "0s";
    now.className = "";
    now.onload = function () {
      var ready = now.decode ? now.decode() : null;
      var swap = function () { if (mine === ticket) { swapTo(now, old, mine); } };
      if (ready) { ready.then(swap, swap); } else { swap(); }
    };
    now.src = url;
  }

  function swapTo(now, old, mine) {
    // The old one stays beneath: where both were half there, the wall would grow dark between.
    old.style.zIndex = 0;
    now.style.zIndex = 1;
    now.style.transitionDuration = fade() + "ms";
    now.alt = spoken();
    now.className = "on";
    old.alt = "";
    front = 1 - front;
    tellLabel();
    setTimeout(function () {
      if (mine === ticket) { old.className = ""; old.removeAttribute("src"); }
    }, fade() + 300);
  }

  function fade() {
    var asked = parseInt(wishes.fade, 10);
    return asked >= 0 ? Math.min(asked, 5000) : 500;
  }

  // What hangs: one work, or two together.
  function works() { return [shown].concat(shown.pair || []); }

  function spoken() {
    return works().map(function (work) {
      return [work.title, by(work)].filter(Boolean).join(", ");
    }).filter(Boolean).join("; ") || text.picture;
  }

  // Who made it and when; the day of what nobody has named stands in its title.
  function by(work) {
    var told = work.dated && work.title && work.title.slice(-work.dated.length) === work.dated;
    return [work.artist, told ? null : work.dated].filter(Boolean).join(", ");
  }

  // The label comes with a picture or when asked for, and goes by itself.

  function tellLabel() {
    while (label.firstChild) { label.removeChild(label.firstChild); }
    if (!shown.title) { label.className = ""; return; }
    works().forEach(function (work) {
      var title = document.createElement("b"), rest = document.createElement("small");
      title.textContent = work.title;
      rest.textContent = by(work);
      label.appendChild(title);
      label.appendChild(rest);
    });
    if (shown.why && wishes.why !== "no") {
      var why = document.createElement("small");
      why.textContent = shown.why;
      label.appendChild(why);
    }
    if (wishes.label !== "never") { showLabel(10000); }
  }

  function showLabel(milliseconds) {
    label.className = "on";
    clearTimeout(labelTimer);
    if (wishes.label === "always" || !picture) { return; }
    labelTimer = setTimeout(function () { label.className = ""; }, milliseconds);
  }

  // Where nothing hangs since there is nothing, that is said until the first picture comes.
  function lookEmpty() {
    if (picture) { return; }
    ask("GET", "api/artworks?limit=1", null, function (_, answer) {
      if (picture || !answer || answer.total !== 0) { return; }
      label.textContent = text.empty;
      showLabel();
    });
  }

  function say(text, milliseconds) {
    notice.textContent = text;
    notice.hidden = !text;
    clearTimeout(noticeTimer);
    if (text && milliseconds) { noticeTimer = setTimeout(function () { say(""); }, milliseconds); }
  }

  // Night: by the server's clock, at every beat and never by one long timer.

  function isOff() { return settings.power === false; }

  function dark() {
    if (isOff()) { return 1; }
    var until = settings.quiet_until ? Date.parse(settings.quiet_until) : 0;
    if (!until || until <= Date.now() + skew) { return 0; }
    var asked = parseFloat(wishes.night);
    return asked >= 0 && asked <= 1 ? asked : 0.85;
  }

  function followNight() {
    night.style.opacity = String(dark());
    show();
    stayAwake();
  }

  function shift() {
    var minute = Math.floor(Date.now() / 60000) % 16, step = [0, 1, 2, 3, 4, 3, 2, 1];
    var x = step[minute % 8] - 2, y = step[(minute + 2) % 8] - 2;
    byId("stage").style.transform = "translate(" + x + "px," + y + "px)";
  }

  // News: the page tries again for ever, and never navigates away while nobody answers.

  function listen() {
    clearTimeout(retry);
    if (source) { source.close(); }
    lastBeat = Date.now();
    source = new EventSource(root + "api/events?lang=" + language + "&kiosk=" + encodeURIComponent(display));
    source.addEventListener("shown", mine(function (data) { shown = data; }));
    source.addEventListener("picture", mine(function (data) { picture = data; show(); }));
    source.addEventListener("soon", mine(preload));
    source.addEventListener("settings", mine(function (data) { settings = data; followNight(); }));
    source.addEventListener("all", lookEmpty);
    source.addEventListener("beat", function (event) {
      var data = JSON.parse(event.data);
      alive();
      skew = Date.parse(data.now) - Date.now();
      if (data.version !== pages) { renew(); }
      followNight();
    });
    source.onerror = fail;
  }

  function mine(take) {
    return function (event) {
      var data = JSON.parse(event.data);
      alive();
      if (data.display === display) { take(data); }
    };
  }

  function alive() {
    lastBeat = Date.now();
    wait = 1000;
    if (lost) { lost = 0; say(""); }
  }

  function fail() {
    if (source) { source.close(); source = null; }
    lost = lost || Date.now();
    clearTimeout(retry);
    retry = setTimeout(comeBack, wait);
    wait = Math.min(wait * 1.6, 10000);
    if (Date.now() - lost > 600000) {
      say(text.since.replace("{time}", new Date(lost).toLocaleTimeString(language)));
    }
  }

  function comeBack() {
    ask("GET", "api/session", null, function (status, answer) {
      if (!status) { fail(); return; }
      if (answer && answer.role === null) { signIn(); return; }
      listen();
    });
  }

  function signIn() {
    say(wrong + text.signIn);
    lost = lost || Date.now();
    retry = setTimeout(comeBack, 10000);
  }

  function renew() {
    if (renew.soon) { return; }
    renew.soon = setTimeout(function () {
      renew.soon = null;
      ask("GET", "healthz", null, function (status) {
        if (status === 200) { location.reload(); }
      });
    }, Math.random() * 10000);
  }

  setInterval(function () {
    if (source && Date.now() - lastBeat > 45000) { fail(); }
    shift();
  }, 5000);

  function wakeUp() {
    if (document.visibilityState !== "visible") { return; }
    if (lastBeat && Date.now() - lastBeat > 20000) { wait = 1000; comeBack(); }
    stayAwake();
  }
  document.addEventListener("visibilitychange", wakeUp);
  window.addEventListener("pageshow", function (event) { if (event.persisted) { wakeUp(); } });

  // The screen stays on unless it is black: by wake lock where there is one, else by a film of nothing.

  function stayAwake() {
    if (dark() >= 1) { rest(); return; }
    if (lock && !lock.released) { return; }
    lock = null;
    if (navigator.wakeLock) {
      navigator.wakeLock.request("screen").then(function (got) {
        rest();
        lock = got;
        if (dark() >= 1) { rest(); }
      }, film);
    } else { film(); }
  }

  function rest() {
    var video = byId("awake");
    if (lock) { lock.release(); lock = null; }
    if (video) { video.pause(); }
  }

  function film() {
    var video = byId("awake");
    if (dark() >= 1) { return; }
    if (!video) {
      video = document.createElement("video");
      video.id = "awake";
      video.className = "unseen";
      video.setAttribute("playsinline", "");
      video.setAttribute("aria-hidden", "true");
      video.tabIndex = -1;
      video.muted = video.loop = true;
      video.src = text.static + "/awake.mp4";
      document.body.appendChild(video);
    }
    var playing = video.play();
    if (playing && playing.then) { playing.then(null, function () { /* a touch allows it */ }); }
  }

  // What people do: keys, touches, a menu.

  function send(verb, on) {
    var body = { user: wishes.user };
    // On a dark screen whatever is touched means that it is to be seen again.
    if (isOff()) { verb = "power"; on = true; }
    if (verb === "power") { body.on = on; }
    ask("POST", "api/command/" + verb + "/" + encodeURIComponent(display), body, function (status, answer) {
      if (!status) { say(text.silent, 5000); }
      else if (!answer || !answer.ok) { say(answer ? answer.message : text.refused, 6000); }
      else if (verb === "like") { beat(); }
      else if (text[verb + "d"]) { say(text[verb + "d"], 4000); }
    });
  }

  function beat() {
    var heart = byId("heart");
    heart.className = "on";
    setTimeout(function () { heart.className = ""; }, 700);
  }

  function openMenu(open) {
    if (open && isOff()) { send("power", true); return; }
    menu.hidden = !open;
    if (open) { menu.querySelector("button").focus(); }
  }

  function pauseVerb() { return settings.paused ? "resume" : "pause"; }

  menu.addEventListener("click", function (event) {
    var button = event.target;
    if (button.nodeName !== "BUTTON") { return; }
    var verb = button.getAttribute("data-verb"), question = button.getAttribute("data-sure");
    if (question && sure !== button) {
      var before = button.textContent;
      sure = button;
      button.textContent = question;
      setTimeout(function () { sure = null; button.textContent = before; }, 5000);
      return;
    }
    openMenu(false);
    if (verb) { send(verb === "pause" ? pauseVerb() : verb, false); }
  });

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey) { return; }
    if (event.target.nodeName === "BUTTON" && (event.key === "Enter" || event.key === " ")) { return; }
    var verbs = { ArrowRight: "next", ArrowLeft: "previous", l: "like", d: "dislike", m: "similar" };
    var verb = verbs[event.key];
    if (event.key === " ") { verb = pauseVerb(); }
    if (verb) { event.preventDefault(); send(verb); }
    else if (event.key === "i") { showLabel(10000); }
    else if (event.key === "h" || event.key === "Enter") { event.preventDefault(); openMenu(true); }
    else if (event.key === "Escape") { openMenu(false); }
    else if (event.key === "f") { fullScreen(); }
  });

  function fullScreen() {
    var whole = document.documentElement;
    var enter = whole.requestFullscreen || whole.webkitRequestFullscreen;
    if (enter) { enter.call(whole); }
  }

  var touch = null;

  function begin(x, y) {
    touch = { x: x, y: y, at: Date.now(), held: setTimeout(function () { touch = null; openMenu(true); }, 800) };
  }

  function end(x, y) {
    if (!touch) { return; }
    clearTimeout(touch.held);
    var dx = x - touch.x, dy = y - touch.y, fast = Math.abs(dx) / Math.max(1, Date.now() - touch.at);
    touch = null;
    if (Math.abs(dx) > 50 && Math.abs(dx) > Math.abs(dy) && fast > 0.3) {
      send(dx < 0 ? "next" : "previous");
    } else if (Math.abs(dx) < 12 && Math.abs(dy) < 12) { tap(x); }
  }

  function tap(x) {
    stayAwake();
    if (isOff()) { send("power", true); return; }
    if (tap.last && Date.now() - tap.last < 350) {
      clearTimeout(tap.once);
      tap.last = 0;
      send("like");
      return;
    }
    tap.last = Date.now();
    tap.once = setTimeout(function () {
      var third = x / window.innerWidth;
      if (third < 1 / 3) { send("previous"); }
      else if (third > 2 / 3) { send("next"); }
      else { showLabel(10000); }
    }, 350);
  }

  function onWall(event) {
    var at = event.target;
    return at && at.closest ? !at.closest("#menu,#choice") : menu.hidden;
  }

  document.addEventListener("touchstart", function (event) {
    if (event.touches.length === 1 && onWall(event)) {
      begin(event.touches[0].clientX, event.touches[0].clientY);
    }
  });
  document.addEventListener("touchend", function (event) {
    if (touch && event.changedTouches.length) {
      event.preventDefault();
      end(event.changedTouches[0].clientX, event.changedTouches[0].clientY);
    }
  }, { passive: false });
  document.addEventListener("mousedown", function (event) {
    if (event.button === 0 && onWall(event)) { begin(event.clientX, event.clientY); }
  });
  document.addEventListener("mouseup", function (event) { end(event.clientX, event.clientY); });
  document.addEventListener("mousemove", function () {
    document.body.className = "";
    clearTimeout(resting);
    resting = setTimeout(function () { document.body.className = "resting"; }, 3000);
  });

  var turned = null;
  window.addEventListener("resize", function () {
    clearTimeout(turned);
    turned = setTimeout(show, 500);
  });

  // Which display: that of the address, the only one, or one to choose.

  function begun() {
    ask("GET", "api/displays", null, function (status, answer) {
      if (status === 401) { signIn(); return; }
      if (status !== 200 || !answer) { lost = lost || Date.now(); setTimeout(begun, 3000); return; }
      say("");
      var found = answer.displays.filter(function (one) { return one.name === display; })[0];
      if (!found && !display && answer.displays.length === 1) { found = answer.displays[0]; }
      if (!found) { choose(answer.displays); return; }
      display = found.name;
      byId("name").textContent = document.title = "Glance: " + (found.title || found.name);
      listen();
      stayAwake();
    });
  }

  function choose(displays) {
    var list = byId("choice");
    displays.forEach(function (one) {
      var item = document.createElement("li"), link = document.createElement("a");
      link.href = root + "kiosk/" + encodeURIComponent(one.name) + location.search;
      link.textContent = one.title || one.name;
      item.appendChild(link);
      list.appendChild(item);
    });
    list.hidden = false;
    byId("name").textContent = text.which;
    byId("name").className = "";
  }

  // A token in the fragment never reaches a server's log; it leaves the address and the history at
  // once, whatever comes of it, and is exchanged for a cookie.
  function enter(token) {
    ask("POST", "api/session", { secret: token }, function (status) {
      if (!status || status === 429 || status >= 500) { setTimeout(enter, 5000, token); return; }
      if (status !== 200) { wrong = text.wrong + " "; }
      begun();
    });
  }

  var token = /[#&]t=([^&]+)/.exec(location.hash);
  if (token) {
    if (history.replaceState) { history.replaceState(null, "", location.pathname + location.search); }
    enter(decoded(token[1]));
  } else { begun(); }
  shift();
}());
