package org.riglab.networks.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.Test;
import org.riglab.api.bench.PartSpec;
import org.riglab.api.network.Backbone;
import org.riglab.api.network.BackboneShape;
import org.riglab.api.network.Stage;
import org.riglab.networks.StateDict;
import org.riglab.networks.engine.Torch;
import org.riglab.parts.AnnotationOptions;
import org.riglab.parts.PartSpecs;
import org.riglab.tensors.HostTensor;

/**
 * Backbones against torchvision's networks. The numbers are those of {@code torchvision_facts.py}.
 */
public class TorchvisionTest {

  private static Map<String, List<String>> networks() throws IOException {
    Map<String, List<String>> networks = new LinkedHashMap<>();
    String name = "";
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                TorchvisionTest.class.getResourceAsStream("torchvision.txt"),
                StandardCharsets.US_ASCII))) {
      for (String line : reader.lines().filter(line -> !line.isEmpty()).toList()) {
        if (line.startsWith("network ")) {
          name = line.split(" ")[1];
          networks.put(name, new ArrayList<>());
        } else {
          networks.get(name).add(line);
        }
      }
    }
    assertEquals(7, networks.size());
    return networks;
  }

  private static List<Stage> stages(String backbone) {
    PartSpec part = PartSpecs.read(backbone);
    String type =
        part.name().startsWith("vgg") ? "Vgg16" : part.name().replace("resnet", "Preset$ResNet");
    try {
      Backbone provider =
          (Backbone)
              Class.forName("org.riglab.backbones.internal." + type)
                  .getDeclaredConstructor()
                  .newInstance();
      return provider.stages(
          new BackboneShape(3),
          AnnotationOptions.check(backbone, provider.options(), part.options()));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Parameter> state(Stage stage) {
    Map<String, Parameter> state = new LinkedHashMap<>();
    StateDict.collect(state, stage.prefix(), stage.block());
    return state;
  }

  private static List<Long> shape(Shape shape) {
    return LongStream.of(shape.getShape()).boxed().toList();
  }

  private static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  public void everyNameAndShapeIsTorchvisions() throws IOException {
    networks()
        .forEach(
            (name, lines) -> {
              Map<String, Parameter> state = new LinkedHashMap<>();
              stages(name).forEach(stage -> state.putAll(state(stage)));
              long learned =
                  state.values().stream()
                      .filter(Parameter::requiresGradient)
                      .mapToLong(parameter -> parameter.getShape().size())
                      .sum();
              String listing =
                  state.entrySet().stream()
                      .map(
                          entry ->
                              entry.getKey()
                                  + " "
                                  + shape(entry.getValue().getShape()).stream()
                                      .map(String::valueOf)
                                      .collect(Collectors.joining(",")))
                      .sorted()
                      .map(line -> line + "\n")
                      .collect(Collectors.joining());
              assertEquals(
                  name,
                  lines.get(0),
                  "tensors %d %d %s".formatted(state.size(), learned, sha256(listing)));
            });
  }

  @Test
  public void everyBlockComputesTorchvisionsFeatures() throws IOException {
    networks()
        .forEach(
            (name, lines) -> {
              HostTensor feature = Formula.image(1, 1, 64, 96);
              List<Stage> stages = stages(name);
              for (String line : lines.subList(2, lines.size())) {
                String[] words = line.split(" ");
                int k = Integer.parseInt(words[1]);
                feature = run(stages.get(k - 1), feature);
                String where = name + " " + line;
                assertEquals(
                    where,
                    words[2],
                    feature.shape().stream().map(String::valueOf).collect(Collectors.joining(",")));
                double[] facts =
                    Arrays.stream(words).skip(3).mapToDouble(Double::parseDouble).toArray();
                double error =
                    Formula.error(facts, Formula.facts("block." + k, feature.values()), 0);
                assertTrue(where + ": " + error, error <= 1e-4);
              }
            });
  }

  /** One block at a time, so that a network's weights are never in memory at once. */
  private static HostTensor run(Stage stage, HostTensor feature) {
    return Torch.withoutGrad(
        () -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            Map<Parameter, NDArray> values = new IdentityHashMap<>();
            state(stage)
                .forEach(
                    (name, parameter) -> {
                      Shape shape = parameter.getShape();
                      float[] weights = Formula.weights(1, name, shape(shape)).values();
                      values.put(parameter, manager.create(weights, shape));
                    });
            ParameterStore store =
                new ParameterStore(manager, false) {
                  @Override
                  public NDArray getValue(Parameter parameter, Device device, boolean training) {
                    return values.get(parameter);
                  }
                };
            NDArray x = manager.create(feature.values(), new Shape(feature.shape()));
            NDArray y = stage.block().forward(store, new NDList(x), false).head();
            return new HostTensor(shape(y.getShape()), y.toFloatArray());
          }
        });
  }
}
