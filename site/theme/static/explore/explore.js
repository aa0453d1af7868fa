// Figures that a reader may explore: plotly is loaded at the first click, not before.
"use strict";

{
  const root = document.documentElement;
  const style = (name) => {
    // A color as the page has it now, light or dark.
    const probe = document.createElement("i");
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };

  let loading;
  const load = () => (loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${root.dataset.content_root}_static/plotly/plotly-basic.min.js`;
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", () => {
      loading = undefined; // The next click tries again.
      script.remove();
      reject(new Error("plotly"));
    });
    document.head.append(script);
  }));

  // How a figure lies on the page, in its colors.
  const colors = (layout) => {
    const [page, ink, muted, line, raised] = ["page", "ink", "muted", "line", "raised"]
      .map(style);
    const changes = {
      "paper_bgcolor": page, "plot_bgcolor": page,
      "font.color": ink, "hoverlabel.bgcolor": raised, "hoverlabel.bordercolor": line,
      "hoverlabel.font.color": ink,
    };
    for (const name of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key)))
      Object.assign(changes, {
        [`${name}.gridcolor`]: line, [`${name}.zerolinecolor`]: line,
        [`${name}.linecolor`]: muted, [`${name}.tickcolor`]: muted,
        [`${name}.spikecolor`]: muted, [`${name}.spikethickness`]: 1,
        [`${name}.showspikes`]: name.startsWith("x"), [`${name}.title.standoff`]: 8,
      });
    return changes;
  };

  const draw = async (box) => {
    const Plotly = await load();
    const { data, layout } = JSON.parse(box.querySelector("script").textContent);
    const shown = box.querySelector(".drawn");
    const fine = matchMedia("(pointer: fine)").matches;
    delete layout.title; // stands above the figure, where it can take two lines
    Object.assign(layout, {
      autosize: true, dragmode: fine ? "zoom" : false, hovermode: "x unified",
      margin: { t: 10, r: 10, b: 50, l: 55 }, showlegend: false,
      font: { family: getComputedStyle(document.body).fontFamily, size: 13 },
    });
    // No bar of buttons, no address of others, no tips: all of it would be English.
    await Plotly.newPlot(shown, data, layout, {
      displayModeBar: false, displaylogo: false, responsive: true, showTips: false,
    });
    const recolor = () => Plotly.relayout(shown, colors(layout));
    await recolor();
    new MutationObserver(recolor).observe(root, { attributeFilter: ["data-mode"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolor);
    return [Plotly, shown, data, layout];
  };

  // Plotly's own names of lines cannot be reached by keys.
  const choose = (box, [Plotly, shown, data, layout]) => {
    const groups = new Map();
    data.forEach(({ legendgroup, name }, k) => {
      const group = legendgroup ?? name;
      groups.set(group, [...(groups.get(group) ?? []), k]);
    });
    for (const places of groups.values()) {
      const label = document.createElement("label");
      const input = document.createElement("input");
      const { colorway = ["currentColor"] } = layout;
      input.type = "checkbox";
      input.checked = true;
      label.style.setProperty("--own", colorway[places[0] % colorway.length]);
      label.append(input, data[places[0]].name);
      input.addEventListener("change", () =>
        // Those that are only in the legend keep their turn in the colors.
        Plotly.restyle(shown, { visible: input.checked || "legendonly" }, places));
      box.querySelector(".lines").append(label);
    }
  };

  for (const box of document.querySelectorAll("[data-explore]")) {
    const button = box.querySelector("button");
    const figure = box.querySelector("figure");
    const status = box.querySelector("[role=status]");
    let drawn = false;
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (button.getAttribute("aria-busy")) return;
      const open = figure.hidden;
      figure.hidden = !open;
      button.setAttribute("aria-expanded", open);
      if (!open || drawn) return;
      button.setAttribute("aria-busy", "true");
      try {
        choose(box, await draw(box));
        drawn = true;
        status.textContent = "";
      } catch {
        figure.hidden = true;
        button.setAttribute("aria-expanded", "false");
        status.textContent = status.dataset.failed;
      }
      button.removeAttribute("aria-busy");
    });
  }
}
