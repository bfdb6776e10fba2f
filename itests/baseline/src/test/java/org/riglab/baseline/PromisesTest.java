package org.riglab.baseline;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import aQute.bnd.osgi.Jar;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.Before;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** A small API, released, then changed in one place. */
public final class PromisesTest {
  private static final String WORKER =
      """
      package p;
      /** Plugins implement it. */
      @org.osgi.annotation.versioning.ConsumerType
      public interface Worker extends Named {
        int work(int hours);
      }
      """;
  private static final String NAMED =
      """
      package p;
      @org.osgi.annotation.versioning.ConsumerType
      public interface Named {
        String name();
      }
      """;
  private static final String BOSS =
      """
      package p;
      @org.osgi.annotation.versioning.ProviderType
      public interface Boss {
        void hire(Worker[] workers);
        @Deprecated(since = "1.0", forRemoval = true)
        void fire(Worker worker);
        @Deprecated(since = "1.0")
        void warn(Worker worker);
      }
      """;
  private static final String HOURS =
      """
      package p;
      public record Hours(int count) {
        public static final int MOST = 8;
        static int secret() { return 1; }
        public enum Kind { DAY, NIGHT }
      }
      """;

  @Rule public final TemporaryFolder folder = new TemporaryFolder();
  private Path released;

  @Before
  public void release() throws Exception {
    released = folder.getRoot().toPath().resolve("released.jar");
    try (Jar first = api("1.0.0", WORKER, NAMED, BOSS, HOURS)) {
      Signatures.write(first, released);
    }
  }

  private Jar api(String version, String... sources) throws Exception {
    Path classes = folder.newFolder().toPath();
    Files.createDirectories(classes.resolve("META-INF"));
    Files.writeString(
        classes.resolve("META-INF/MANIFEST.MF"),
        """
        Manifest-Version: 1.0
        Bundle-ManifestVersion: 2
        Bundle-SymbolicName: p
        Bundle-Version: 1.0.0
        Export-Package: p;version="%s"
        """
            .formatted(version));
    compile(classes, sources);
    return new Jar(classes.toFile());
  }

  private void compile(Path classes, String... sources) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-nowarn",
                "-XDuseUnsharedTable",
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("java.class.path")));
    Path from = folder.newFolder().toPath();
    for (String source : sources) {
      String name =
          source.replaceAll(
              "(?s).*?\\npublic (?:interface|record|(?:abstract |final )?class) (\\w+).*", "$1");
      Path file = from.resolve(name + ".java");
      Files.writeString(file, source);
      arguments.add(file.toString());
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter errors = new StringWriter();
    int status =
        compiler.run(
            null,
            null,
            new java.io.OutputStream() {
              @Override
              public void write(int b) {
                errors.write(b);
              }
            },
            arguments.toArray(String[]::new));
    assertEquals(errors.toString(), 0, status);
  }

  private List<String> versions(String version, String... sources) throws Exception {
    try (Jar bundle = api(version, sources);
        Jar before = new Jar(released.toFile())) {
      return Promises.versions(bundle, before);
    }
  }

  private List<String> deprecations(String version, String... sources) throws Exception {
    try (Jar bundle = api(version, sources);
        Jar before = new Jar(released.toFile())) {
      return Promises.deprecations(bundle, before);
    }
  }

  private List<String> roles(String source) throws Exception {
    try (Jar bundle = api("1.0.0", source)) {
      return Promises.roles(bundle);
    }
  }

  @Test
  public void unchangedApiKeepsItsVersion() throws Exception {
    assertEquals(List.of(), versions("1.0.0", WORKER, NAMED, BOSS, HOURS));
    assertEquals(List.of(), deprecations("1.0.0", WORKER, NAMED, BOSS, HOURS));
  }

  @Test
  public void methodBodiesAndPackagePrivateMembersAreNoApi() throws Exception {
    String other = HOURS.replace("static int secret() { return 1; }", "int more() { return 2; }");
    assertEquals(List.of(), versions("1.0.0", WORKER, NAMED, BOSS, other));
  }

  @Test
  public void methodAddedForConsumersIsMajor() throws Exception {
    String more = WORKER.replace("int work", "int rest(long[] hours);\n  int work");
    assertEquals(
        List.of(
            "p.Worker#rest(long[]): added, which is major for a @ConsumerType; package p must have version 2.0.0, not 1.0.0"),
        versions("1.0.0", more, NAMED, BOSS, HOURS));
    assertEquals(
        List.of(
            "p.Worker#rest(long[]): added, which is major for a @ConsumerType; package p must have version 2.0.0, not 1.4.0"),
        versions("1.4.0", more, NAMED, BOSS, HOURS));
    assertEquals(List.of(), versions("2.0.0", more, NAMED, BOSS, HOURS));
  }

  @Test
  public void inheritedMethodIsNamedWhereItIsDeclared() throws Exception {
    String more = NAMED.replace("String name", "String title();\n  String name");
    assertEquals(
        List.of(
            "p.Named#title(): added, which is major for a @ConsumerType; package p must have version 2.0.0, not 1.0.0"),
        versions("1.0.0", WORKER, more, BOSS, HOURS));
  }

  @Test
  public void defaultMethodAddedForConsumersIsMinor() throws Exception {
    String more = WORKER.replace("int work", "default int rest() { return 0; }\n  int work");
    assertEquals(
        List.of(
            "p.Worker#rest(): added, which is minor for a @ConsumerType; package p must have version 1.1.0, not 1.0.0"),
        versions("1.0.0", more, NAMED, BOSS, HOURS));
  }

  @Test
  public void methodAddedForProvidersIsMinor() throws Exception {
    String more = BOSS.replace("void hire", "int count();\n  void hire");
    assertEquals(
        List.of(
            "p.Boss#count(): added, which is minor for a @ProviderType; package p must have version 1.1.0, not 1.0.0"),
        versions("1.0.0", WORKER, NAMED, more, HOURS));
    assertEquals(List.of(), versions("1.1.0", WORKER, NAMED, more, HOURS));
  }

  @Test
  public void removedMethodIsMajor() throws Exception {
    String less = BOSS.replace("void hire(Worker[] workers);", "");
    assertEquals(
        List.of(
            "p.Boss#hire(p.Worker[]): removed, which is major for a @ProviderType; package p must have version 2.0.0, not 1.1.0"),
        versions("1.1.0", WORKER, NAMED, less, HOURS));
  }

  @Test
  public void changedReturnTypeIsMajor() throws Exception {
    List<String> broken =
        versions("1.1.0", WORKER.replace("int work", "long work"), NAMED, BOSS, HOURS);
    assertTrue(broken.toString(), broken.get(0).startsWith("p.Worker#work(int): return "));
    assertTrue(broken.toString(), broken.get(0).endsWith("must have version 2.0.0, not 1.1.0"));
  }

  @Test
  public void addedRecordComponentIsMajorUnlessTheOldConstructorStays() throws Exception {
    String more = HOURS.replace("(int count)", "(int count, Kind kind)");
    assertEquals(
        List.of(
            "p.Hours#<init>(int): removed, which is major; package p must have version 2.0.0, not 1.1.0"),
        versions("1.1.0", WORKER, NAMED, BOSS, more));
    String kept =
        more.replace(
            "public static", "public Hours(int count) { this(count, Kind.DAY); }\n  public static");
    assertEquals(List.of(), versions("1.1.0", WORKER, NAMED, BOSS, kept));
  }

  @Test
  public void addedTypeIsMinor() throws Exception {
    String fresh = "package p;\npublic final class Fresh { Fresh() {} }\n";
    assertEquals(
        List.of("p.Fresh: added, which is minor; package p must have version 1.1.0, not 1.0.0"),
        versions("1.0.0", WORKER, NAMED, BOSS, HOURS, fresh));
  }

  @Test
  public void onlyWhatWasAnnouncedMayLeave() throws Exception {
    String announced = BOSS.replaceAll("@Deprecated.*true\\)\\s*void fire.*\n", "");
    assertEquals(List.of(), deprecations("2.0.0", WORKER, NAMED, announced, HOURS));
    assertEquals(1, versions("1.1.0", WORKER, NAMED, announced, HOURS).size());

    String discouraged = BOSS.replaceAll("@Deprecated\\(since = \"1.0\"\\)\\s*void warn.*\n", "");
    assertEquals(
        List.of(
            "p.Boss#warn(p.Worker): removed, but the last release did not announce it; keep it for one release as @Deprecated(since, forRemoval = true)"),
        deprecations("2.0.0", WORKER, NAMED, discouraged, HOURS));
    assertEquals(
        List.of(
            "p.Hours$Kind#NIGHT: removed, but the last release did not announce it; keep it for one release as @Deprecated(since, forRemoval = true)"),
        deprecations("2.0.0", WORKER, NAMED, BOSS, HOURS.replace(", NIGHT", "")));
  }

  @Test
  public void deprecationSaysSinceWhen() throws Exception {
    String mute = WORKER.replace("int work", "@Deprecated int work");
    assertEquals(
        List.of(
            "p.Worker#work(int): @Deprecated without since; name the version of its package, for example since = \"1.1\""),
        deprecations("1.0.0", mute, NAMED, BOSS, HOURS));
  }

  @Test
  public void extendableTypesSayWhoImplementsThem() throws Exception {
    assertEquals(List.of(), roles(WORKER.replace(" extends Named", "")));
    assertEquals(List.of(), roles(HOURS));
    assertEquals(List.of(), roles("package p;\npublic final class Done { public Done() {} }\n"));
    assertEquals(List.of(), roles("package p;\npublic class Closed { Closed() {} }\n"));
    assertEquals(
        List.of(),
        roles(
            "package p;\nclass Hidden { public interface Inner {} }\n"
                + "final class Outer { }\npublic record R() { private interface Inner {} }"));
    assertEquals(
        List.of(
            "p.Open: neither @ConsumerType nor @ProviderType (nor final); say who implements it"),
        roles("package p;\npublic interface Open {}\n"));
    assertEquals(
        List.of(
            "p.Open: neither @ConsumerType nor @ProviderType (nor final); say who implements it"),
        roles("package p;\npublic class Open { protected Open() {} }\n"));
    assertEquals(
        List.of(
            "p.R$In: neither @ConsumerType nor @ProviderType (nor final); say who implements it"),
        roles("package p;\npublic record R() { public interface In {} }\n"));
  }
}
