package org.riglab.networks.internal;

import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.RigException;
import org.riglab.api.bench.Blueprints;
import org.riglab.api.bench.Exporter;
import org.riglab.api.bench.ImportReport;
import org.riglab.api.bench.ImportSpec;
import org.riglab.api.bench.WeightFile;
import org.riglab.api.bench.Weights;
import org.riglab.api.network.Stage;
import org.riglab.base.AtomicFile;
import org.riglab.networks.Session;
import org.riglab.networks.Sessions;
import org.riglab.networks.TrainedOn;
import org.riglab.networks.data.Normalization;
import org.riglab.tensors.FiniteTensors;
import org.riglab.tensors.Safetensors;
import org.riglab.tensors.TensorFile;
import org.riglab.tensors.TensorFiles;

/** Weights from and to files. */
@Component
public final class WeightService implements Weights {
  private static final int RGB = 3;

  private final Sessions sessions;
  private final Blueprints blueprints;

  /** Writes formats other than a network's own. */
  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Exporter exporter;

  /**
   * @param sessions open networks for an import
   * @param blueprints show networks to the exporter
   */
  @Activate
  public WeightService(@Reference Sessions sessions, @Reference Blueprints blueprints) {
    this.sessions = sessions;
    this.blueprints = blueprints;
  }

  @Override
  public ImportReport read(String network, Path file, ImportSpec spec) {
    try (Session session = sessions.edit(network, "import");
        TensorFile source = TensorFiles.open(file)) {
      Map<String, List<Long>> shapes = shapes(session);
      OutputMap outputs =
          spec.outputs()
              .map(asked -> OutputMap.of(asked, session.spec().classes(), ClassAxes.of(session)))
              .orElse(OutputMap.none());
      ImportPlan plan =
          new ImportPlan(file, source, shapes, firstConvolution(session, shapes), outputs, spec);
      TrainedOn trainedOn = session.trainedOn();
      String taken = "";
      if (plan.complete() && spec.outputs().isEmpty()) {
        Optional<TrainedOn> known = ModelFile.trainedOn(source.metadata(), file.toString());
        if (known.isPresent() && known.get().classes().size() == trainedOn.classes().size()) {
          trainedOn = known.get();
          taken = trainedOn.dataset().name();
        }
      }
      Optional<Normalization> pixels = pixels(spec, source, file);
      session.load(plan.values(name -> floats(session, name)));
      trainedOn = pixels.map(trainedOn::with).orElse(trainedOn);
      trainedOn =
          spec.outputs()
              .flatMap(ImportSpec.Outputs::classes)
              .map(trainedOn::with)
              .orElse(trainedOn);
      if (spec.nonFinite()) {
        session.saveNonFinite(trainedOn);
      } else {
        session.save(trainedOn);
      }
      boolean stated = pixels.isPresent() || !taken.isEmpty();
      return plan.report(taken, stated ? trainedOn.normalization().words() : "");
    }
  }

  @Override
  public WeightFile list(Path file) {
    try (TensorFile source = TensorFiles.open(file)) {
      List<WeightFile.Tensor> tensors = new ArrayList<>();
      source
          .tensors()
          .forEach(
              (path, info) -> {
                int slash = path.lastIndexOf('/');
                tensors.add(
                    new WeightFile.Tensor(
                        path.substring(0, Math.max(0, slash)),
                        path.substring(slash + 1),
                        info.dtype().torch(),
                        info.shape()));
              });
      return new WeightFile(source.format(), source.metadata(), tensors);
    }
  }

  private static Optional<Normalization> pixels(ImportSpec spec, TensorFile source, Path file) {
    if (spec.pixelFormat().isPresent()) {
      ImportSpec.PixelFormat format = spec.pixelFormat().get();
      return Optional.of(
          new Normalization(format.channels(), format.range(), format.mean(), format.std()));
    }
    return switch (spec.pixels()) {
      case FILE -> ModelFile.normalization(source.metadata(), file.toString());
      case TORCHVISION -> Optional.of(Normalization.IMAGENET);
      case CAFFE -> Optional.of(Normalization.CAFFE);
    };
  }

  private static Map<String, List<Long>> shapes(Session session) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    session
        .state()
        .forEach((name, value) -> shapes.put(name, ModelFile.shape(value.getArray().getShape())));
    return shapes;
  }

  /** The first weight, if the network's first block takes more than the image's three channels. */
  private static Optional<String> firstConvolution(
      Session session, Map<String, List<Long>> shapes) {
    Stage first = session.show(network -> network.stages().get(0));
    long channels = first.inputChannels();
    return channels <= RGB
        ? Optional.empty()
        : shapes.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(first.prefix()))
            .filter(entry -> entry.getValue().size() == 4 && entry.getValue().get(1) == channels)
            .map(Map.Entry::getKey)
            .findFirst();
  }

  private static float[] floats(Session session, String name) {
    Parameter parameter = session.state().get(name);
    float[] values = parameter.getArray().toFloatArray();
    session.sweep();
    return values;
  }

  @Override
  public void write(String network, String format, List<Integer> size, Path file) {
    if (format.equals(SAFETENSORS)) {
      if (!size.isEmpty()) {
        throw new RigException(
            "safetensors contains only weights, which have no image size; omit the size,"
                + " or use torchscript or onnx");
      }
      stateDict(network, file);
      return;
    }
    Exporter present = exporter;
    List<String> formats = new ArrayList<>(List.of(SAFETENSORS));
    if (present != null) {
      formats.addAll(present.formats());
    }
    if (!formats.contains(format)) {
      throw new RigException(
          "cannot export '%s'; expected %s".formatted(format, String.join(", ", formats)));
    }
    blueprints.show(
        network,
        shown -> {
          AtomicFile.write(file, out -> present.write(shown, format, true, size, out));
          return null;
        });
  }

  private void stateDict(String network, Path file) {
    try (Safetensors model = Safetensors.open(sessions.file(network))) {
      Map<String, String> metadata = new LinkedHashMap<>(model.metadata());
      metadata.put("format", "pt"); // what Python's readers expect of PyTorch's names and shapes
      metadata.put(ModelFile.DIGEST, model.sha256());
      Safetensors.write(
          file,
          WeightMatching.shapes(model),
          FiniteTensors.of(key -> model.floats(key).values(), file),
          metadata);
    }
  }
}
