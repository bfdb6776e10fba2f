package org.riglab.graph.internal.torchscript;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.riglab.graph.internal.ir.Kernel.EnlargedCrossEntropy;
import org.riglab.graph.internal.ir.Kernel.EnlargedCrossEntropy.Band;
import org.riglab.graph.internal.ir.Node;

/**
 * The lines of {@link EnlargedCrossEntropy}. All rows are written to the same memory, which stays
 * in the caches: enlarged logits, then their exponentials, then the gradient. The gradient reaches
 * the logits through a product with them, whose value is taken off again.
 */
final class EnlargedCrossEntropyCode {
  /**
   * How far below the largest logit of their pixel others count, which is a probability of 1e-26.
   * The exponentials of those that are more than 87 below would be subnormal numbers, with which a
   * processor computes a hundred times as long.
   */
  private static final double SPAN = 60;

  private EnlargedCrossEntropyCode() {}

  /**
   * @param name of the result, with which the names of all others begin
   * @param op the operation
   * @param operands logits, matrix of the rows, matrix of the columns, labels, weights
   * @param given the names of the operands
   * @return the right-hand side of the first line, and the lines that follow it
   */
  static String of(String name, EnlargedCrossEntropy op, List<Node> operands, List<String> given) {
    List<Long> shape = operands.get(0).shape();
    long n = shape.get(0);
    long c = shape.get(1);
    long h = shape.get(2);
    long w = shape.get(3);
    long height = operands.get(1).shape().get(0);
    long width = operands.get(2).shape().get(1);
    String like = "dtype=6, layout=None, device=ops.prim.device(v), pin_memory=None";
    List<String> lines =
        List.of(
            "torch.detach(%s)".formatted(given.get(0)),
            "v_wide = torch.permute(torch.matmul(v, %s), [2, 0, 1, 3])".formatted(given.get(2)),
            "v_wide = torch.reshape(v_wide, [%d, -1])".formatted(h),
            "v_gradient = torch.zeros_like(v_wide)",
            "v_strip = torch.empty([%d, %d], ".formatted(op.rows(), n * c * width)
                + like
                + ", memory_format=None)",
            "v_labels = torch.unsqueeze(torch.permute(%s, [1, 0, 2]), 2)".formatted(given.get(3)),
            "v_weights = torch.ne(v_labels, %d)".formatted(op.ignored()),
            "v_labels = torch.mul(v_labels, v_weights)",
            "v_weights = torch.mul(torch.take(%s, v_labels), v_weights)".formatted(given.get(4)),
            "v_logs = torch.empty_like(v_weights)",
            "v_low = " + list(op.bands().stream().map(Band::first)),
            "v_high = " + list(op.bands().stream().map(Band::end)),
            "for v_i in range(%d):".formatted(op.bands().size()),
            "  v_first = torch.mul(v_i, %d)".formatted(op.rows()),
            "  v_end = ops.prim.min(torch.add(v_first, %d), %d)".formatted(op.rows(), height),
            "  v_part = torch.slice(%s, 0, v_first, v_end)".formatted(given.get(1)),
            "  v_part = torch.slice(v_part, 1, v_low[v_i], v_high[v_i])",
            "  v_near = torch.slice(v_wide, 0, v_low[v_i], v_high[v_i])",
            "  v_flat = torch.slice(v_strip, 0, 0, torch.sub(v_end, v_first))",
            "  v_flat = torch.mm(v_part, v_near, out=v_flat)",
            "  v_x = torch.view(v_flat, [-1, %d, %d, %d])".formatted(n, c, width),
            "  v_label = torch.slice(v_labels, 0, v_first, v_end)",
            "  v_weight = torch.slice(v_weights, 0, v_first, v_end)",
            "  v_own = torch.gather(v_x, 2, v_label)",
            "  v_most = torch.amax(v_x, [2], True)",
            "  v_x = torch.maximum(v_x, torch.sub(v_most, " + SPAN + "), out=v_x)",
            "  v_x = torch.exp_(torch.sub_(v_x, v_most))",
            "  v_own = torch.sub_(v_own, v_most)",
            "  v_sum = torch.sum(v_x, [2], True)",
            "  v_log = torch.slice(v_logs, 0, v_first, v_end)",
            "  v_log = torch.sub(v_own, torch.log(v_sum), out=v_log)",
            "  v_scale = torch.div(v_weight, v_sum)",
            "  v_x = torch.mul_(v_x, v_scale)",
            "  v_own = torch.exp_(torch.clamp_min_(v_own, -" + SPAN + "))",
            "  v_own = torch.sub_(torch.mul_(v_own, v_scale), v_weight)",
            "  v_x = torch.scatter_(v_x, 2, v_label, v_own)",
            "  v_back = torch.slice(v_gradient, 0, v_low[v_i], v_high[v_i])",
            "  v_back = torch.addmm_(v_back, torch.t(v_part), v_flat)",
            "v_gradient = torch.reshape(v_gradient, [-1, %d])".formatted(width),
            "v_gradient = torch.mm(v_gradient, torch.t(%s))".formatted(given.get(2)),
            "v_gradient = torch.reshape(v_gradient, [%d, %d, %d, %d])".formatted(h, n, c, w),
            "v_gradient = torch.permute(v_gradient, [1, 2, 0, 3])",
            "v_product = torch.sum(torch.mul(%s, v_gradient))".formatted(given.get(0)),
            "v_loss = torch.neg(torch.sum(torch.mul(v_logs, v_weights)))",
            "v = torch.add(v_loss, torch.sub(v_product, torch.detach(v_product)))");
    return lines.stream()
        .map(line -> line.replaceAll("\\bv(?=\\b|_)", name))
        .collect(Collectors.joining("\n"));
  }

  private static String list(Stream<Long> numbers) {
    return numbers.map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
  }
}
