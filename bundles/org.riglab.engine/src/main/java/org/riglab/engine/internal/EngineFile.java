package org.riglab.engine.internal;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.riglab.base.Json;

/**
 * {@code config/engine.json} of a home: a configuration resource (OSGi Compendium, Configurator
 * Specification) that the launcher reads when a process starts.
 */
record EngineFile(Path home) {
  /** Writes that the engine is the distribution's own, for the CPU. */
  void cpu() {
    write(Map.of("build", "cpu"));
  }

  /** Writes that the engine is in a folder. */
  void cuda(Libtorch libtorch, String source) {
    Map<String, Object> engine = new LinkedHashMap<>();
    engine.put("build", "cuda");
    engine.put("version", libtorch.version());
    engine.put("cuda", libtorch.cuda());
    engine.put("flavor", CudaBuild.FLAVOR);
    engine.put("source", source);
    engine.put("libraries", libtorch.libraries().toString());
    engine.put("cudart", libtorch.cudart().toString());
    engine.put("excluded", List.copyOf(libtorch.excluded()));
    engine.put("architectures", libtorch.architectures().stream().map(Object::toString).toList());
    write(engine);
  }

  private void write(Map<String, Object> engine) {
    Map<String, Object> resource = new LinkedHashMap<>();
    resource.put(":configurator:resource-version", 1);
    resource.put(EngineConfig.PID, engine);
    Json.write(home.resolve("config/engine.json"), resource);
  }
}
