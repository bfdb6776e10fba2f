package org.riglab.graph.internal.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.riglab.api.RigException;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Layout;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;
import org.riglab.graph.internal.ir.Where;

/** A graph in the making. */
final class Recorder {
  private static final Set<Class<?>> OWN =
      Set.of(
          Recorder.class,
          Symbol.class,
          SymbolicManager.class,
          Tracer.class,
          Layers.class,
          ShapeOps.class);

  private final List<Node> nodes = new ArrayList<>();
  private final List<Graph.BlockCall> runs = new ArrayList<>();
  private final Deque<Integer> open = new ArrayDeque<>();
  private final NDManager manager = SymbolicManager.of(this);

  NDManager manager() {
    return manager;
  }

  NDArray input(String name, Shape shape, DataType type) {
    return record(new Op.Input(name), List.of(), type, shape);
  }

  NDArray record(Op op, List<Integer> inputs, DataType type, Shape shape) {
    return Symbol.create(this, add(op, inputs, type, shape));
  }

  int add(Op op, List<Integer> inputs, DataType type, Shape shape) {
    int id = nodes.size();
    nodes.add(new Node(id, op, inputs, type, Tracer.list(shape), Layout.CONTIGUOUS, where(inputs)));
    return id;
  }

  Node node(int id) {
    return nodes.get(id);
  }

  private Where where(List<Integer> inputs) {
    String layer = "";
    for (int input : inputs) {
      if (nodes.get(input).op() instanceof Op.Param parameter) {
        layer = parameter.name().substring(0, Math.max(0, parameter.name().lastIndexOf('.')));
        break;
      }
    }
    int run = open.isEmpty() ? -1 : open.peek();
    return new Where(run, run < 0 ? "" : runs.get(run).label(), layer);
  }

  void enter(boolean gate, int block, int iteration, List<Integer> inputs) {
    open.push(runs.size());
    runs.add(new Graph.BlockCall(gate, block, iteration, inputs, List.of()));
  }

  void leave(List<Integer> outputs) {
    int run = open.pop();
    Graph.BlockCall entered = runs.get(run);
    runs.set(
        run,
        new Graph.BlockCall(
            entered.gate(), entered.block(), entered.iteration(), entered.inputs(), outputs));
  }

  Graph graph(NDList outputs) {
    return new Graph(
        nodes, runs, outputs.stream().map(output -> Symbol.of(this, output).id()).toList());
  }

  /**
   * @param what after the words "which calls", for example "toFloatArray, which reads values"
   * @return an error that names the class of the block which did it
   */
  RigException untraceable(String what) {
    String where = "";
    if (!open.isEmpty()) {
      Graph.BlockCall run = runs.get(open.peek());
      where =
          " (%s %d, iteration %d)"
              .formatted(run.gate() ? "gate" : "block", run.block(), run.iteration());
    }
    String culprit =
        StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE).walk(this::culprit);
    return new RigException("%s%s cannot be traced: it %s".formatted(culprit, where, what));
  }

  private String culprit(Stream<StackWalker.StackFrame> frames) {
    String foreign = null;
    for (StackWalker.StackFrame frame : (Iterable<StackWalker.StackFrame>) frames::iterator) {
      Class<?> type = frame.getDeclaringClass();
      String name = type.getName();
      if (name.startsWith("java.")
          || name.startsWith("jdk.")
          || name.contains(".$Proxy")
          || name.contains("$Lambda")
          || name.startsWith("ai.djl.ndarray.")
          || OWN.contains(type.getNestHost())) {
        continue;
      }
      if (foreign == null) {
        foreign = name;
      }
      // Outside of blocks and gates it is the unroll strategy's own code, which is no block.
      if (open.isEmpty() || Block.class.isAssignableFrom(type)) {
        return open.isEmpty() ? foreign : name;
      }
    }
    return foreign == null ? "a function" : foreign;
  }
}
