package org.riglab.networks.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.Options;
import org.riglab.api.RigException;
import org.riglab.api.bench.Network;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.NetworkSpec.BatchNormPolicy;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;

/** What others can do with a network that is in use, and while a plugin's code does not return. */
public class NetworksInUseTest {
  private static final long SECONDS = 60;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  private final FakeRegistry registry = Benches.registry();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Blocking blocking = new Blocking();
  private Path home;
  private Bench bench;

  /** A gate whose maker waits until the test lets it go on. */
  private static final class Blocking implements Gate {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch free = new CountDownLatch(1);

    @Override
    public Block create(GateShape shape, Options options) {
      entered.countDown();
      try {
        assertTrue(free.await(SECONDS, TimeUnit.SECONDS));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return new StrangerGate(false).create(shape, options);
    }
  }

  @Before
  public void open() {
    home = folder.getRoot().toPath();
    registry.put("blocking", blocking);
    bench = new Bench(home, registry);
    bench.networks.assemble("rig", spec("mul-sigmoid"), false);
  }

  @After
  public void close() {
    blocking.free.countDown();
    threads.shutdownNow();
    bench.close();
  }

  private static NetworkSpec spec(String gate) {
    return new NetworkSpec(
        new PartSpec("resnet", Map.of("layers", "1,1,1,1", "width", 2, "output_stride", 8)),
        PartSpec.of("fcn"),
        PartSpec.of(gate),
        PartSpec.of("parallel"),
        List.of(4, 5, 6),
        2,
        3,
        BatchNormPolicy.SHARED,
        7);
  }

  private <T> T promptly(java.util.concurrent.Callable<T> question) throws Exception {
    Future<T> answer = threads.submit(question);
    return answer.get(SECONDS / 3, TimeUnit.SECONDS);
  }

  private void describable() {
    assertEquals(List.of("rig"), bench.networks.names());
    Network network = bench.networks.get("rig");
    assertEquals("mul-sigmoid", network.spec().gate().name());
    assertEquals(List.of(3L), network.state().get("classifier.bias"));
    assertEquals(3, network.classes().size());
    assertEquals(
        List.of("parallel", "resnet", "fcn", "mul-sigmoid"),
        network.parts().stream().map(PartInfo::name).toList());
    assertEquals(6, network.blocks(64, 64).size());
    assertEquals("", bench.networks.trainedOn("rig").dataset().name());
    assertTrue(Files.exists(bench.networks.file("rig")));
  }

  @Test
  public void aNetworkThatTrainsIsListedDescribedComparedAndExported() {
    int idle = registry.open.size();
    try (Session session = bench.networks.open("rig", "run rig-1", Device.cpu())) {
      Map<?, ?> state = session.state();
      int held = registry.open.size();
      try (NDManager manager = session.manager().newSubManager()) {
        NDArray image = manager.ones(new Shape(1, 3, 32, 32));
        float before = session.forward(image, false).get(1).sum().getFloat();
        describable();
        try (Sessions.Variant variant =
            bench.networks.variant("rig", spec("identity"), Device.cpu())) {
          assertEquals(List.of(), variant.weights().initialised());
          assertFalse(variant.session().parts().equals(session.parts()));
        }
        bench.weights.write("rig", "safetensors", home.resolve("out.safetensors"));
        long weights =
            bench.networks.show(
                "rig", network -> network.state().values().stream().map(Object::hashCode).count());
        assertEquals(state.size(), weights);
        assertEquals("nothing else is held", held, registry.open.size());
        assertEquals(before, session.forward(image, false).get(1).sum().getFloat(), 0);
      }
      for (Runnable change :
          List.<Runnable>of(
              () -> bench.networks.swap("rig", spec("identity")),
              () -> bench.networks.discard("rig"),
              () -> bench.networks.assemble("rig", spec("identity"), true),
              () -> bench.networks.open("rig", "another", Device.cpu()))) {
        RigException refused = assertThrows(RigException.class, change::run);
        assertEquals(RigException.Kind.BUSY, refused.kind());
        assertTrue(refused.getMessage(), refused.getMessage().contains("run rig-1"));
      }
    }
    assertEquals(idle, registry.open.size());
  }

  @Test
  public void listingLoadsNothing() {
    bench.networks.release("rig");
    assertEquals(List.of(), registry.leased());
    describable();
    assertEquals("no copy stays in memory", List.of(), registry.leased());
  }

  @Test
  public void nobodyWaitsForAPartThatBlocks() throws Exception {
    Future<?> swap = threads.submit(() -> bench.networks.swap("rig", spec("blocking")));
    assertTrue(blocking.entered.await(SECONDS, TimeUnit.SECONDS));
    promptly(
        () -> {
          describable();
          RigException busy =
              assertThrows(
                  RigException.class, () -> bench.networks.open("rig", "another", Device.cpu()));
          assertEquals(RigException.Kind.BUSY, busy.kind());
          bench.networks.release("rig");
          registry.retire(3);
          bench.networks.retiring(3);
          bench.networks.assemble("other", spec("identity"), false);
          assertEquals(List.of("other", "rig"), bench.networks.names());
          return null;
        });
    assertFalse(swap.isDone());
    blocking.free.countDown();
    swap.get(SECONDS, TimeUnit.SECONDS);
    assertEquals("blocking", bench.networks.get("rig").spec().gate().name());
  }

  /** Another process of the home is another set of services on it. */
  @Test
  public void oneProcessWritesANetworkAtATime() throws Exception {
    bench.networks.assemble("other", spec("mul-sigmoid"), false);
    Bench second = new Bench(home, Benches.registry());
    try (Session session = bench.networks.edit("rig", "training", Device.cpu())) {
      assertEquals("mul-sigmoid", session.spec().gate().name());
      for (Runnable change :
          List.<Runnable>of(
              () -> second.networks.swap("rig", spec("identity")),
              () -> second.networks.discard("rig"),
              () -> second.networks.assemble("rig", spec("identity"), true),
              () -> second.networks.edit("rig", "import", Device.cpu()))) {
        RigException refused = assertThrows(RigException.class, change::run);
        assertEquals(RigException.Kind.BUSY, refused.kind());
        assertEquals(
            "network 'rig' is in use by training in process %d; wait until it is free, or stop the other operation"
                .formatted(ProcessHandle.current().pid()),
            refused.getMessage());
      }
      second.networks.open("rig", "evaluation", Device.cpu()).close();
      second.networks.swap("other", spec("identity"));
    }
    assertEquals("mul-sigmoid", bench.networks.get("rig").spec().gate().name());
    second.networks.swap("rig", spec("identity"));
    assertEquals("identity", bench.networks.get("rig").spec().gate().name());
    second.close();
  }

  /** The copy in memory is not what another process has written since. */
  @Test
  public void whatAnotherProcessWritesIsReadAnew() {
    try (Session session = bench.networks.open("rig", "evaluation", Device.cpu())) {
      assertEquals("mul-sigmoid", session.spec().gate().name());
    }
    Bench second = new Bench(home, Benches.registry());
    second.networks.swap("rig", spec("identity"));
    second.close();
    try (Session session = bench.networks.open("rig", "evaluation", Device.cpu())) {
      assertEquals("identity", session.spec().gate().name());
    }
  }
}
