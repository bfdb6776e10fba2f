package org.riglab.spark.job;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.riglab.base.FileFailures;
import org.riglab.networks.MultiScaleInputs;
import org.riglab.networks.bulk.BulkSettings;
import org.riglab.networks.engine.Torch;
import org.riglab.networks.inference.InputSizes;
import org.riglab.networks.inference.Model;

/** An exported network. Thread safe. */
final class ScriptModel implements Model {
  /** One per job and process, for as long as the process lives. */
  private static final ConcurrentMap<String, PtSymbolBlock> MODULES = new ConcurrentHashMap<>();

  private final PtSymbolBlock module;
  private final BulkSettings settings;
  private final MultiScaleInputs inputs;

  private ScriptModel(PtSymbolBlock module, BulkSettings settings) {
    this.module = module;
    this.settings = settings;
    this.inputs = new MultiScaleInputs(settings.inputScales());
  }

  /**
   * @param job its id
   * @param file the exported network, read by the first caller of a process
   * @param settings of the job
   * @return the network of the process
   */
  static ScriptModel of(String job, Path file, BulkSettings settings) {
    return new ScriptModel(MODULES.computeIfAbsent(job, id -> load(file)), settings);
  }

  private static PtSymbolBlock load(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return JniUtils.loadModule((PtNDManager) Torch.newManager(Device.cpu()), in, false, false);
    } catch (IOException e) {
      throw FileFailures.reading(file, e);
    }
  }

  /** How many networks this process has loaded. */
  static int loaded() {
    return MODULES.size();
  }

  @Override
  public NDList logits(NDArray images) {
    NDList logits =
        inputs
            .forward(
                images,
                scaled -> {
                  InputSizes.check(settings.backbone(), settings.sizes(), scaled.getShape());
                  JniUtils.setGraphExecutorOptimize(false);
                  return IValueUtils.forward(module, new NDList(scaled), false);
                })
            .fused();
    logits.attach(images.getManager());
    return logits;
  }

  @Override
  public String blame(NDArray images) {
    return "network '%s' as it was exported".formatted(settings.network());
  }
}
