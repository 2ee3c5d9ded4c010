// The little that is nicer with script. Every page works without it.
"use strict";

// Go to: a palette of purposes and their pages, by keyboard (Ctrl K, or / outside of fields).
(() => {
  const dialog = document.querySelector("dialog.palette");
  const opener = document.querySelector("[data-palette-open]");
  if (!dialog || !opener || !dialog.showModal) return;
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  let places = null;
  let shown = [];
  let at = 0;

  const words = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (place, wanted) => {
    const text = `${place.number ?? ""} ${place.title} ${place.of ?? ""}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  };
  const mark = () => {
    [...list.children].forEach((row, n) => row.setAttribute("aria-selected", String(n === at)));
    const row = list.children[at];
    field.setAttribute("aria-activedescendant", row ? row.id : "");
    if (row) row.scrollIntoView({ block: "nearest" });
  };
  const draw = () => {
    const wanted = words(field.value);
    shown = places.filter((place) => fits(place, wanted)).slice(0, 40);
    list.replaceChildren(
      ...shown.map((place, n) => {
        const row = document.createElement("a");
        row.id = `palette-${n}`;
        row.role = "option";
        row.href = place.href;
        row.tabIndex = -1;
        row.className = place.number ? `purpose p${place.number}` : "";
        const number = document.createElement("span");
        number.className = "number";
        number.textContent = place.number ?? "";
        const title = document.createElement("span");
        title.textContent = place.title;
        const of = document.createElement("small");
        of.textContent = place.of ?? "";
        row.append(number, title, of);
        return row;
      }),
    );
    at = 0;
    mark();
  };
  const open = async () => {
    if (!places) {
      const answer = await fetch("/house/palette", { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      places = (await answer.json()).places;
    }
    field.value = "";
    draw();
    dialog.showModal();
    field.focus();
  };

  opener.hidden = false;
  opener.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const called = (event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing);
    if (called && !dialog.open) {
      event.preventDefault();
      open();
    }
  });
  field.addEventListener("input", draw);
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length) {
      event.preventDefault();
      at = (at + step + shown.length) % shown.length;
      mark();
    } else if (event.key === "Enter" && shown[at]) {
      event.preventDefault();
      location.assign(shown[at].href);
    }
  });
})();

// A form that is sent twice by a double click is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 4000);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// A file that is too large is refused before it is sent.
document.querySelectorAll("input[type=file][data-most]").forEach((input) => {
  input.addEventListener("change", () => {
    const large = [...input.files].some((file) => file.size > Number(input.dataset.most));
    input.setCustomValidity(large ? input.dataset.tooLarge : "");
    if (large) input.reportValidity();
  });
});

// Selects that act at once have their button for those without script.
document.querySelectorAll("select[data-go]").forEach((select) => {
  select.addEventListener("change", () => select.form.requestSubmit());
  select.form.querySelector("button")?.classList.add("aside");
});

// Columns of a page can be sorted by it.
document.querySelectorAll("table[data-sorts] thead th:not([data-plain])").forEach((head) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "sort";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const table = head.closest("table");
    const body = table.tBodies[0];
    const at = [...head.parentNode.children].indexOf(head);
    const down = head.getAttribute("aria-sort") === "ascending";
    const text = (row) => row.cells[at]?.dataset.value ?? row.cells[at]?.textContent.trim() ?? "";
    const compare = new Intl.Collator(undefined, { numeric: true }).compare;
    const rows = [...body.rows].sort((a, b) => compare(text(a), text(b)) * (down ? -1 : 1));
    table.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...rows);
  });
});

// Work under way tells of itself.
document.querySelectorAll("[data-refresh]").forEach((part) => {
  const again = async () => {
    const answer = await fetch(part.dataset.refresh, { headers: { accept: "text/html" } });
    if (answer.redirected || answer.status === 404 || answer.headers.get("x-done")) {
      location.reload();
      return;
    }
    if (answer.ok) part.innerHTML = await answer.text();
    setTimeout(again, 1000);
  };
  setTimeout(again, 1000);
});

// A secret behind # goes into its field, and out of the address.
document.querySelectorAll("[data-from-hash]").forEach((field) => {
  if (location.hash.length > 1) {
    field.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  }
});
