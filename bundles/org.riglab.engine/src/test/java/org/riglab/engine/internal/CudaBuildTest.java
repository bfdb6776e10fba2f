package org.riglab.engine.internal;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.Test;
import org.riglab.base.Json;
import org.riglab.engine.internal.CudaBuild.Artifact;

/** What is pinned in the code and what the profile cuda of the build takes are the same. */
public class CudaBuildTest {
  private static final Path ROOT = Path.of("../..");

  private static String text(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }

  @Test
  public void theProfileUnpacksTheSameFilesOfTheSameArtifacts() throws IOException {
    String versions = text("pom.xml");
    String profile = text("launcher/pom.xml");
    for (Artifact artifact : CudaBuild.PINNED.artifacts()) {
      Matcher item =
          Pattern.compile(
                  "<artifactId>"
                      + artifact.name()
                      + "</artifactId><version>\\$\\{([a-z.]+)}</version><classifier>"
                      + artifact.classifier()
                      + "</classifier><includes>([^<]*)</includes>")
              .matcher(profile);
      assertTrue(artifact.coordinate(), item.find());
      String property = item.group(1);
      assertTrue(
          artifact.coordinate(),
          versions.contains("<%s>%s</%s>".formatted(property, artifact.version(), property)));
      List<Pattern> includes =
          List.of(item.group(2).split(",")).stream()
              .map(
                  i -> Pattern.compile(i.replace("**/", "").replace(".", "\\.").replace("*", ".*")))
              .toList();
      for (String file : artifact.files()) {
        assertTrue(file, includes.stream().anyMatch(i -> i.matcher(file).matches()));
      }
    }
    assertTrue(versions.contains("<pytorch.version>" + CudaBuild.TORCH + "</pytorch.version>"));
  }

  @Test
  @SuppressWarnings("unchecked")
  public void theFeatureDescribesThem() throws IOException {
    // Features may have comments, the rest is JSON.
    String feature =
        text("features/native-cuda-linux-x86_64.json")
            .lines()
            .filter(line -> !line.strip().startsWith("//"))
            .collect(Collectors.joining("\n"));
    Map<String, Map<String, Object>> configurations =
        (Map<String, Map<String, Object>>) Json.parse(feature, "feature").get("configurations");
    Map<String, Object> engine = configurations.get(EngineConfig.PID);
    assertEquals(CudaBuild.FLAVOR, engine.get("flavor"));
    assertEquals(CudaBuild.PINNED.cuda(), engine.get("cuda"));
    Set<String> libraries = new TreeSet<>();
    CudaBuild.PINNED.artifacts().stream()
        .skip(1)
        .forEach(artifact -> libraries.addAll(artifact.files()));
    assertEquals(libraries, new TreeSet<>((List<String>) engine.get("excluded")));
  }
}
