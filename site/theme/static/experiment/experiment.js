// The experiment in the page: be the optimizer. Each element with `data-experiment` gets
// its controls and its drawing here; what a reader needs without them stands in the page.
"use strict";

(() => {
  const { Process, normal, uniform } = mathematics;
  const { ATTEMPTS, KAPPA, best, judge, landscape, model, play } = players;
  const words = JSON.parse(document.getElementById("experiment-words").textContent);
  const language = document.documentElement.lang;
  // On a telephone a narrower drawing is not shrunk as much: it is higher, its dots larger.
  const WIDTH = matchMedia("(max-width: 44rem)").matches ? 400 : 640;
  const HEIGHT = 260, STRIP = 80, EDGE = 8;
  const GRID = Array.from({ length: 161 }, (_, i) => [i / 160]);

  const say = (text, values) =>
    text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const number = (value, digits = 2) => value.toLocaleString(language, {
    minimumFractionDigits: digits, maximumFractionDigits: digits });
  // Values have units of their own: three digits of what is seen are enough.
  const measured = (value) => value.toLocaleString(language, { maximumSignificantDigits: 3 });

  const make = (name, attributes = {}, ...content) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...content);
    return element;
  };
  const shape = (name, attributes, ...content) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...content);
    return element;
  };
  const button = (text, press) => {
    const element = make("button", { type: "button" }, text);
    element.addEventListener("click", press);
    return element;
  };
  const slider = (text, { min = 0, max = 1, step = 0.005, value = 0.5, shown = number }, change) => {
    const input = make("input", { type: "range", min, max, step, value });
    const output = make("output", {}, shown(value));
    input.addEventListener("input", () => {
      output.textContent = shown(Number(input.value));
      change?.(Number(input.value));
    });
    const label = make("label", {}, make("span", {}, text), input, output);
    const set = (to) => { input.value = to; output.textContent = shown(Number(input.value)); };
    return { input, label, set };
  };

  // A drawing whose vertical axis shows what has been seen, and no more.
  const drawing = () => {
    const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT + STRIP}`, role: "img" });
    const x = (at) => EDGE + at * (WIDTH - 2 * EDGE);
    const scale = (values, low, high) => {
      const least = Math.min(...values), most = Math.max(...values);
      const pad = 0.12 * (most - least) || 1;
      return (value) => high - ((value - least + pad) / (most - least + 2 * pad)) * (high - low);
    };
    const path = (points, values, y) =>
      points.map((point, i) => `${i ? "L" : "M"}${x(point).toFixed(1)} ${y(values[i]).toFixed(1)}`).join("");
    return { path, scale, svg, x };
  };

  const showModel = ({ svg, x, path, scale }, view, extra) => {
    const { points, predictions, values, strip, next } = view;
    const low = predictions.map(({ mean, deviation }) => mean - 2 * deviation);
    const high = predictions.map(({ mean, deviation }) => mean + 2 * deviation);
    const y = scale([...(points.length || !view.tried ? [...low, ...high] : [0]), ...values, ...extra.flat()],
      0, HEIGHT);
    svg.replaceChildren(shape("rect", { x: 0, y: 0, width: WIDTH, height: HEIGHT, class: "ground" }));
    const at = GRID.map(([each]) => each);
    if (points.length || !view.tried) {
      svg.append(
        shape("path", { class: "band", d: `${path(at, high, y)}L${
          path([...at].reverse(), [...low].reverse(), y).slice(1)}Z` }),
        shape("path", { class: "mean", d: path(at, predictions.map(({ mean }) => mean), y) }),
      );
      const under = scale(strip, HEIGHT + 14, HEIGHT + STRIP);
      svg.append(
        shape("path", { class: "acquisition", d: path(at, strip, under) }),
        shape("line", { class: "next", x1: x(next), x2: x(next), y1: 0, y2: HEIGHT + STRIP }),
      );
    }
    for (const values of extra) svg.append(shape("path", { class: "drawn", d: path(at, values, y) }));
    points.forEach((point, i) => svg.append(
      shape("circle", { class: "seen", cx: x(point), cy: y(values[i]), r: 5 })));
    return y;
  };

  const highest = (values) => GRID[values.indexOf(Math.max(...values))][0];

  // --- Ten attempts, on a curve or in four dimensions ---------------------------

  const key = "hpocourse-experiment";
  const load = () => {
    try { return JSON.parse(localStorage.getItem(key)) ?? {}; } catch { return {}; }
  };
  const keep = (dimensions, round, regret) => {
    const all = load();
    (all[dimensions] ??= {})[round] ??= regret; // the first time counts
    try { localStorage.setItem(key, JSON.stringify(all)); } catch { /* Not kept. */ }
    return Object.values(all[dimensions]);
  };
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const halfWidth = (values) => {
    const center = mean(values);
    const variance = values.reduce((sum, v) => sum + (v - center) ** 2, 0) / (values.length - 1);
    return 1.96 * Math.sqrt(variance / values.length);
  };

  const table = (heads, rows) => make("div", { class: "table", tabindex: 0 }, make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text)))),
    make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((text, i) =>
      make(i ? "td" : "th", i ? {} : { scope: "row" }, text)))))));

  const game = (root, dimensions) => {
    let round, hidden, tried;
    const status = make("p", { role: "status" });
    const end = make("div", { class: "end" });
    const picture = drawing();
    const labels = dimensions === 1 ? [words.position]
      : Array.from({ length: dimensions }, (_, i) => say(words.coordinate, { number: i + 1 }));
    const sliders = labels.map((text) => slider(text, {}, () => guide()));
    const go = button(words.evaluate, () => attempt(sliders.map(({ input }) => Number(input.value))));
    const seen = make("div");
    const rounds = make("p", { class: "rounds" });
    const shown = make("input", { type: "checkbox", checked: "" });
    shown.addEventListener("change", () => draw());
    const guide = () => {
      if (dimensions > 1) return;
      const line = picture.svg.querySelector(".guide") ?? picture.svg.appendChild(
        shape("line", { class: "guide", y1: 0, y2: HEIGHT }));
      const at = picture.x(Number(sliders[0].input.value));
      line.setAttribute("x1", at);
      line.setAttribute("x2", at);
    };

    const draw = (others = []) => {
      const values = tried.map(({ value }) => value);
      if (dimensions > 1) {
        const { svg, scale, x } = picture;
        const truths = others.flatMap((each) => each.tried.map(({ value }) => value));
        const y = scale([...values, ...truths, ...(values.length ? [] : [0, 1])], 0, HEIGHT);
        const at = (i) => x((i + 0.5) / ATTEMPTS);
        svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
        svg.replaceChildren(shape("rect", { x: 0, y: 0, width: WIDTH, height: HEIGHT, class: "ground" }));
        for (const { name, tried: theirs } of others)
          theirs.forEach(({ value }, i) => svg.append(
            shape("circle", { class: name, cx: at(i), cy: y(value), r: 4 })));
        values.forEach((value, i) => svg.append(
          shape("circle", { class: "seen", cx: at(i), cy: y(value), r: 6 })));
        return;
      }
      const points = tried.map(({ point }) => point[0]);
      const finished = tried.length === ATTEMPTS;
      const truth = finished ? [GRID.map((point) => hidden.truth(point))] : [];
      const look = shown.checked && tried.length ? model(tried, hidden) : null;
      const strip = look ? GRID.map((point) => look.acquisition(point)) : [];
      showModel(picture, {
        points: look ? points : [], values: look ? values : [], tried: true, strip,
        predictions: look ? GRID.map((point) => look.predict(point)) : [],
        next: look ? highest(strip) : 0,
      }, truth);
      if (!look) {
        const y = picture.scale([...values, ...truth.flat(), ...(values.length ? [] : [0, 1])], 0, HEIGHT);
        picture.svg.querySelectorAll(".drawn").forEach((each, i) =>
          each.setAttribute("d", picture.path(GRID.map(([x]) => x), truth[i], y)));
        points.forEach((point, i) => picture.svg.append(
          shape("circle", { class: "seen", cx: picture.x(point), cy: y(values[i]), r: 5 })));
      }
      guide();
    };

    const finish = () => {
      const rows = [{ name: "seen", label: words.you, tried }];
      for (const name of ["random", "tpe", "process"])
        rows.push({ name, label: words[name], tried: play(name, hidden, round) });
      const own = judge(tried, hidden);
      const regrets = keep(dimensions, round, own);
      const many = results[dimensions];
      draw(rows.slice(1));
      end.replaceChildren(
        make("p", {}, say(words.judged, { regret: number(own, 1) })),
        table([words.player, words.here, say(words.many, { count: many.random.length })],
          rows.map(({ name, label, tried: theirs }) => {
            const all = name === "seen" ? regrets : many[name];
            const average = name === "seen" && all.length < 2 ? "–"
              : `${number(mean(all), 1)} ± ${number(halfWidth(all), 1)}`;
            // In four dimensions the drawing has dots of everybody.
            const who = dimensions === 1 ? label : make("span", { class: `key ${name}` }, label);
            return [who, number(judge(theirs, hidden), 1),
              name === "seen" ? `${average} (${say(words.rounds, { count: all.length })})` : average];
          })),
        make("p", { class: "note" }, words.note),
        button(words.another, () => start(round + 1)),
      );
    };

    const attempt = (point) => {
      if (tried.length === ATTEMPTS) return;
      tried.push({ point, value: hidden.observe(point, tried.length) });
      const top = best(tried);
      const where = (p) => p.map((each) => number(each)).join("; ");
      status.textContent = say(words.status, {
        done: tried.length, all: ATTEMPTS, point: where(point), value: measured(tried.at(-1).value),
        best: measured(top.value), at: where(top.point),
      });
      seen.replaceChildren(table([words.attempt, words.point, words.value],
        tried.map((each, i) => [i + 1, where(each.point), measured(each.value)])));
      go.disabled = tried.length === ATTEMPTS;
      draw();
      if (tried.length === ATTEMPTS) finish();
      picture.svg.setAttribute("aria-label", status.textContent);
    };

    const start = (to) => {
      round = Math.max(1, Math.floor(to) || 1);
      hidden = landscape(round, dimensions);
      tried = [];
      go.disabled = false;
      end.replaceChildren();
      seen.replaceChildren();
      status.textContent = say(words.start, { all: ATTEMPTS });
      picture.svg.setAttribute("aria-label", status.textContent);
      const link = make("a", { href: `?round=${round}#${root.closest("section")?.id ?? ""}` }, words.link);
      rounds.replaceChildren(`${say(words.round, { round })} ·`, link,
        button(words.another, () => start(round + 1)));
      draw();
    };

    picture.svg.addEventListener("click", (event) => {
      if (dimensions > 1) return;
      const box = picture.svg.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width * WIDTH - EDGE) / (WIDTH - 2 * EDGE);
      const point = Math.round(Math.min(1, Math.max(0, at)) * 200) / 200;
      sliders[0].set(point);
      attempt([point]);
    });
    root.replaceChildren(rounds, picture.svg,
      make("div", { class: "controls" }, ...sliders.map(({ label }) => label), go));
    if (dimensions === 1) root.append(make("label", { class: "choice" }, shown, words.model));
    root.append(status, end, make("details", {}, make("summary", {}, words.list), seen));
    start(Number(new URLSearchParams(location.search).get("round")) || 1);
  };

  // --- Draws from a Gaussian process ---------------------------------------------

  const OBSERVED = [[0.15, 0.4], [0.7, 1.1], [0.4, -0.8], [0.9, -0.3], [0.55, 0.2], [0.28, -0.2]];
  const COUNTS = [0, 2, 4, 6];

  const draws = (root) => {
    let seed = 1, count = 2;
    const status = make("p", { role: "status" });
    const picture = drawing();
    const scaleSlider = slider(words.lengthScale, { min: 0.03, max: 0.5, step: 0.01, value: 0.15 }, () => draw());
    const noiseSlider = slider(words.noise, { min: 0, max: 0.5, step: 0.01, value: 0.05 }, () => draw());
    const kappaSlider = slider(words.kappa, { min: 0, max: 5, step: 0.1, value: KAPPA,
      shown: (value) => number(value, 1) }, () => draw());
    const choices = COUNTS.map((each) => button(String(each), () => { count = each; draw(); }));
    const draw = () => {
      choices.forEach((choice, i) => choice.setAttribute("aria-pressed", COUNTS[i] === count));
      const observed = OBSERVED.slice(0, count);
      const noise = Math.max(1e-4, Number(noiseSlider.input.value));
      const kappa = Number(kappaSlider.input.value);
      const process = new Process(Number(scaleSlider.input.value), noise,
        observed.map(([x]) => [x]), observed.map(([, y]) => y));
      const predictions = GRID.map((point) => process.predict(point));
      const strip = predictions.map(({ mean: m, deviation }) => m + kappa * deviation);
      const random = normal(uniform(seed));
      const some = GRID.filter((_, i) => i % 2 === 0);
      const functions = Array.from({ length: 5 }, () => process.draw(some, random));
      const whole = functions.map((values) => GRID.map((_, i) => (i % 2
        ? (values[(i - 1) / 2] + values[(i + 1) / 2]) / 2 : values[i / 2])));
      const next = highest(strip);
      showModel(picture, { points: observed.map(([x]) => x), values: observed.map(([, y]) => y),
        predictions, strip, next }, whole);
      const at = process.predict([next]);
      status.textContent = say(words.next, { point: number(next), mean: number(at.mean),
        deviation: number(at.deviation), kappa: number(kappa, 1) });
      picture.svg.setAttribute("aria-label", status.textContent);
    };
    root.replaceChildren(picture.svg,
      make("div", { class: "controls" }, scaleSlider.label, noiseSlider.label, kappaSlider.label),
      make("p", { class: "rounds", role: "group", "aria-label": words.observed }, words.observed,
        ...choices, button(words.redraw, () => { seed += 1; draw(); })),
      status);
    draw();
  };

  for (const root of document.querySelectorAll("[data-experiment]")) {
    root.classList.add("ready");
    if (root.dataset.experiment === "draws") draws(root);
    else game(root, root.dataset.experiment === "four" ? 4 : 1);
  }
})();
