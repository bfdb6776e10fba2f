package org.riglab.graph.internal.export;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.RigException;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Exporter;
import org.riglab.graph.internal.ir.Sizes;
import org.riglab.graph.internal.onnx.OnnxFile;
import org.riglab.graph.internal.rewrite.Rewrites;
import org.riglab.graph.internal.torchscript.FunctionScript;
import org.riglab.graph.internal.torchscript.ScriptFile;
import org.riglab.graph.internal.trace.Tracer;
import org.riglab.nn.script.Value;

/** Exports traced networks. */
@Component
public final class ExporterService implements Exporter {
  private static final String TORCHSCRIPT = "torchscript";
  private static final String ONNX = "onnx";
  private static final int BUFFER = 1 << 16;

  @Override
  public List<String> formats() {
    return List.of(TORCHSCRIPT, ONNX);
  }

  @Override
  public void write(
      Blueprint network, String format, boolean enlarge, List<Integer> size, OutputStream out)
      throws IOException {
    if (!formats().contains(format)) {
      throw new IllegalArgumentException(format);
    }
    OutputStream buffered = new BufferedOutputStream(out, BUFFER);
    Sizes inference = Rewrites.plain(Tracer.sizes(network, false, enlarge, size));
    if (format.equals(TORCHSCRIPT)) {
      Sizes training = Rewrites.plain(Tracer.sizes(network, true, enlarge, size));
      ScriptFile.write(inference, training, state(network), buffered);
    } else {
      OnnxFile.write(inference, state(network), buffered);
    }
    buffered.flush();
  }

  @Override
  public void write(UnaryOperator<NDList> function, NDList arguments, OutputStream out)
      throws IOException {
    FunctionScript.write(function, arguments, out);
  }

  private static Map<String, Value> state(Blueprint network) {
    Map<String, Value> state = new LinkedHashMap<>();
    for (Map.Entry<String, Parameter> entry : network.state().entrySet()) {
      NDArray array = entry.getValue().getArray();
      if (array.getDataType() != DataType.FLOAT32) {
        throw new RigException(
            "cannot export %s: it is %s; expected float32"
                .formatted(entry.getKey(), array.getDataType()));
      }
      List<Long> shape = Arrays.stream(array.getShape().getShape()).boxed().toList();
      float[] values = array.toFloatArray();
      requireFinite(entry.getKey(), values);
      state.put(
          entry.getKey(),
          new Value(shape, entry.getValue().requiresGradient(), FloatBuffer.wrap(values)));
    }
    return state;
  }

  private static void requireFinite(String name, float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new RigException(
            "cannot export %s: it has values that are NaN or infinite; train or import it again"
                .formatted(name));
      }
    }
  }
}
