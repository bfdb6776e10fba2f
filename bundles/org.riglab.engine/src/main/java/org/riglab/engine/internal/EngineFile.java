package org.riglab.engine.internal;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.riglab.api.RigException;

/**
 * {@code config/engine.json} of a home: a configuration resource (OSGi Compendium, Configurator
 * Specification) that the launcher reads when a process starts.
 */
record EngineFile(Path home) {
  private Path file() {
    return home.resolve("config/engine.json");
  }

  /** Writes that the engine is the distribution's own, for the CPU. */
  void cpu() {
    JsonObject engine = new JsonObject();
    engine.addProperty("build", "cpu");
    write(engine);
  }

  /** Writes that the engine is in a folder. */
  void cuda(Libtorch libtorch, String source) {
    JsonObject engine = new JsonObject();
    engine.addProperty("build", "cuda");
    engine.addProperty("version", libtorch.version());
    engine.addProperty("cuda", libtorch.cuda());
    engine.addProperty("flavor", CudaBuild.FLAVOR);
    engine.addProperty("source", source);
    engine.addProperty("libraries", libtorch.libraries().toString());
    engine.addProperty("cudart", libtorch.cudart().toString());
    JsonArray excluded = new JsonArray();
    libtorch.excluded().forEach(excluded::add);
    engine.add("excluded", excluded);
    JsonArray architectures = new JsonArray();
    libtorch.architectures().forEach(code -> architectures.add(code.toString()));
    engine.add("architectures", architectures);
    write(engine);
  }

  private void write(JsonObject engine) {
    JsonObject resource = new JsonObject();
    resource.addProperty(":configurator:resource-version", 1);
    resource.add(EngineConfig.PID, engine);
    String text =
        new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(resource) + "\n";
    Path temporary = file().resolveSibling(".engine.json." + UUID.randomUUID());
    try {
      Files.createDirectories(file().getParent());
      try {
        Files.writeString(temporary, text);
        Files.move(
            temporary, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      throw new RigException(
          RigException.Kind.IO, "cannot write " + file() + ": " + e.getMessage(), e);
    }
  }
}
