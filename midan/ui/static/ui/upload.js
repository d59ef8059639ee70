// Send the file as the request's body, so that the server reads it as it arrives; say how far it is.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("upload-form");
    const file = document.getElementById("file");
    const drop = document.getElementById("drop");
    const panel = document.getElementById("progress");
    const bar = document.getElementById("bar");
    const said = document.getElementById("said");
    const send = document.getElementById("send");
    const result = document.getElementById("result");
    const size = (bytes) => (bytes < 1 << 20 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`);
    let busy = false;

    for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
    for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => { event.preventDefault(); file.files = event.dataTransfer.files; });
    addEventListener("beforeunload", (event) => busy && event.preventDefault());

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = file.files[0];
      if (!chosen || busy) return;
      busy = send.disabled = true;
      panel.hidden = false;
      result.replaceChildren();
      const began = performance.now();
      const request = new XMLHttpRequest();
      request.open("POST", `${form.getAttribute("action")}?format=${encodeURIComponent(chosen.name.split(".").pop().toLowerCase())}`);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        const rate = loaded / ((performance.now() - began) / 1000);
        bar.value = loaded / total;
        const words = { done: size(loaded), all: size(total), rate: size(rate), left: Math.ceil((total - loaded) / rate) };
        said.textContent = loaded < total ? panel.dataset.sending.replace(/\{(\w+)\}/g, (_, key) => words[key]) : panel.dataset.working;
      });
      const end = () => { busy = send.disabled = false; };
      request.addEventListener("load", () => {
        end();
        // Led elsewhere: only the sign-in does that, and it is no result to be shown here.
        if (new URL(request.responseURL).pathname !== new URL(form.action).pathname) {
          said.textContent = panel.dataset.ended;
          return window.toSignIn(request.responseURL);
        }
        panel.hidden = true;
        const parsed = new DOMParser().parseFromString(request.responseText, "text/html");
        const main = parsed.querySelector("main") || parsed.body;
        const recent = parsed.getElementById("recent");
        if (recent) document.getElementById("recent").replaceWith(recent);
        result.replaceChildren(...main.childNodes);
        result.scrollIntoView({ block: "nearest", behavior: "smooth" });
      });
      for (const name of ["error", "abort"]) request.addEventListener(name, () => { end(); said.textContent = panel.dataset.broken; });
      request.send(chosen);
    });
  });
})();
