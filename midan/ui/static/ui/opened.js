// A revealed value replaces one place of the page, shrinks a ring for the seconds left, and goes: at the end, when the
// window loses focus, when the page is hidden or printed. The value is nowhere else: not in a title, not in storage.
(() => {
  "use strict";
  const shown = new Map(); // slot → what stood there before, and the timer that brings it back

  const hide = (slot) => {
    const kept = shown.get(slot);
    if (!kept) return;
    clearInterval(kept.timer);
    slot.replaceChildren(...kept.mask);
    shown.delete(slot);
  };
  const hideAll = () => [...shown.keys()].forEach(hide);
  addEventListener("blur", hideAll);
  addEventListener("pagehide", hideAll);
  addEventListener("beforeprint", hideAll);
  document.addEventListener("visibilitychange", () => document.hidden && hideAll());
  for (const name of ["copy", "cut"]) document.addEventListener(name, (event) => shown.size && event.preventDefault());
  for (const name of ["selectstart", "dragstart", "contextmenu"]) {
    document.addEventListener(name, (event) => {
      const node = event.target instanceof Element ? event.target : event.target.parentElement;
      if (node && node.closest(".opened")) event.preventDefault();
    });
  }

  const show = (slot, fragment) => {
    hide(slot);
    const mask = [...slot.childNodes];
    // Should a browser print without saying so first, the style sheet prints this in the value's place.
    const printed = document.createElement("span");
    printed.className = "printed-mask";
    printed.append(...mask.map((node) => node.cloneNode(true)));
    slot.replaceChildren(fragment, printed);
    const opened = slot.querySelector("[data-opened]");
    const all = Number(opened.dataset.seconds) * 1000;
    const ring = opened.querySelector(".left");
    const words = opened.querySelector("[data-left]");
    const end = performance.now() + all;
    const tick = () => {
      const left = end - performance.now();
      if (left <= 0) return hide(slot);
      ring.setAttribute("stroke-dashoffset", String(100 - (left / all) * 100));
      words.textContent = `${Math.ceil(left / 1000)} ${words.dataset.left}`;
    };
    shown.set(slot, { mask, timer: setInterval(tick, 200) });
    tick();
  };

  // Where the page says what became of a question: #reveal-answer, which brings its own sentences.
  const tell = (node) => {
    const answer = document.getElementById("reveal-answer");
    answer.replaceChildren(node);
    answer.hidden = false;
    answer.scrollIntoView({ block: "nearest" });
  };
  const say = (what) => {
    const box = document.createElement("div");
    box.className = "note-box late";
    box.textContent = document.getElementById("reveal-answer").dataset[what];
    tell(box);
  };
  const post = async (address, body) => {
    const response = await fetch(address, { method: "POST", body, headers: { "HX-Request": "true" } });
    return { response, page: new DOMParser().parseFromString(await response.text(), "text/html") };
  };

  // Ask for one value and show it in the slot, or say why not. Return whether the page still stands.
  const ask = async (address, body, slot) => {
    document.getElementById("reveal-answer").hidden = true;
    const answered = await post(address, body).catch(() => null);
    if (!answered) {
      say("unreachable");
      return false;
    }
    const { response, page } = answered;
    const door = response.headers.get("HX-Redirect");
    if (response.redirected || door) {
      say(door ? "factor" : "ended");
      window.toSignIn(door || response.url);
      return false;
    }
    const opened = response.ok && page.querySelector("[data-opened]");
    const said = page.querySelector(".slot-answer, .note-box");
    if (opened && document.hasFocus()) show(slot, opened);
    else if (opened) say("unseen");
    else if (said) tell(said);
    else say("failed");
    return true;
  };
  window.openedValues = { ask };
})();
