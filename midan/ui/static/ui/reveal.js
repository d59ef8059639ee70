// A revealed value replaces one field in place, shrinks a ring for the seconds left, and goes: at the end,
// when the window loses focus, when the page is hidden. The value is nowhere else: not in a title, not in storage.
(() => {
  "use strict";
  const masks = new Map();
  const timers = new Map();

  const hide = (field) => {
    const slot = document.getElementById(`slot-${field}`);
    if (!slot || !masks.has(field)) return;
    clearInterval(timers.get(field));
    slot.replaceChildren(...masks.get(field));
    masks.delete(field);
    timers.delete(field);
  };
  const hideAll = () => [...masks.keys()].forEach(hide);
  addEventListener("blur", hideAll);
  addEventListener("pagehide", hideAll);
  document.addEventListener("visibilitychange", () => document.hidden && hideAll());
  document.addEventListener("copy", (event) => masks.size && event.preventDefault());

  const show = (field, fragment) => {
    hide(field);
    const slot = document.getElementById(`slot-${field}`);
    masks.set(field, [...slot.childNodes]);
    slot.replaceChildren(fragment);
    const opened = slot.querySelector("[data-opened]");
    const all = Number(opened.dataset.seconds) * 1000;
    const ring = opened.querySelector(".left");
    const words = opened.querySelector("[data-left]");
    const end = performance.now() + all;
    const tick = () => {
      const left = end - performance.now();
      if (left <= 0) return hide(field);
      ring.setAttribute("stroke-dashoffset", String(100 - (left / all) * 100));
      words.textContent = `${Math.ceil(left / 1000)} ${words.dataset.left}`;
    };
    tick();
    timers.set(field, setInterval(tick, 200));
  };

  document.addEventListener("DOMContentLoaded", () => {
    const dialog = document.getElementById("reveal");
    const answer = document.getElementById("reveal-answer");
    if (!dialog) return;
    const form = document.getElementById("reveal-form");
    const purpose = document.getElementById("purpose");
    const reason = document.getElementById("reason");
    const every = [...reason.options];
    const fit = () => reason.replaceChildren(...every.filter((one) => one.dataset.purpose === purpose.value));
    purpose.addEventListener("change", fit);
    fit();

    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-reveal]");
      if (!button) return;
      document.getElementById("reveal-field").value = button.dataset.reveal;
      document.getElementById("reveal-name").textContent = button.dataset.title;
      dialog.showModal();
    });
    // The history and what is left of the day change with every question; neither holds a value.
    const refresh = async () => {
      const response = await fetch(location.href).catch(() => null);
      if (!response || !response.ok || response.redirected) return;
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const id of ["history", "left"]) {
        const now = fresh.getElementById(id);
        if (now) document.getElementById(id).replaceWith(now);
      }
    };
    const tell = (node) => {
      answer.replaceChildren(node);
      answer.hidden = false;
      answer.scrollIntoView({ block: "nearest" });
    };
    // What the server had no words for itself: one sentence of the page's own.
    const say = (what) => {
      const box = document.createElement("div");
      box.className = "note-box late";
      box.textContent = answer.dataset[what];
      tell(box);
    };
    const ask = async (body) => {
      const response = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
      return { response, page: new DOMParser().parseFromString(await response.text(), "text/html") };
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = new URLSearchParams(new FormData(form));
      dialog.close();
      answer.hidden = true;
      const answered = await ask(body).catch(() => null);
      if (!answered) return say("unreachable");
      const { response, page } = answered;
      const door = response.headers.get("HX-Redirect");
      if (response.redirected || door) {
        say(door ? "factor" : "ended");
        return window.toSignIn(door || response.url);
      }
      const opened = response.ok && page.querySelector("[data-opened]");
      const said = page.querySelector(".slot-answer, .note-box");
      if (opened && document.hasFocus()) show(opened.dataset.opened, opened);
      else if (opened) say("unseen");
      else if (said) tell(said);
      else say("failed");
      return refresh();
    });
  });
})();
