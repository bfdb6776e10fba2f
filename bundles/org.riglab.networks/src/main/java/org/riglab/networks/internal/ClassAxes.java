package org.riglab.networks.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Blueprints.Listener;
import org.riglab.api.network.Head;
import org.riglab.api.network.ImageSizes;
import org.riglab.networks.Session;
import org.riglab.networks.engine.Torch;
import org.riglab.nn.Context;
import org.riglab.tensors.HostTensor;

/**
 * Finds the parameters of a head that belong to single classes, whatever the head is made of: a
 * slice of such a parameter changes the logits of one class only. They are found by changing slices
 * and comparing the logits.
 */
final class ClassAxes {
  /** Changes of other logits up to this share of the largest one are rounding. */
  private static final double ROUNDING = 1e-3;

  private final Session session;
  private final int classes;

  private ClassAxes(Session session) {
    this.session = session;
    this.classes = session.spec().classes();
  }

  /**
   * @param session on a network; its values are changed meanwhile and restored
   * @return the axis of the classes of each such parameter, by name
   */
  static Map<String, Integer> of(Session session) {
    return Torch.withoutGrad(() -> new ClassAxes(session).find());
  }

  private Map<String, Integer> find() {
    Map<String, Integer> axes = new LinkedHashMap<>();
    List<Shape> inputs = inputs();
    float[][] before = logits(inputs);
    session
        .state()
        .forEach(
            (name, parameter) -> {
              Shape shape = parameter.getArray().getShape();
              for (int axis = 0; name.startsWith(Head.PREFIX) && axis < shape.dimension(); axis++) {
                if (shape.get(axis) == classes && ofClasses(name, axis, inputs, before)) {
                  axes.put(name, axis);
                  break;
                }
              }
            });
    // Later iterations have statistics of their own, which a pass of the head alone does not use.
    for (String name : session.state().keySet()) {
      Integer axis = axes.get(WeightMatching.first(name));
      if (axis != null) {
        axes.put(name, axis);
      }
    }
    return axes;
  }

  /** The shapes of what the head gets for a small image. */
  private List<Shape> inputs() {
    List<Shape> shapes = new ArrayList<>();
    session.show(
        network -> {
          int last = network.stages().size();
          ImageSizes sizes = network.sizes();
          long side = sizes.next(64);
          try (NDManager manager = Torch.newManager(session.manager().getDevice())) {
            network.forward(
                DirectStore.INSTANCE,
                manager.zeros(new Shape(1, 3, side, side)),
                false,
                new Listener() {
                  @Override
                  public void enter(boolean gate, int block, int iteration, NDList arrays) {
                    if (!gate && block == last && shapes.isEmpty()) {
                      arrays.forEach(array -> shapes.add(array.getShape()));
                    }
                  }

                  @Override
                  public void leave(NDList outputs) {
                    // The shapes of inputs are all that is looked for.
                  }
                });
          } finally {
            session.sweep();
          }
          return null;
        });
    return shapes;
  }

  /** The logits by class, for features that are positive, so that no ReLU is dead. */
  private float[][] logits(List<Shape> inputs) {
    return session.show(network -> logits(network, inputs));
  }

  private float[][] logits(Blueprint network, List<Shape> inputs) {
    Random random = new Random(1);
    try (NDManager manager = Torch.newManager(session.manager().getDevice())) {
      NDList features = new NDList();
      for (Shape shape : inputs) {
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
          values[i] = 0.1f + random.nextFloat();
        }
        features.add(manager.create(values, shape));
      }
      Block head = network.stages().get(network.stages().size() - 1).block();
      NDArray logits = new Context(DirectStore.INSTANCE, false, 1).forward(head, features).head();
      float[][] byClass = new float[classes][];
      for (int c = 0; c < classes; c++) {
        byClass[c] = logits.get("0," + c).toFloatArray();
      }
      return byClass;
    } finally {
      session.sweep();
    }
  }

  private boolean ofClasses(String name, int axis, List<Shape> inputs, float[][] before) {
    return changesOnly(0, name, axis, inputs, before)
        && changesOnly(classes - 1, name, axis, inputs, before);
  }

  private boolean changesOnly(
      int label, String name, int axis, List<Shape> inputs, float[][] before) {
    NDArray array = session.state().get(name).getArray();
    List<Long> shape = ModelFile.shape(array.getShape());
    float[] values = array.toFloatArray();
    float[] changed = values.clone();
    int inner = OutputMap.inner(shape, axis);
    for (int i = 0; i < changed.length; i++) {
      if (i / inner % classes == label) {
        changed[i] = 2 * changed[i] + 1;
      }
    }
    double[] differences = new double[classes];
    try {
      session.load(Map.of(name, new HostTensor(shape, changed)));
      float[][] after = logits(inputs);
      for (int c = 0; c < classes; c++) {
        for (int i = 0; i < after[c].length; i++) {
          differences[c] = Math.max(differences[c], Math.abs(after[c][i] - before[c][i]));
        }
      }
    } finally {
      session.load(Map.of(name, new HostTensor(shape, values)));
    }
    for (int c = 0; c < classes; c++) {
      if (c != label && !(differences[c] <= ROUNDING * differences[label])) {
        return false;
      }
    }
    return differences[label] > 0;
  }
}
