package org.riglab.itests.plugins.hostile;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.Options;
import org.riglab.api.Part;
import org.riglab.api.network.Gate;
import org.riglab.api.network.GateShape;

/** A gate that does what a gate should not, as its option says. */
@Component
@Part(name = "itest-hostile", about = "misbehaves as its option says")
public final class HostileGate implements Gate {
  private static final long TOO_MANY = 1L << 40;
  private static final int LEAK = 1 << 23; // float32: 32 MiB

  /** Some 200 MiB a second on any machine: all is gone only after a few looks of the watchdog. */
  private static final long LEAK_NANOS = 150_000_000;

  @interface Config {
    String does() default "nothing";
  }

  @Override
  public Class<? extends Annotation> options() {
    return Config.class;
  }

  @Override
  public Block create(GateShape shape, Options options) {
    String does = options.as(Config.class).does();
    return new LambdaBlock(in -> new NDList(gate(does, in.get(0))));
  }

  private static NDArray gate(String does, NDArray x) {
    switch (does) {
      case "exception" -> throw new IllegalStateException("no gate today");
      case "checked" -> HostileGate.<RuntimeException>sneak(new IOException("no such weight"));
      case "assertion" -> throw new AssertionError("x is null");
      case "linkage" -> throw new NoClassDefFoundError("org/example/Missing");
      case "overflow" -> deeper(0);
      case "exit" -> System.exit(7);
      case "runtime-exit" -> Runtime.getRuntime().exit(7);
      case "halt" -> {
        IntConsumer halt = Runtime.getRuntime()::halt;
        halt.accept(7);
      }
      case "crash" -> crash();
      case "heap" -> x.getManager().create(new float[Integer.MAX_VALUE - 8]);
      case "native" -> x.getManager().zeros(new Shape(TOO_MANY));
      case "shape" -> {
        return x.sum(new int[] {1});
      }
      case "nan" -> {
        return x.mul(Float.NaN);
      }
      case "sleep" -> sleep();
      case "loop" -> spin();
      case "thread" -> leaveThread();
      case "leak" -> {
        NDManager.newBaseManager().ones(new Shape(LEAK));
        LockSupport.parkNanos(LEAK_NANOS);
      }
      default -> {}
    }
    return x.duplicate();
  }

  @SuppressWarnings("unchecked") // the trick that languages without checked exceptions play
  private static <E extends Throwable> void sneak(Throwable e) throws E {
    throw (E) e;
  }

  private static int deeper(int depth) {
    return depth < 0 ? 0 : deeper(depth + 1) + 1;
  }

  /** As native code does that writes where it should not. */
  private static void crash() {
    try {
      Class<?> type = ClassLoader.getSystemClassLoader().loadClass("sun.misc.Unsafe");
      Field instance = type.getDeclaredField("theUnsafe");
      instance.setAccessible(true);
      type.getMethod("putAddress", long.class, long.class).invoke(instance.get(null), 0L, 0L);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void sleep() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void spin() {
    while (true) {
      Thread.onSpinWait();
    }
  }

  private static void leaveThread() {
    Thread thread = new Thread(HostileGate::sleep, "hostile-thread");
    thread.setDaemon(true);
    thread.start();
  }
}
