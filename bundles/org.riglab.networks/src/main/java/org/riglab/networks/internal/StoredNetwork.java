package org.riglab.networks.internal;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.riglab.api.bench.Network;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.data.ClassTable;
import org.riglab.api.network.Stage;
import org.riglab.tensors.Safetensors;

/**
 * What callers hold: a name, so that nothing in memory is pinned. Questions about the structure are
 * answered by a copy without values, so that they neither load weights nor wait for a user.
 */
record StoredNetwork(Slot slot, Assemblies assemblies) implements Network {
  @Override
  public String name() {
    return slot.name();
  }

  @Override
  public NetworkSpec spec() {
    return assemblies.resolved(slot.described().spec());
  }

  @Override
  public ClassTable classes() {
    return slot.described().trainedOn().classes();
  }

  @Override
  public Map<String, List<Long>> state() {
    try (Safetensors file = Safetensors.open(slot.file())) {
      return WeightMatching.shapes(file);
    }
  }

  @Override
  public List<PartInfo> parts() {
    try (Assembly assembly = assemblies.blank(name(), spec(), Device.cpu())) {
      return assembly.parts();
    }
  }

  @Override
  public List<BlockRow> blocks(int height, int width) {
    try (Assembly assembly = assemblies.blank(name(), spec(), Device.cpu())) {
      return rows(assembly, height, width);
    }
  }

  private static List<BlockRow> rows(Assembly assembly, int height, int width) {
    List<Stage> stages = assembly.block().stages();
    Shape[] shapes = {new Shape(1, stages.get(0).inputChannels(), height, width)};
    List<BlockRow> rows = new ArrayList<>();
    for (int k = 1; k <= stages.size(); k++) {
      Stage stage = stages.get(k - 1);
      shapes = stage.block().getOutputShapes(shapes);
      Block gate = assembly.block().gates().get(k);
      rows.add(
          new BlockRow(
              k,
              stage.name(),
              LongStream.of(shapes[0].slice(1).getShape()).boxed().toList(),
              parameters(stage.block()),
              gate == null ? -1 : parameters(gate),
              assembly.applications(k)));
    }
    return rows;
  }

  private static long parameters(Block block) {
    return block.getParameters().values().stream()
        .filter(Parameter::requiresGradient)
        .mapToLong(parameter -> parameter.getShape().size())
        .sum();
  }
}
