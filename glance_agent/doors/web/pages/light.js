// Dark or light, as it was chosen here: before anything is painted.
(function () {
  "use strict";
  try {
    var light = localStorage.getItem("glance-light");
    if (light) document.documentElement.dataset.light = light;
  } catch (_) { /* a browser that keeps nothing follows its system */ }
}());
