package org.riglab.networks.inference;

/** How much two predictions of one image differ. Logits are (C, h, w), row by row. */
final class Stability {
  private Stability() {}

  /** The share of pixels whose largest logit is another class's. */
  static double change(float[] before, float[] now, int classes) {
    int pixels = now.length / classes;
    int changed = 0;
    for (int i = 0; i < pixels; i++) {
      changed += best(before, i, pixels) == best(now, i, pixels) ? 0 : 1;
    }
    return changed / (double) pixels;
  }

  private static int best(float[] logits, int pixel, int pixels) {
    int best = 0;
    for (int c = 1; c * pixels + pixel < logits.length; c++) {
      if (logits[c * pixels + pixel] > logits[best * pixels + pixel]) {
        best = c;
      }
    }
    return best;
  }

  /** The mean entropy of the class probabilities, in nats. */
  static double entropy(float[] logits, int classes) {
    int pixels = logits.length / classes;
    double[] logs = new double[classes];
    double sum = 0;
    for (int i = 0; i < pixels; i++) {
      logSoftmax(logits, i, pixels, logs);
      for (double log : logs) {
        sum -= Math.exp(log) * log;
      }
    }
    return sum / pixels;
  }

  /** The mean of 1 minus the largest class probability. */
  static double doubt(float[] logits, int classes) {
    int pixels = logits.length / classes;
    double[] logs = new double[classes];
    double sum = 0;
    for (int i = 0; i < pixels; i++) {
      logSoftmax(logits, i, pixels, logs);
      sum += 1 - Math.exp(logs[best(logits, i, pixels)]);
    }
    return sum / pixels;
  }

  /** The mean cross entropy of labelled pixels, in nats; NaN if there are none. */
  static double crossEntropy(float[] logits, int classes, byte[] labels) {
    int pixels = logits.length / classes;
    double[] logs = new double[classes];
    double sum = 0;
    int labelled = 0;
    for (int i = 0; i < pixels; i++) {
      int label = labels[i] & 0xff;
      if (label < classes) {
        logSoftmax(logits, i, pixels, logs);
        sum -= logs[label];
        labelled++;
      }
    }
    return labelled == 0 ? Double.NaN : sum / labelled;
  }

  /** The mean Kullback-Leibler divergence KL(p || q) of the class probabilities, in nats. */
  static double divergence(float[] p, float[] q, int classes) {
    int pixels = p.length / classes;
    double[] first = new double[classes];
    double[] second = new double[classes];
    double sum = 0;
    for (int i = 0; i < pixels; i++) {
      logSoftmax(p, i, pixels, first);
      logSoftmax(q, i, pixels, second);
      for (int c = 0; c < classes; c++) {
        sum += Math.exp(first[c]) * (first[c] - second[c]);
      }
    }
    return sum / pixels;
  }

  private static void logSoftmax(float[] logits, int pixel, int pixels, double[] logs) {
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < logs.length; c++) {
      logs[c] = logits[c * pixels + pixel];
      most = Math.max(most, logs[c]);
    }
    double sum = 0;
    for (double value : logs) {
      sum += Math.exp(value - most);
    }
    double total = most + Math.log(sum);
    for (int c = 0; c < logs.length; c++) {
      logs[c] -= total;
    }
  }
}
