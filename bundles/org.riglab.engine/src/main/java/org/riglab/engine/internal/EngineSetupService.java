package org.riglab.engine.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.riglab.api.RigException;
import org.riglab.api.engine.EngineInfo;
import org.riglab.api.engine.EngineInfo.Build;
import org.riglab.api.engine.EngineSetup;

/** Installs engines. */
@Component
public final class EngineSetupService implements EngineSetup {
  private static final List<String> LICENCE =
      List.of(
          "CUDA's libraries and cuDNN are NVIDIA's. Fetching them means accepting the licences",
          "  https://docs.nvidia.com/cuda/eula/ (CUDA Toolkit)",
          "  https://docs.nvidia.com/deeplearning/cudnn/backend/latest/reference/eula.html (cuDNN)",
          "PyTorch (BSD-3-Clause) and OpenBLAS (BSD-3-Clause) are included.");

  /** Ends the sentence that no repository has a file. */
  static final String OTHERS = "--python and --libtorch need no network";

  private final Path home;
  private final CudaBuild build;
  private final Download download;

  /**
   * For declarative services.
   *
   * @param context says where the home is
   */
  @Activate
  public EngineSetupService(BundleContext context) {
    this(Path.of(context.getProperty("riglab.home")), CudaBuild.PINNED, new Download(OTHERS));
  }

  EngineSetupService(Path home, CudaBuild build, Download download) {
    this.home = home;
    this.build = build;
    this.download = download;
  }

  @Override
  public EngineInfo fetch(Optional<Path> directory, Watcher watcher) {
    platform();
    Path engines = directory.orElse(home.resolve("engine")).toAbsolutePath().normalize();
    EngineFolder folder = new EngineFolder(build, engines, download, watcher);
    Path libraries = folder.fill(() -> LICENCE.forEach(watcher::message));
    return write(
        Libtorch.check(
            libraries, CudaBuild.TORCH, build.cuda(), List.of(), "the engine in " + libraries),
        "Maven: " + build.artifacts().get(0).coordinate());
  }

  @Override
  public EngineInfo python(Path python) {
    platform();
    Path interpreter = python.toAbsolutePath();
    return link(PythonTorch.find(interpreter), "Python: " + interpreter);
  }

  @Override
  public EngineInfo libtorch(Path libtorch) {
    platform();
    Path given = libtorch.toAbsolutePath().normalize();
    Path libraries =
        Files.isRegularFile(given)
            ? given.getParent()
            : Files.isRegularFile(given.resolve("lib/libtorch.so")) ? given.resolve("lib") : given;
    return link(
        Libtorch.check(
            libraries, Release.of(libraries), Release.cuda(libraries), List.of(), given.toString()),
        "folder: " + given);
  }

  @Override
  public EngineInfo cpu() {
    new EngineFile(home).cpu();
    return new EngineInfo(Build.CPU, CudaBuild.TORCH, "", "the distribution", "", List.of());
  }

  private EngineInfo link(Libtorch libtorch, String source) {
    Path links = Links.make(home.toAbsolutePath().resolve("engine"), libtorch);
    return write(
        new Libtorch(
            links,
            libtorch.cudart(),
            libtorch.version(),
            libtorch.cuda(),
            libtorch.architectures()),
        source);
  }

  private EngineInfo write(Libtorch libtorch, String source) {
    new EngineFile(home).cuda(libtorch, source);
    return new EngineInfo(
        Build.CUDA,
        libtorch.version(),
        libtorch.cuda(),
        source,
        libtorch.libraries().toString(),
        libtorch.architectures());
  }

  private static void platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    if (!os.startsWith("linux") || !arch.equals("amd64")) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "GPUs are supported on Linux x86-64 only, this is %s on %s"
              .formatted(System.getProperty("os.name"), arch));
    }
  }
}
