// Hidden landscapes, and the methods that play on them: each asks for ten values of a
// noisy function of one or four coordinates from 0 to 1, and is judged without noise.
"use strict";

const players = ((mathematics) => {
  const { fit, normal, uniform } = mathematics;
  const ATTEMPTS = 10;
  const WAVES = 60;
  const KAPPA = 2;

  // Returns a smooth function drawn at random: a sum of waves, as a Gaussian process
  // with an RBF kernel is (Rahimi & Recht, 2007). Its units say nothing of its top.
  const landscape = (seed, dimensions) => {
    const random = uniform(seed * 7919 + dimensions);
    const draw = normal(random);
    // Of four coordinates two matter a lot and two hardly.
    const scales = dimensions === 1
      ? [0.08 + 0.14 * random()]
      : [0.25, 0.35, 1.2, 2].map((scale) => scale * (0.8 + 0.4 * random()))
        .map((scale) => [random(), scale]).sort((a, b) => a[0] - b[0]).map(([, s]) => s);
    const waves = Array.from({ length: WAVES }, () => ({
      frequencies: scales.map((scale) => draw() / scale),
      phase: 2 * Math.PI * random(),
    }));
    const shape = (point) => Math.sqrt(2 / WAVES) * waves.reduce((sum, wave) =>
      sum + Math.cos(wave.phase + point.reduce((s, x, i) => s + x * wave.frequencies[i], 0)), 0);
    const unit = 10 ** (3 * random() - 1);
    const shift = unit * 20 * (random() - 0.5);
    const truth = (point) => shift + unit * shape(point);

    const seen = dimensions === 1
      ? Array.from({ length: 501 }, (_, i) => [i / 500])
      : Array.from({ length: 1500 }, () => scales.map(random));
    // The top and the bottom: the best of many points, then small steps from there.
    const extreme = (sign) => {
      let point = seen.reduce((a, b) => (sign * shape(b) > sign * shape(a) ? b : a));
      for (let step = 0.1; step > 1e-3; step /= 2) {
        for (let i = 0; i < 40; i += 1) {
          const near = point.map((x) => Math.min(1, Math.max(0, x + step * draw())));
          if (sign * shape(near) > sign * shape(point)) point = near;
        }
      }
      return point;
    };
    const top = extreme(1);
    const range = truth(top) - truth(extreme(-1));
    const noise = 0.04 * range;
    const errors = Array.from({ length: ATTEMPTS }, () => noise * draw());
    return {
      dimensions, noise, top, truth,
      // The noise belongs to the attempt: the k-th of every player has the same.
      observe: (point, attempt) => truth(point) + errors[attempt],
      // How far below the top, in hundredths of the way from the bottom to the top.
      regret: (point) => 100 * (truth(top) - truth(point)) / range,
    };
  };

  const lengthScales = (dimensions) =>
    dimensions === 1 ? [0.05, 0.1, 0.2, 0.4] : [0.3, 0.6, 1.2];

  // The model of what has been tried, and mean + κ · deviation at a point.
  const model = (tried, { dimensions, noise }, kappa = KAPPA) => {
    const { predict, process } = fit(
      tried.map(({ point }) => point), tried.map(({ value }) => value), noise,
      lengthScales(dimensions),
    );
    const acquisition = (point) => {
      const { mean, deviation } = predict(point);
      return mean + kappa * deviation;
    };
    return { acquisition, predict, process };
  };

  const best = (tried) => tried.reduce((a, b) => (b.value > a.value ? b : a));
  const anywhere = (dimensions, random) => Array.from({ length: dimensions }, random);

  const methods = {
    random: (tried, { dimensions }, random) => anywhere(dimensions, random),

    // Parzen densities of each coordinate, as in the chapter on TPE: of what went well
    // and of the rest, each with a part that is uniform; the best ratio of 24 draws.
    tpe: (tried, { dimensions }, random) => {
      if (tried.length < 4) return anywhere(dimensions, random);
      const draw = normal(random);
      const order = [...tried].sort((a, b) => b.value - a.value);
      const n = Math.ceil(order.length / 4);
      const groups = [order.slice(0, n), order.slice(n)];
      return Array.from({ length: dimensions }, (_, i) => {
        const [good, rest] = groups.map((group) => {
          const centers = group.map(({ point }) => point[i]);
          const width = Math.max(0.08, 0.4 / centers.length);
          const density = (x) => 1 + centers.reduce((sum, center) =>
            sum + Math.exp(-(((x - center) / width) ** 2) / 2) / (width * Math.sqrt(2 * Math.PI)), 0);
          return { centers, density, share: centers.length + 1, width };
        });
        const candidates = Array.from({ length: 24 }, () => {
          const center = good.centers[Math.floor(random() * good.share)];
          const x = center === undefined ? random() : center + good.width * draw();
          return Math.min(1, Math.max(0, x));
        });
        const ratio = (x) => good.density(x) / good.share / (rest.density(x) / rest.share);
        return candidates.reduce((a, b) => (ratio(b) > ratio(a) ? b : a));
      });
    },

    process: (tried, hidden, random) => {
      const { dimensions } = hidden;
      if (tried.length < 2) return anywhere(dimensions, random);
      const { acquisition } = model(tried, hidden);
      const draw = normal(random);
      const center = best(tried).point;
      const candidates = dimensions === 1
        ? Array.from({ length: 201 }, (_, i) => [i / 200])
        : Array.from({ length: 300 }, (_, i) => (i % 3
          ? anywhere(dimensions, random)
          : center.map((x) => Math.min(1, Math.max(0, x + 0.1 * draw())))));
      const values = candidates.map(acquisition);
      return candidates[values.indexOf(Math.max(...values))];
    },
  };

  // Returns what a method tries on a landscape: points, and values with noise.
  const play = (method, hidden, seed) => {
    const random = uniform(seed * 104729 + 17);
    const tried = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const point = methods[method](tried, hidden, random);
      tried.push({ point, value: hidden.observe(point, attempt) });
    }
    return tried;
  };

  // The regret of what one would choose: the point with the best value seen.
  const judge = (tried, hidden) => hidden.regret(best(tried).point);

  return { ATTEMPTS, KAPPA, best, judge, landscape, methods, model, play };
})(typeof mathematics === "undefined" ? require("./process.js") : mathematics);

if (typeof module !== "undefined") module.exports = players;
