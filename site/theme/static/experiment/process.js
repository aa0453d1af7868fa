// The mathematics of the experiment: a Gaussian process with an RBF kernel, and numbers
// at random that follow from a seed. Points are arrays of coordinates from 0 to 1.
"use strict";

const mathematics = (() => {
  // Returns a function that draws from 0 to 1 (the generator is called mulberry32).
  const uniform = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };

  // Returns a function that draws from the standard normal distribution.
  const normal = (random) => () =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

  const covariance = (a, b, lengthScale) => {
    let square = 0;
    for (let i = 0; i < a.length; i += 1) square += (a[i] - b[i]) ** 2;
    return Math.exp(-square / (2 * lengthScale ** 2));
  };

  // Returns the lower triangle L of a matrix that is L times its transpose.
  const cholesky = (matrix) => {
    const lower = matrix.map(() => []);
    for (let i = 0; i < matrix.length; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        let sum = matrix[i][j];
        for (let k = 0; k < j; k += 1) sum -= lower[i][k] * lower[j][k];
        if (i === j && sum <= 0) throw new Error("the matrix is not positive definite");
        lower[i][j] = i === j ? Math.sqrt(sum) : sum / lower[j][j];
      }
    }
    return lower;
  };

  const solveLower = (lower, right) => {
    const solved = [];
    for (let i = 0; i < right.length; i += 1) {
      let sum = right[i];
      for (let k = 0; k < i; k += 1) sum -= lower[i][k] * solved[k];
      solved.push(sum / lower[i][i]);
    }
    return solved;
  };

  const solveUpper = (lower, right) => {
    const solved = [...right];
    for (let i = right.length - 1; i >= 0; i -= 1) {
      for (let k = i + 1; k < right.length; k += 1) solved[i] -= lower[k][i] * solved[k];
      solved[i] /= lower[i][i];
    }
    return solved;
  };

  const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);

  // A process of mean 0 and deviation 1 before anything is seen. `noise` is the
  // deviation of the noise in what is observed.
  class Process {
    constructor(lengthScale, noise, points = [], values = []) {
      Object.assign(this, { lengthScale, noise, points, values });
      const matrix = points.map((a, i) =>
        points.map((b, j) => covariance(a, b, lengthScale) + (i === j ? noise ** 2 : 0)));
      this.lower = cholesky(matrix);
      this.weights = solveUpper(this.lower, solveLower(this.lower, values));
    }

    // Returns the mean and the deviation of the function, without noise, at a point.
    predict(point) {
      const near = this.points.map((each) => covariance(point, each, this.lengthScale));
      const known = solveLower(this.lower, near);
      return {
        mean: dot(near, this.weights),
        deviation: Math.sqrt(Math.max(0, 1 - dot(known, known))),
      };
    }

    // Returns the logarithm of the marginal likelihood of what was observed.
    likelihood() {
      const half = this.lower.reduce((sum, row, i) => sum + Math.log(row[i]), 0);
      return -dot(this.values, this.weights) / 2 - half
        - (this.values.length / 2) * Math.log(2 * Math.PI);
    }

    // Returns one function drawn from the process, as its values at some points.
    draw(points, draw) {
      const known = points.map((point) => solveLower(
        this.lower, this.points.map((each) => covariance(point, each, this.lengthScale)),
      ));
      const matrix = points.map((a, i) => points.map((b, j) =>
        covariance(a, b, this.lengthScale) - dot(known[i], known[j]) + (i === j ? 1e-6 : 0)));
      const lower = cholesky(matrix);
      const random = points.map(draw);
      return points.map((point, i) => this.predict(point).mean + dot(lower[i], random));
    }
  }

  // Returns the process whose length scale makes what was observed most likely, of the
  // values in their own units, and how to turn a prediction back into these units.
  const fit = (points, values, noise, lengthScales) => {
    const center = dot(values, values.map(() => 1)) / (values.length || 1);
    const spread = Math.sqrt(dot(values, values) / (values.length || 1) - center ** 2) || 1;
    const scaled = values.map((value) => (value - center) / spread);
    let best = null;
    for (const lengthScale of lengthScales) {
      const process = new Process(lengthScale, noise / spread, points, scaled);
      const likelihood = process.likelihood();
      if (!best || likelihood > best.likelihood) best = { process, likelihood };
    }
    const predict = (point) => {
      const { mean, deviation } = best.process.predict(point);
      return { mean: center + spread * mean, deviation: spread * deviation };
    };
    return { predict, process: best.process };
  };

  return { Process, fit, normal, uniform };
})();

if (typeof module !== "undefined") module.exports = mathematics;
