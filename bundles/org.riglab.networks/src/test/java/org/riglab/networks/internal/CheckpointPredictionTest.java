package org.riglab.networks.internal;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.riglab.api.RigException;
import org.riglab.api.bench.FeatureMap;
import org.riglab.api.bench.Inference;
import org.riglab.api.bench.NetworkSpec;
import org.riglab.api.bench.Prediction;
import org.riglab.api.bench.Predictions;
import org.riglab.api.bench.RgbImage;
import org.riglab.networks.Session;
import org.riglab.tensors.HostTensor;
import org.riglab.tensors.Safetensors;

/** The weights of a checkpoint stand for their network, whatever became of it. */
public class CheckpointPredictionTest {
  private static final List<String> MAPS = List.of("gate.*", "logits.*");

  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  @Test
  public void aCheckpointPredictsAsItsNetworkDid() throws Exception {
    Path home = folder.newFolder().toPath();
    Path file = home.resolve("weights.safetensors");
    RgbImage image = new RgbImage(40, 40, new byte[3 * 40 * 40]);
    for (int i = 0; i < image.rgb().length; i++) {
      image.rgb()[i] = (byte) (i * 37 % 251);
    }
    try (Bench bench = Benches.create(home)) {
      bench.networks.assemble("rig", spec(bench, "mul-sigmoid", 1), false);
      Prediction before = bench.predictions.predict("rig", image, MAPS);
      try (Session session = bench.networks.open("rig", "test")) {
        write(file, session.values(), session.description(session.trainedOn()));
      }
      bench.networks.discard("rig");
      bench.networks.assemble("rig", spec(bench, "mul-tanh", 2), false);
      Prediction now = bench.predictions.predict("rig", image, MAPS);
      try (Predictions.Opened opened = bench.predictions.open(file)) {
        Prediction found = opened.predict(image, MAPS, Inference.PLAIN);
        assertEquals(before.maps().keySet(), found.maps().keySet());
        for (Map.Entry<String, FeatureMap> map : before.maps().entrySet()) {
          float[] values = found.maps().get(map.getKey()).values();
          assertArrayEquals(map.getKey(), map.getValue().values(), values, 1e-5f);
        }
        assertArrayEquals(before.answer(), found.answer());
        assertFalse(
            Arrays.equals(
                now.maps().get("logits.t2").values(), found.maps().get("logits.t2").values()));
      }
      Path bare = home.resolve("bare.safetensors");
      write(bare, Map.of("x", new HostTensor(List.of(1L), new float[1])), Map.of());
      assertThrows(RigException.class, () -> bench.predictions.open(bare));
    }
  }

  private static void write(
      Path file, Map<String, HostTensor> values, Map<String, String> description) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    values.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    Safetensors.write(file, shapes, name -> values.get(name).values(), description);
  }

  private static NetworkSpec spec(Bench bench, String gate, long seed) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("backbone", "resnet:layers=1,1,1,1:width=4");
    json.put("gate", gate);
    json.put("classes", 3L);
    json.put("feedback", List.of(6L));
    json.put("seed", seed);
    return bench.networks.spec(json, "test");
  }
}
