"use strict";
(() => {
  const list = document.getElementById("requests");
  const cards = [...list.querySelectorAll("article.card")];
  const controls = document.getElementById("controls");

  // Copying: the clipboard where the browser lends it to a file, else the old way.
  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const done = await copied(button.previousElementSibling.textContent);
      button.focus();
      button.textContent = done ? "copied" : "not copied";
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    });
  }

  // Paper has no way to open what is folded.
  const folded = [];
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details:not([open])")) {
      details.open = true;
      folded.push(details);
    }
  });
  addEventListener("afterprint", () => {
    for (const details of folded.splice(0)) details.open = false;
  });

  if (!controls) return;
  controls.hidden = false;
  const find = document.getElementById("find");
  const sort = document.getElementById("sort");
  const shown = document.getElementById("shown");
  const choices = [...controls.querySelectorAll("button[data-verdict]")];
  // A rule that was not checked says nothing of a request.
  const words = (card) => {
    const skipped = card.querySelector("details.skipped");
    return card.textContent.replace(skipped ? skipped.textContent : "", "").toLowerCase();
  };
  const texts = new Map(cards.map((card) => [card, words(card)]));
  let verdict = "";

  const filter = () => {
    const terms = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const card of cards) {
      const text = texts.get(card);
      const fits = (!verdict || card.dataset.verdict === verdict)
        && terms.every((word) => text.includes(word));
      card.hidden = !fits;
      count += fits ? 1 : 0;
    }
    shown.textContent = count === cards.length ? `${count} requests` : `${count} of ${cards.length} requests`;
  };
  const number = (card, name) => (card.dataset[name] === "" ? -1 : Number(card.dataset[name]));
  const order = () => {
    const by = sort.value;
    const sorted = [...cards].sort((one, other) => {
      const first = number(one, "number") - number(other, "number");
      if (by === "number") return first;
      if (by === "name") {
        return one.dataset.name.localeCompare(other.dataset.name, undefined, { numeric: true }) || first;
      }
      return number(other, by) - number(one, by) || first;
    });
    list.prepend(...sorted);
  };

  find.addEventListener("input", filter);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      find.value = "";
      filter();
    }
  });
  sort.addEventListener("change", order);
  for (const button of choices) {
    button.addEventListener("click", () => {
      verdict = button.dataset.verdict;
      for (const other of choices) other.setAttribute("aria-pressed", String(other === button));
      filter();
    });
  }
  controls.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.matches("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      find.focus();
    }
  });
  filter();
})();
