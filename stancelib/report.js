"use strict";
(() => {
  const form = document.getElementById("filters");
  const tip = document.getElementById("tip");
  const count = document.getElementById("count");
  const hide = document.getElementById("hide");
  const sentences = [...document.querySelectorAll(".s")];
  const names = (axis) =>
    [...form.querySelectorAll(`input[name="${axis}"]`)].map((box) => box.dataset.label).filter(Boolean);
  const themes = names("theme");
  const tones = names("tone");

  // Filters: nothing chosen means everything.
  const chosen = (axis) =>
    new Set([...form.querySelectorAll(`input[name="${axis}"]:checked`)].map((box) => box.value));
  const apply = () => {
    const theme = chosen("theme");
    const tone = chosen("tone");
    let n = 0;
    for (const s of sentences) {
      const own = s.dataset.themes ? s.dataset.themes.split(" ") : ["none"];
      const on =
        (!theme.size || own.some((t) => theme.has(t))) && (!tone.size || tone.has(s.dataset.tone));
      s.classList.toggle("off", !on);
      n += on;
    }
    document.body.classList.toggle("hide", hide.checked);
    count.textContent = `${n} of ${sentences.length} sentences match.`;
    for (const text of document.querySelectorAll(".text")) enter(text);
  };

  // One sentence of a text can be reached with Tab, the others from it with the arrow keys.
  const shown = (text) => [...text.querySelectorAll(hide.checked ? ".s:not(.off)" : ".s")];
  const enter = (text, target) => {
    const there = shown(text);
    const old = text.querySelector('.s[tabindex="0"]');
    const next = target || (there.includes(old) ? old : there[0]);
    if (old && old !== next) old.tabIndex = -1;
    if (next) next.tabIndex = 0;
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return show(null);
    const s = event.target.closest(".s");
    if (!s || event.ctrlKey || event.altKey || event.metaKey) return;
    const there = shown(s.closest(".text"));
    const at = there.indexOf(s);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: there.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (there[to]) there[to].focus();
  });

  // The tip: probabilities of the sentence under the pointer, or else in focus.
  let current = null;
  const row = (list, name, value, classes) => {
    const term = document.createElement("dt");
    const number = document.createElement("dd");
    term.textContent = name;
    number.textContent = `${value < 1 ? "< 1" : value > 99 ? "> 99" : value} %`;
    term.className = number.className = classes;
    list.append(term, number);
  };
  const fill = (s) => {
    const [ofThemes, ofTones, [confidence]] = s.dataset.p.split("|").map((part) => (part ? part.split(" ") : []));
    const own = new Set(s.dataset.themes.split(" "));
    const list = document.createElement("dl");
    ofThemes.forEach((p, i) => row(list, themes[i], p, own.has(String(i)) ? "chosen" : ""));
    ofTones.forEach((p, i) =>
      row(list, tones[i], p, `${String(i) === s.dataset.tone ? "chosen" : ""} ${i ? "" : "break"}`));
    row(list, "confidence", confidence, "break");
    tip.replaceChildren(list);
  };
  const show = (s) => {
    if (s === current) return;
    if (current) current.removeAttribute("aria-describedby");
    current = s;
    tip.hidden = !s;
    if (!s) return;
    fill(s);
    s.setAttribute("aria-describedby", "tip");
    const lines = s.getClientRects();
    const first = lines[0];
    const last = lines[lines.length - 1];
    const below = last.bottom + tip.offsetHeight <= innerHeight || first.top < tip.offsetHeight;
    const left = Math.min(last.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(left, 8) + scrollX}px`;
    tip.style.top = `${(below ? last.bottom : first.top - tip.offsetHeight) + scrollY}px`;
  };
  const focused = () => document.activeElement?.closest(".s");
  document.addEventListener("mouseover", (event) => {
    if (!tip.contains(event.target)) show(event.target.closest(".s") || focused());
  });
  document.addEventListener("focusin", (event) => {
    const s = event.target.closest(".s");
    if (s) enter(s.closest(".text"), s);
    show(s);
  });
  document.addEventListener("focusout", () => show(null));

  form.addEventListener("change", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  for (const key of document.querySelectorAll(".keys")) key.hidden = false;
  apply();
})();
