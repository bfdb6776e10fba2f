package org.riglab.testkit.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.author.PluginChecks.Verdict;
import org.riglab.api.data.ClassTable;
import org.riglab.api.data.Dataset;
import org.riglab.api.data.Images;
import org.riglab.api.data.Sample;
import org.riglab.api.data.Split;

/** Each check finds the data set that breaks it, and says so; one that holds passes it. */
public class BrokenDatasetsTest {
  private static final List<InputStream> OPEN = new ArrayList<>();

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  /** Ten images per split, made of their index; breaks as its fields say. */
  private static class Good implements Dataset {
    private static final int SIZE = 10;

    @Override
    public Images open(Optional<Path> directory, Options options) {
      return new Images() {
        @Override
        public ClassTable classes() {
          return new ClassTable(
              List.of(new ClassTable.Entry("a", 0), new ClassTable.Entry("b", 0xFFFFFF)));
        }

        @Override
        public List<String> splits() {
          return List.of("train", "val");
        }

        @Override
        public Split split(String name) {
          if (!splits().contains(name)) {
            throw unknown(name);
          }
          return new Split() {
            @Override
            public int size() {
              return SIZE;
            }

            @Override
            public String id(int index) {
              return Good.this.id(name, index);
            }

            @Override
            public Sample sample(int index) {
              if (index < 0 || index >= SIZE) {
                return outside(index);
              }
              return Good.this.sample(name, index, directory);
            }

            @Override
            public String fingerprint() {
              return Good.this.fingerprint();
            }
          };
        }
      };
    }

    RuntimeException unknown(String name) {
      return new RigException("there is no split " + name + "; there are train and val");
    }

    Sample outside(int index) {
      throw new IndexOutOfBoundsException(index);
    }

    String id(String split, int index) {
      return split + index;
    }

    String fingerprint() {
      return "0123456789abcdef".repeat(4);
    }

    Sample sample(String split, int index, Optional<Path> directory) {
      byte[] image = new byte[3 * 4 * 5];
      image[0] = (byte) index;
      image[1] = (byte) split.length();
      byte[] label = new byte[4 * 5];
      label[0] = 1;
      label[1] = (byte) 255;
      return new Sample(id(split, index), 4, 5, image, label);
    }
  }

  /** Needs a folder with a file called image.png, whose first byte is 1. */
  private static class InFolder extends Good {
    @Override
    public Images open(Optional<Path> directory, Options options) {
      Path root =
          directory.orElseThrow(() -> new RigException("no folder; expected one with image.png"));
      if (!Files.exists(root.resolve("image.png"))) {
        throw new RigException(root + " has no image.png");
      }
      return super.open(directory, options);
    }

    @Override
    Sample sample(String split, int index, Optional<Path> directory) {
      Path file = directory.get().resolve("image.png");
      try {
        if (Files.size(file) < 100) {
          throw broken(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return super.sample(split, index, directory);
    }

    RuntimeException broken(Path file) {
      return new RigException(file + " is no PNG");
    }
  }

  @Before
  public void write() throws IOException {
    Files.write(folder.getRoot().toPath().resolve("image.png"), new byte[200]);
  }

  @After
  public void close() throws IOException {
    for (InputStream in : OPEN) {
      in.close();
    }
    OPEN.clear();
  }

  private DatasetSubject subject(Dataset dataset) {
    Optional<Path> directory =
        dataset instanceof InFolder ? Optional.of(folder.getRoot().toPath()) : Optional.empty();
    return new DatasetSubject(
        new Subject<>(Dataset.KIND, "test", dataset, Map.of(), Tools.onClassPath()), directory);
  }

  private void fails(Check<DatasetSubject> check, Dataset dataset, String part) {
    for (Dataset good : List.of(new Good(), new InFolder())) {
      Check.Outcome outcome = check.run(subject(good));
      assertEquals(outcome.sentence(), Verdict.PASSED, outcome.verdict());
    }
    Check.Outcome outcome = check.run(subject(dataset));
    assertEquals(check.name() + ": " + outcome.sentence(), Verdict.FAILED, outcome.verdict());
    assertTrue(outcome.sentence(), outcome.sentence().contains(part));
    assertEquals(outcome.sentence(), 1, outcome.sentence().lines().count());
  }

  @Test
  public void layout() {
    AtomicInteger calls = new AtomicInteger();
    fails(
        DatasetChecks.LAYOUT,
        new Good() {
          @Override
          String fingerprint() {
            return "%064x".formatted(calls.incrementAndGet());
          }
        },
        "the fingerprint of train is another one when the data set is opened again");
    fails(
        DatasetChecks.LAYOUT,
        new Good() {
          @Override
          String fingerprint() {
            return "none";
          }
        },
        "expected a SHA-256 in hexadecimal");
  }

  @Test
  public void ids() {
    fails(
        DatasetChecks.IDS,
        new Good() {
          @Override
          String id(String split, int index) {
            return "image" + index % 9;
          }
        },
        "split train has the id image0 twice");
    fails(
        DatasetChecks.IDS,
        new Good() {
          @Override
          String id(String split, int index) {
            return split + "/" + index;
          }
        },
        "split train has the id 'train/0'; expected a name that is fit for a file");
    List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
    fails(
        DatasetChecks.IDS,
        new Good() {
          @Override
          public Images open(Optional<Path> directory, Options options) {
            List<Integer> now = List.copyOf(order);
            Collections.rotate(order, 1);
            return new Good() {
              @Override
              String id(String split, int index) {
                return split + now.get(index);
              }
            }.open(directory, options);
          }
        },
        "split train has other ids, or another order, when the data set is opened again");
  }

  @Test
  public void overlap() {
    fails(
        DatasetChecks.DISJOINT,
        new Good() {
          @Override
          Sample sample(String split, int index, Optional<Path> directory) {
            return super.sample("train", index, directory);
          }
        },
        "image train0 of train is image val0 of val");
  }

  @Test
  public void sizes() {
    fails(
        DatasetChecks.SIZES,
        new Good() {
          @Override
          Sample sample(String split, int index, Optional<Path> directory) {
            Sample s = super.sample(split, index, directory);
            return new Sample(s.id(), 4, 6, s.image(), s.label());
          }
        },
        "sample 0 of train (train0) has an image of 60 bytes; expected 72");
    fails(
        DatasetChecks.SIZES,
        new Good() {
          @Override
          Sample sample(String split, int index, Optional<Path> directory) {
            Sample s = super.sample(split, index, directory);
            return new Sample(s.id(), 4, 5, s.image(), new byte[7]);
          }
        },
        "has a label of 7 bytes; expected 20");
  }

  @Test
  public void labels() {
    fails(
        DatasetChecks.LABELS,
        new Good() {
          @Override
          Sample sample(String split, int index, Optional<Path> directory) {
            Sample s = super.sample(split, index, directory);
            s.label()[7] = 2;
            return s;
          }
        },
        "sample 0 of train (train0) has label 2 in row 1, column 2; expected 0 to 1, or 255");
  }

  @Test
  public void order() {
    AtomicInteger calls = new AtomicInteger();
    fails(
        DatasetChecks.RANDOM,
        new Good() {
          @Override
          Sample sample(String split, int index, Optional<Path> directory) {
            Sample s = super.sample(split, index, directory);
            s.image()[5] = (byte) calls.incrementAndGet();
            return s;
          }
        },
        "is another one when it is read again");
  }

  @Test
  public void threads() {
    Thread first = Thread.currentThread();
    fails(
        DatasetChecks.THREADS,
        new Good() {
          @Override
          Sample sample(String split, int index, Optional<Path> directory) {
            Sample s = super.sample(split, index, directory);
            s.image()[5] = (byte) (Thread.currentThread() == first ? 0 : 1);
            return s;
          }
        },
        "of train is another one when 4 threads read at once");
    fails(
        DatasetChecks.THREADS,
        new Good() {
          @Override
          Sample sample(String split, int index, Optional<Path> directory) {
            if (Thread.currentThread() != first) {
              throw new IllegalStateException("one thread only");
            }
            return super.sample(split, index, directory);
          }
        },
        "throws IllegalStateException: one thread only");
  }

  @Test
  public void range() {
    fails(
        DatasetChecks.RANGE,
        new Good() {
          @Override
          Sample outside(int index) {
            return sample("train", 0, Optional.empty());
          }
        },
        "sample(-1) of train, which has 10 images, returns a value; expected an exception");
    fails(
        DatasetChecks.RANGE,
        new Good() {
          @Override
          RuntimeException unknown(String name) {
            return new NullPointerException();
          }
        },
        "split('no-such-split') throws NullPointerException");
  }

  @Test
  public void openFiles() {
    fails(
        DatasetChecks.FILES,
        new InFolder() {
          @Override
          Sample sample(String split, int index, Optional<Path> directory) {
            try {
              OPEN.add(Files.newInputStream(directory.get().resolve("image.png")));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
            return super.sample(split, index, directory);
          }
        },
        "image.png is still open after its sample was read");
  }

  @Test
  public void brokenFolders() {
    fails(
        DatasetChecks.FOLDER,
        new InFolder() {
          @Override
          public Images open(Optional<Path> directory, Options options) {
            if (directory.isPresent() && !Files.exists(directory.get())) {
              throw new UncheckedIOException(new IOException("gone"));
            }
            return super.open(directory, options);
          }
        },
        "open with a folder that is not there throws UncheckedIOException");
    fails(
        DatasetChecks.FOLDER,
        new InFolder() {
          @Override
          public Images open(Optional<Path> directory, Options options) {
            try {
              return super.open(directory, options);
            } catch (RigException e) {
              throw new RigException("something is wrong", e);
            }
          }
        },
        "which does not name the folder or file");
    fails(
        DatasetChecks.FOLDER,
        new InFolder() {
          @Override
          RuntimeException broken(Path file) {
            return new ArrayIndexOutOfBoundsException(3);
          }
        },
        "a broken image file throws ArrayIndexOutOfBoundsException");
  }
}
