package org.riglab.graph.internal.torchscript;

import static org.riglab.graph.internal.torchscript.Literals.flag;
import static org.riglab.graph.internal.torchscript.Literals.number;

import java.util.Collections;
import java.util.List;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.ir.Kernel;
import org.riglab.graph.internal.ir.KernelVisitor;
import org.riglab.graph.internal.ir.Layout;
import org.riglab.graph.internal.ir.Node;
import org.riglab.graph.internal.ir.Op;

/** The right-hand side of the line that computes a kernel, and lines that follow it. */
final class KernelCode implements KernelVisitor<String> {
  private final Graph graph;
  private final Names names;

  KernelCode(Graph graph, Names names) {
    this.graph = graph;
    this.names = names;
  }

  private String in(Node node, int index) {
    return names.of(node.inputs().get(index));
  }

  private static String first(Kernel.PointwiseBackward op) {
    return number(op.numbers().get(0));
  }

  private static String mkldnn(Op.Convolution op) {
    return "%s, %s, %s, %d".formatted(op.padding(), op.stride(), op.dilation(), op.groups());
  }

  /** Zeros in the layout of a node. */
  private String zeros(Node node) {
    String form = "torch.new_zeros(%s, %s, dtype=None, layout=None, device=None, pin_memory=None)";
    List<Long> shape = node.shape();
    if (node.layout() != Layout.CHANNELS_LAST) {
      return form.formatted(in(node, 0), Literals.sizes(shape));
    }
    List<Long> last = List.of(shape.get(0), shape.get(2), shape.get(3), shape.get(1));
    return "torch.permute(%s, [0, 3, 1, 2])".formatted(form.formatted(in(node, 0), last));
  }

  @Override
  public String part(Node node, Kernel.Part op) {
    throw new IllegalStateException("defined by its operand: " + node);
  }

  @Override
  public String arrange(Node node, Kernel.Arrange op) {
    return node.layout() == Layout.CHANNELS_LAST
        ? "torch.contiguous(%s, memory_format=2)".formatted(in(node, 0))
        : "torch.contiguous(%s)".formatted(in(node, 0));
  }

  @Override
  public String identity(Node node, Kernel.Identity op) {
    return "torch.eye(%d, dtype=%d, layout=None, device=ops.prim.device(image), pin_memory=None)"
        .formatted(node.shape().get(0), Literals.code(node.type()));
  }

  @Override
  public String columns(Node node, Kernel.Columns op) {
    return "torch.im2col(%s, %s, %s, %s, %s)"
        .formatted(in(node, 0), op.kernel(), op.dilation(), op.padding(), op.stride());
  }

  @Override
  public String packedWeight(Node node, Kernel.PackedWeight op) {
    return "ops.mkldnn._reorder_convolution_weight(%s, %s)"
        .formatted(in(node, 0), mkldnn(op.convolution()));
  }

  @Override
  public String fusedConvolution(Node node, Kernel.FusedConvolution op) {
    boolean bias = node.inputs().size() > (op.sum() ? 3 : 2);
    String shared =
        "%s, %s, %s".formatted(in(node, 1), bias ? in(node, 2) : "None", mkldnn(op.convolution()));
    String none = "annotate(List[Optional[number]], []), \"\"";
    if (!op.sum()) {
      return "ops.mkldnn._convolution_pointwise(%s, %s, \"%s\", %s)"
          .formatted(in(node, 0), shared, op.relu() ? "relu" : "none", none);
    }
    String x = in(node, 0);
    String other = in(node, node.inputs().size() - 1);
    return "ops.mkldnn._convolution_pointwise%s(%s, %s, %s, \"add\", None, %s, %s)"
        .formatted(
            op.inPlace() ? "_" : "",
            op.inPlace() ? other : x,
            op.inPlace() ? x : other,
            shared,
            op.relu() ? "\"relu\"" : "None",
            none);
  }

  @Override
  public String seed(Node node, Kernel.Seed op) {
    throw new IllegalStateException("given from outside: " + node);
  }

  @Override
  public String store(Node node, Kernel.Store op) {
    return "torch.%s(ops.prim.grad(%s), %s)"
        .formatted(op.replace() ? "copy_" : "add_", in(node, 0), in(node, 1));
  }

  @Override
  public String storeProduct(Node node, Kernel.StoreProduct op) {
    return "torch.mm(torch.t(%s), %s, out=torch.view(ops.prim.grad(%s), [%d, -1]))"
        .formatted(in(node, 1), in(node, 2), in(node, 0), node.shape().get(0));
  }

  @Override
  public String pointwiseBackward(Node node, Kernel.PointwiseBackward op) {
    String g = in(node, 0);
    String value = in(node, 1);
    return switch (op.function()) {
      case "relu" -> "torch.threshold_backward(%s, %s, 0)".formatted(g, value);
      case "sigmoid" -> "torch.sigmoid_backward(%s, %s)".formatted(g, value);
      case "tanh" -> "torch.tanh_backward(%s, %s)".formatted(g, value);
      case "softPlus" -> "torch.softplus_backward(%s, %s, 1, 20)".formatted(g, value);
      case "gelu" -> "torch.gelu_backward(%s, %s)".formatted(g, value);
      case "leakyRelu" ->
          "torch.leaky_relu_backward(%s, %s, %s, False)".formatted(g, value, first(op));
      case "elu" -> "torch.elu_backward(%s, %s, 1, 1, False, %s)".formatted(g, first(op), value);
      case "selu" ->
          "torch.elu_backward(%s, 1.6732632423543772, 1.0507009873554805, 1, False, %s)"
              .formatted(g, value);
      default -> throw new IllegalStateException(op.function());
    };
  }

  @Override
  public String convolutionBackward(Node node, Kernel.ConvolutionBackward op) {
    Op.Convolution convolution = op.convolution();
    int sides = node.shape().size() - 2;
    return "torch.convolution_backward(%s, %s, %s, %s, %s, %s, %s, False, %s, %d, [%s, %s, %s])"
        .formatted(
            in(node, 0),
            in(node, 1),
            in(node, 2),
            op.bias() ? "[" + graph.node(node.inputs().get(2)).shape().get(0) + "]" : "None",
            convolution.stride(),
            convolution.padding(),
            convolution.dilation(),
            Collections.nCopies(sides, 0),
            convolution.groups(),
            flag(op.input()),
            flag(op.weight()),
            flag(op.bias()));
  }

  @Override
  public String batchNormBackward(Node node, Kernel.BatchNormBackward op) {
    int next = 4;
    String weight = op.affine() ? in(node, next++) : "None";
    String statistics =
        op.norm().training() ? "None, None" : in(node, next) + ", " + in(node, next + 1);
    return "torch.native_batch_norm_backward(%s, %s, %s, %s, %s, %s, %s, %s, [%s, %s, %s])"
        .formatted(
            in(node, 0),
            in(node, 1),
            weight,
            statistics,
            in(node, 2),
            in(node, 3),
            flag(op.norm().training()),
            number(op.norm().epsilon()),
            flag(op.input()),
            flag(op.weight()),
            flag(op.bias()));
  }

  @Override
  public String layerNormBackward(Node node, Kernel.LayerNormBackward op) {
    int rank = node.shape().size();
    return "torch.native_layer_norm_backward(%s, %s, %s, %s, %s, %s, %s, [True, True, True])"
        .formatted(
            in(node, 0),
            in(node, 1),
            node.shape().subList(rank - op.norm().axes(), rank),
            in(node, 2),
            in(node, 3),
            in(node, 4),
            in(node, 5));
  }

  @Override
  public String poolBackward(Node node, Kernel.PoolBackward op) {
    Op.Pool pool = op.pool();
    String ceil = flag(pool.ceilMode());
    String windows =
        "%s, %s, %s, %s, %s"
            .formatted(in(node, 0), in(node, 1), pool.kernel(), pool.stride(), pool.padding());
    return pool.kind().equals("max")
        ? "torch.max_pool2d_with_indices_backward(%s, [1, 1], %s, %s)"
            .formatted(windows, ceil, in(node, 2))
        : "torch.avg_pool2d_backward(%s, %s, %s, None)"
            .formatted(windows, ceil, flag(pool.countPadding()));
  }

  @Override
  public String resizeBackward(Node node, Kernel.ResizeBackward op) {
    Op.Resize resize = op.resize();
    List<Long> shape = graph.node(node.inputs().get(0)).shape();
    String kernel = resize.mode() == 0 ? "upsample_nearest2d" : OpCode.bilinear(resize);
    String align = resize.mode() == 0 ? "" : flag(resize.alignCorners()) + ", ";
    return "torch.%s_backward(%s, %s, %s, %sNone, None)"
        .formatted(kernel, in(node, 0), shape.subList(2, 4), node.shape(), align);
  }

  @Override
  public String softmaxBackward(Node node, Kernel.SoftmaxBackward op) {
    return "torch.%s(%s, %s, %d, %d)"
        .formatted(
            op.along().function().equals("softmax")
                ? "_softmax_backward_data"
                : "_log_softmax_backward_data",
            in(node, 0),
            in(node, 1),
            op.along().axis(),
            Literals.code(node.type()));
  }

  @Override
  public String dropoutBackward(Node node, Kernel.DropoutBackward op) {
    return "torch.native_dropout_backward(%s, %s, %s)"
        .formatted(in(node, 0), in(node, 1), number(op.scale()));
  }

  @Override
  public String sliceBackward(Node node, Kernel.SliceBackward op) {
    String part =
        OpCode.sliced(
            names.of(node.id()),
            node.shape(),
            graph.node(node.inputs().get(0)).shape(),
            op.slice());
    return zeros(node)
        + "\n%s_0 = torch.copy_(%s, %s)".formatted(names.of(node.id()), part, in(node, 0));
  }

  @Override
  public String gatherBackward(Node node, Kernel.GatherBackward op) {
    return "torch.scatter_add(%s, %d, %s, %s)"
        .formatted(zeros(node), op.gather().axis(), in(node, 1), in(node, 0));
  }

  @Override
  public String columnsBackward(Node node, Kernel.ColumnsBackward op) {
    Kernel.Columns columns = op.columns();
    return "torch.col2im(%s, %s, %s, %s, %s, %s)"
        .formatted(
            in(node, 0),
            node.shape().subList(2, 4),
            columns.kernel(),
            columns.dilation(),
            columns.padding(),
            columns.stride());
  }

  @Override
  public String enlargedCrossEntropy(Node node, Kernel.EnlargedCrossEntropy op) {
    List<Node> operands = node.inputs().stream().map(graph::node).toList();
    return EnlargedCrossEntropyCode.of(
        names.of(node.id()), op, operands, operands.stream().map(o -> names.of(o.id())).toList());
  }
}
