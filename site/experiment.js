// Plays 200 landscapes with each method and writes what they leave:
// node site/experiment.js
"use strict";

const { writeFileSync } = require("node:fs");
const { join } = require("node:path");

const folder = join(__dirname, "theme", "static", "experiment");
const { judge, landscape, methods, play } = require(join(folder, "players.js"));
const COUNT = 200;
// Beyond the rounds that a reader is likely to play.
const FIRST = 1001;

const regret = (method, seed, dimensions) => {
  const hidden = landscape(seed, dimensions);
  return Number(judge(play(method, hidden, seed), hidden).toFixed(1));
};

if (require.main === module) {
  const seeds = Array.from({ length: COUNT }, (_, i) => FIRST + i);
  const results = {};
  for (const dimensions of [1, 4]) {
    results[dimensions] = {};
    for (const method of Object.keys(methods))
      results[dimensions][method] = seeds.map((seed) => regret(method, seed, dimensions));
  }
  const text = JSON.stringify(results).replaceAll("],", "],\n").replaceAll(":{", ":{\n");
  writeFileSync(join(folder, "results.js"), `\
// Regrets on landscapes ${FIRST} to ${FIRST + COUNT - 1}; made by site/experiment.js.
"use strict";

const results = ${text};

if (typeof module !== "undefined") module.exports = results;
`);
}

module.exports = { FIRST, regret };
