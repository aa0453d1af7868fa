// The questions of a chapter become ones that can be clicked. Without scripts they stay
// lists with answers to open. What was chosen stays on the reader's device.
"use strict";

const selfCheck = document.getElementById("self-check");
if (selfCheck) {
  const words = JSON.parse(document.getElementById("messages").textContent);
  const key = `hpocourse-quiz:${document.body.dataset.page}`;
  let answers = {};
  try { answers = JSON.parse(localStorage.getItem(key)) ?? {}; } catch { /* None. */ }
  const keep = () => {
    try { localStorage.setItem(key, JSON.stringify(answers)); } catch { /* Not kept. */ }
  };
  const letterOf = (element) => element?.textContent.match(/^\s*\((.)\)/)?.[1];
  // Takes "(a) " off the beginning of an element.
  const bare = (element) => {
    const copy = element.cloneNode(true);
    const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode;
      if (!text.data.trim()) continue;
      const whole = text.data.match(/^\s*\(.\)\s*/);
      if (whole) text.data = text.data.slice(whole[0].length);
      break;
    }
    return copy;
  };

  const questions = [];
  for (const details of selfCheck.querySelectorAll("details")) {
    const list = details.previousElementSibling;
    const answer = details.querySelector("p > strong");
    if (list?.tagName !== "UL" || !letterOf(answer)) continue;
    const reasons = new Map();
    const right = bare(answer.parentElement);
    right.querySelector("strong")?.remove();
    reasons.set(letterOf(answer), right);
    for (const item of details.querySelectorAll("ul > li"))
      reasons.set(letterOf(item), bare(item));
    questions.push({ details, list, right: letterOf(answer), reasons });
  }

  const score = document.createElement("p");
  score.className = "score";
  score.setAttribute("role", "status");
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = words.again;
  const tally = () => {
    const done = questions.filter((_, k) => answers[k]);
    const right = questions.filter(({ right }, k) => answers[k] === right);
    score.hidden = done.length < questions.length;
    score.replaceChildren(
      words.score.replace("{right}", right.length).replace("{all}", questions.length), " ", again,
    );
  };

  questions.forEach(({ details, list, right, reasons }, k) => {
    details.hidden = true;
    list.classList.add("options");
    const options = [...list.children].map((item) => {
      const letter = letterOf(item);
      const button = document.createElement("button");
      button.type = "button";
      button.append(...(item.querySelector(":scope > p") ?? item).childNodes);
      const why = document.createElement("div");
      why.className = "why";
      why.setAttribute("role", "status");
      item.replaceChildren(button, why);
      return { item, letter, button, why };
    });
    const open = ({ item, letter, button, why }) => {
      const isRight = letter === right;
      item.dataset.state = isRight ? "right" : "wrong";
      button.setAttribute("aria-pressed", "true");
      const verdict = document.createElement("strong");
      verdict.textContent = isRight ? words.right : words.wrong;
      why.replaceChildren(verdict, " ", ...reasons.get(letter).cloneNode(true).childNodes);
    };
    for (const option of options) {
      option.button.setAttribute("aria-pressed", "false");
      option.button.addEventListener("click", () => {
        open(option);
        answers[k] ??= option.letter; // the first choice counts
        keep();
        tally();
      });
      if (answers[k] === option.letter) open(option);
    }
    again.addEventListener("click", () => {
      for (const { item, button, why } of options) {
        delete item.dataset.state;
        button.setAttribute("aria-pressed", "false");
        why.replaceChildren();
      }
    });
  });
  again.addEventListener("click", () => {
    answers = {};
    keep();
    tally();
    questions[0].list.querySelector("button").focus();
  });
  if (questions.length) {
    questions.at(-1).details.after(score);
    tally();
  }
}
