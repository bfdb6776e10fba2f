package org.riglab.graph.internal.torchscript;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.riglab.api.RigException;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.nn.script.Archive;
import org.riglab.nn.script.Method;
import org.riglab.nn.script.Value;

/** A network as a TorchScript archive that holds its weights and can be trained. */
public final class ScriptFile {
  private static final List<String> IMAGE = List.of("image: Tensor");
  private static final String LOGITS = "List[Tensor]";

  private ScriptFile() {}

  /**
   * @param inference the pass of evaluation
   * @param training the pass of training
   * @param state every tensor of the state dict
   * @param out gets the archive; stays open
   * @throws RigException if an operation has no counterpart, or depends on the image's size
   * @throws IOException if it cannot be written
   */
  public static void write(
      Sizes inference, Sizes training, Map<String, Value> state, OutputStream out)
      throws IOException {
    Map<String, String> names = names(state.keySet().stream().toList());
    UnaryOperator<String> access = name -> Archive.access(names.get(name));
    List<String> still = Script.portable(inference, access);
    List<String> moving = Script.portable(training, access);
    List<Method> methods = new ArrayList<>();
    if (still.equals(moving)) {
      methods.add(new Method("forward", IMAGE, LOGITS, still));
    } else {
      methods.add(new Method("infer", IMAGE, LOGITS, still));
      methods.add(new Method("learn", IMAGE, LOGITS, moving));
      methods.add(
          new Method(
              "forward",
              IMAGE,
              LOGITS,
              List.of(
                  "if self.training:",
                  "  logits = (self).learn(image)",
                  "else:",
                  "  logits = (self).infer(image)",
                  "return logits")));
    }
    Map<String, Value> renamed = new LinkedHashMap<>();
    state.forEach((name, value) -> renamed.put(names.get(name), value));
    new Archive(methods, renamed).write(out);
  }

  /**
   * Names that modules can have: where a tensor's name goes on behind another tensor's, as {@code
   * running_mean.t2}, the dot becomes an underscore.
   */
  static Map<String, String> names(List<String> state) {
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : state) {
      String taken = name;
      for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
        if (state.contains(name.substring(0, dot))) {
          taken = name.substring(0, dot) + "_" + name.substring(dot + 1).replace('.', '_');
        }
      }
      if (names.containsValue(taken) || !taken.equals(name) && state.contains(taken)) {
        throw new RigException("two tensors would be called " + taken + " in TorchScript");
      }
      names.put(name, taken);
    }
    return names;
  }
}
