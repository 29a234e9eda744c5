"use strict";
/* Airflow shows these pages in a confined frame that may neither open windows nor leave. Links that lead out
   are therefore followed by the outer page, which has the same origin; light and dark are the outer page's. */
(() => {
  let outer = null;
  if (window.parent !== window) {
    try {
      outer = window.parent.document;
    } catch {
      outer = null;
    }
  }
  if (outer === null) {
    return;
  }
  const here = document.documentElement;
  here.classList.add("framed");
  const follow = () => {
    here.dataset.theme = outer.documentElement.classList.contains("dark") ? "dark" : "light";
  };
  follow();
  new MutationObserver(follow).observe(outer.documentElement, { attributeFilter: ["class"] });

  const leave = (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-leave]") : null;
    if (link === null || event.button > 1) {
      return;
    }
    event.preventDefault();
    const door = outer.createElement("a");
    door.href = link.href;
    const aside = event.button === 1 || event.ctrlKey || event.metaKey || event.shiftKey;
    if (link.dataset.leave === "away" || aside) {
      door.target = "_blank";
      door.rel = "noopener noreferrer";
    }
    outer.body.append(door);
    door.click();
    door.remove();
  };
  document.addEventListener("click", leave);
  document.addEventListener("auxclick", leave);
})();
