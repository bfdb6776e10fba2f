package org.riglab.datasets.internal;

import java.util.Arrays;
import org.riglab.api.data.Dataset;

/**
 * Paints one scene of {@link ShapesDataset}. Integer arithmetic throughout, so that every machine
 * paints the same bytes. Lengths are in {@link #UNIT}s per pixel, angles in {@link #TURN}s.
 */
final class ShapesScene {
  private static final int UNIT = 16;
  private static final int TURN = 1024;
  private static final int FAR = Integer.MAX_VALUE;

  /** Width of the void border around a body. */
  private static final int BORDER = UNIT * 3 / 2;

  /** Side of the background's lattice cells in pixels. */
  private static final int CELL = 16;

  private static final int ATTEMPTS = 16;

  /** Sines of a full turn, times 4096; StrictMath is equal everywhere. */
  private static final int[] SINE = new int[TURN];

  static {
    for (int a = 0; a < TURN; a++) {
      SINE[a] = (int) StrictMath.rint(4096 * StrictMath.sin(2 * StrictMath.PI * a / TURN));
    }
  }

  private final int height;
  private final int width;
  private final int side;
  private final int classes;
  private final Difficulty difficulty;
  private final RandomStream random;
  private final byte[] image;
  private final byte[] label;

  /** Heads, which nothing may cover. */
  private final boolean[] head;

  /** Squared distance of each pixel to the path in hand, and the step where the path is nearest. */
  private final int[] distance;

  private final int[] nearest;

  ShapesScene(int height, int width, int classes, Difficulty difficulty, RandomStream random) {
    this.height = height;
    this.width = width;
    this.side = Math.min(height, width);
    this.classes = classes;
    this.difficulty = difficulty;
    this.random = random;
    this.image = new byte[height * width * 3];
    this.label = new byte[height * width];
    this.head = new boolean[height * width];
    this.distance = new int[height * width];
    this.nearest = new int[height * width];
  }

  /** Paints everything, back to front. */
  void paint() {
    background();
    for (int i = 0; i < difficulty.strokes(); i++) {
      stroke();
    }
    for (int i = 0; i < difficulty.headless(); i++) {
      body(0);
    }
    int bodies = random.between(difficulty.leastBodies(), difficulty.mostBodies());
    for (int i = 0; i < bodies; i++) {
      body(random.between(1, classes - 1));
    }
    for (int i = 0; i < difficulty.looseHeads(); i++) {
      looseHead();
    }
    noise();
  }

  /**
   * @return H*W*3 bytes
   */
  byte[] image() {
    return image;
  }

  /**
   * @return H*W bytes
   */
  byte[] label() {
    return label;
  }

  /**
   * @return H*W bytes, 1 for the head of a body, not for a loose one
   */
  byte[] heads() {
    byte[] heads = new byte[head.length];
    for (int i = 0; i < head.length; i++) {
      heads[i] = (byte) (head[i] && label[i] != 0 ? 1 : 0);
    }
    return heads;
  }

  /** Soft colours between the corners of a lattice. */
  private void background() {
    int columns = width / CELL + 2;
    int rows = height / CELL + 2;
    int[] lattice = new int[rows * columns * 3];
    for (int i = 0; i < lattice.length; i++) {
      lattice[i] = random.between(60, 170);
    }
    for (int y = 0; y < height; y++) {
      int fy = y % CELL;
      for (int x = 0; x < width; x++) {
        int fx = x % CELL;
        int corner = (y / CELL * columns + x / CELL) * 3;
        for (int c = 0; c < 3; c++, corner++) {
          int top = lattice[corner] * (CELL - fx) + lattice[corner + 3] * fx;
          int low = corner + 3 * columns;
          int bottom = lattice[low] * (CELL - fx) + lattice[low + 3] * fx;
          image[(y * width + x) * 3 + c] =
              (byte) ((top * (CELL - fy) + bottom * fy) / (CELL * CELL));
        }
      }
    }
  }

  private void stroke() {
    Path path = new Path(random.between(side / 16, side / 6));
    path.lead(Form.BAR);
    path.moveTo(random.below(width) * UNIT, random.below(height) * UNIT);
    int radius = random.between(UNIT * 3 / 4, Math.max(UNIT, side * UNIT / 48));
    int red = muted();
    int green = muted();
    int blue = muted();
    measure(path, radius);
    for (int i = 0; i < distance.length; i++) {
      if (distance[i] <= radius * radius) {
        put(i, red, green, blue);
      }
    }
  }

  /**
   * Paints a body and its head; nothing, if no place is found.
   *
   * @param c its class; 0 for a body without a head
   */
  private void body(int c) {
    int radius = bodyRadius();
    int headRadius = headRadius(radius);
    int reach = headRadius + BORDER;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int length = side * random.between(difficulty.leastLength(), difficulty.mostLength()) / 100;
      Path path = new Path(length);
      Form form = Form.values()[random.below(Form.values().length)];
      path.lead(difficulty.straight() ? Form.BAR : form);
      if (!path.place(reach)) {
        continue;
      }
      measure(path, reach);
      if (free(reach)) {
        fill(path, c, radius, headRadius);
        return;
      }
    }
  }

  /** A channel of a colour that no head has. */
  private int muted() {
    return random.between(60, 190);
  }

  private int bodyRadius() {
    return side * UNIT * random.between(45, 60) / 1000;
  }

  private static int headRadius(int bodyRadius) {
    return bodyRadius * 3 / 2;
  }

  private boolean free(int reach) {
    for (int i = 0; i < distance.length; i++) {
      if (distance[i] <= reach * reach && (head[i] || !difficulty.overlap() && label[i] != 0)) {
        return false;
      }
    }
    return true;
  }

  private void fill(Path path, int c, int radius, int headRadius) {
    int red = muted();
    int green = muted();
    int blue = muted();
    int period = random.between(3, 6);
    for (int i = 0; i < distance.length; i++) {
      int toHead = c == 0 ? FAR : path.squaredDistance(0, i);
      if (distance[i] <= radius * radius || toHead <= headRadius * headRadius) {
        label[i] = (byte) c;
        if (toHead <= headRadius * headRadius) {
          head(i, c);
        } else {
          int shade = nearest[i] / period % 2 == 0 ? 30 : -30;
          put(i, red + shade, green + shade, blue + shade);
        }
      } else if (c != 0
          && (distance[i] <= square(radius + BORDER) || toHead <= square(headRadius + BORDER))) {
        label[i] = (byte) Dataset.VOID;
      }
    }
  }

  /** A head where there is only background around. */
  private void looseHead() {
    int radius = headRadius(bodyRadius());
    int c = random.between(1, classes - 1);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Path path = new Path(1);
      if (!path.place(radius)) {
        continue;
      }
      measure(path, radius + 3 * BORDER);
      boolean free = true;
      for (int i = 0; i < distance.length && free; i++) {
        free = distance[i] > square(radius + 3 * BORDER) || label[i] == 0 && !head[i];
      }
      if (free) {
        for (int i = 0; i < distance.length; i++) {
          if (distance[i] <= radius * radius) {
            head(i, c);
          }
        }
        return;
      }
    }
  }

  private void head(int pixel, int c) {
    int rgb = ShapesDataset.colour(c, classes);
    put(pixel, rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255);
    head[pixel] = true;
  }

  private void noise() {
    for (int i = 0; i < height * width; i++) {
      long bits = random.next();
      for (int c = 0; c < 3; c++, bits >>>= 16) {
        int value = Byte.toUnsignedInt(image[3 * i + c]) + (int) (bits & 31) - 16;
        image[3 * i + c] = (byte) Math.max(0, Math.min(255, value));
      }
    }
  }

  private void put(int pixel, int red, int green, int blue) {
    image[3 * pixel] = (byte) red;
    image[3 * pixel + 1] = (byte) green;
    image[3 * pixel + 2] = (byte) blue;
  }

  /** Fills {@link #distance} and {@link #nearest} as far as the radius reaches. */
  private void measure(Path path, int radius) {
    Arrays.fill(distance, FAR);
    int reach = radius / UNIT + 1;
    for (int step = 0; step < path.length; step++) {
      int column = path.x[step] / UNIT;
      int row = path.y[step] / UNIT;
      for (int y = Math.max(0, row - reach); y <= Math.min(height - 1, row + reach); y++) {
        for (int x = Math.max(0, column - reach); x <= Math.min(width - 1, column + reach); x++) {
          int i = y * width + x;
          int d = path.squaredDistance(step, i);
          if (d < distance[i]) {
            distance[i] = d;
            nearest[i] = step;
          }
        }
      }
    }
  }

  private static int square(int a) {
    return a * a;
  }

  private enum Form {
    BAR,
    HOOK,
    ARC,
    WORM
  }

  /** The middle of a body: one point per pixel of length; the head sits on the first. */
  private final class Path {
    private int length;
    private final int[] x;
    private final int[] y;

    Path(int length) {
      this.length = Math.max(1, length);
      this.x = new int[this.length];
      this.y = new int[this.length];
    }

    void lead(Form form) {
      // in 1/64 of the angle's unit, so that long arcs bend evenly
      int heading = random.below(TURN) * 64;
      int corner = random.between(length / 3, length * 2 / 3);
      int sign = random.below(2) * 2 - 1;
      int bend =
          form == Form.ARC ? sign * random.between(TURN * 3 / 10, TURN * 6 / 10) * 64 / length : 0;
      // in 1/4096 of the unit, so that steps do not lose what they round off
      int atX = 0;
      int atY = 0;
      for (int i = 0; i < length; i++) {
        x[i] = atX >> 12;
        y[i] = atY >> 12;
        if (form == Form.HOOK && i == corner) {
          heading += sign * TURN / 4 * 64;
        }
        if (form == Form.WORM && i % Math.max(4, side / 8) == 0) {
          bend = random.between(-TURN, TURN) * 32 / side;
        }
        heading += bend;
        int angle = heading >> 6 & TURN - 1;
        atX += UNIT * SINE[angle + TURN / 4 & TURN - 1];
        atY += UNIT * SINE[angle];
      }
    }

    /** Moves it to a random place where it keeps the margin, cut shorter where it must be. */
    boolean place(int margin) {
      while (length > side / 4 || length == 1) {
        int left = Arrays.stream(x, 0, length).min().getAsInt();
        int right = Arrays.stream(x, 0, length).max().getAsInt();
        int top = Arrays.stream(y, 0, length).min().getAsInt();
        int bottom = Arrays.stream(y, 0, length).max().getAsInt();
        int roomX = width * UNIT - 2 * margin - (right - left);
        int roomY = height * UNIT - 2 * margin - (bottom - top);
        if (roomX > 0 && roomY > 0) {
          moveTo(margin - left + random.below(roomX), margin - top + random.below(roomY));
          return true;
        }
        if (length == 1) {
          return false;
        }
        length = length * 7 / 8;
      }
      return false;
    }

    void moveTo(int dx, int dy) {
      for (int i = 0; i < length; i++) {
        x[i] += dx;
        y[i] += dy;
      }
    }

    int squaredDistance(int step, int pixel) {
      return square(x[step] - pixel % width * UNIT - UNIT / 2)
          + square(y[step] - pixel / width * UNIT - UNIT / 2);
    }
  }
}
