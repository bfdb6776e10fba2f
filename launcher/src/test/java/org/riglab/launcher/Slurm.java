package org.riglab.launcher;

import static org.junit.Assert.assertEquals;
import static org.junit.Assume.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.rules.ExternalResource;
import org.junit.rules.TemporaryFolder;

/** A cluster of one node on this machine: munged, slurmctld and slurmd of their own. */
final class Slurm extends ExternalResource {
  private final TemporaryFolder folder;
  private final List<Process> daemons = new ArrayList<>();
  private Path root;

  /**
   * @param folder of files, made before this rule is applied
   */
  Slurm(TemporaryFolder folder) {
    this.folder = folder;
  }

  private static boolean there(String command) {
    return Stream.of("/usr/sbin", "/usr/bin", "/sbin", "/bin")
        .anyMatch(path -> Files.isExecutable(Path.of(path, command)));
  }

  /** What a process needs to find the cluster. */
  Map<String, String> environment() {
    return Map.of("SLURM_CONF", root.resolve("slurm.conf").toString());
  }

  @Override
  protected void before() throws Throwable {
    assumeTrue(
        "skipped: it starts slurmd, as root", "root".equals(System.getProperty("user.name")));
    for (String command : List.of("munged", "slurmctld", "slurmd", "sbatch")) {
      assumeTrue("skipped: there is no " + command, there(command));
    }
    // munged trusts no key below a folder that others may write to.
    root = Files.createDirectories(folder.getRoot().toPath().resolve("slurm"));
    for (String name : List.of("state", "spool", "log")) {
      Files.createDirectory(root.resolve(name));
    }
    byte[] key = new byte[1024];
    new SecureRandom().nextBytes(key);
    Path secret = root.resolve("munge.key");
    Files.write(secret, key);
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(root.resolve("slurm.conf"), configuration());
    daemon(
        "munged",
        "--foreground",
        "--force",
        "--key-file=" + secret,
        "--socket=" + root.resolve("munge.sock"),
        "--pid-file=" + root.resolve("munged.pid"),
        "--log-file=" + root.resolve("log/munged.log"),
        "--seed-file=" + root.resolve("munge.seed"));
    daemon("slurmctld", "-D", "-c");
    daemon("slurmd", "-D");
    long end = System.nanoTime() + 60_000_000_000L;
    while (!run("sinfo", "-h", "-o", "%T").strip().equals("idle")) {
      assertEquals("the node is not idle after 60 s", true, System.nanoTime() < end);
      Thread.sleep(500);
    }
  }

  private String configuration() throws IOException {
    String host = InetAddress.getLocalHost().getHostName().split("\\.")[0];
    try (ServerSocket one = new ServerSocket(0);
        ServerSocket two = new ServerSocket(0)) {
      return """
      ClusterName=riglab
      SlurmctldHost=HOST(127.0.0.1)
      SlurmctldPort=%d
      SlurmdPort=%d
      AuthType=auth/munge
      AuthInfo=socket=ROOT/munge.sock,cred_expire=5
      SlurmUser=root
      StateSaveLocation=ROOT/state
      SlurmdSpoolDir=ROOT/spool
      SlurmctldPidFile=ROOT/slurmctld.pid
      SlurmdPidFile=ROOT/slurmd.pid
      ProctrackType=proctrack/linuxproc
      TaskPlugin=task/none
      SelectType=select/cons_tres
      SelectTypeParameters=CR_CPU
      ReturnToService=2
      MpiDefault=none
      KillWait=20
      SchedulerParameters=sched_interval=2,batch_sched_delay=0
      NodeName=HOST NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
      PartitionName=debug Nodes=HOST Default=YES MaxTime=INFINITE State=UP
      """
          .formatted(one.getLocalPort(), two.getLocalPort())
          .replace("HOST", host)
          .replace("ROOT", root.toString());
    }
  }

  private void daemon(String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment());
    builder.redirectErrorStream(true);
    builder.redirectOutput(root.resolve("log/" + command[0] + ".out").toFile());
    daemons.add(builder.start());
  }

  /** What a command of SLURM says. */
  String run(String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment());
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    return said;
  }

  @Override
  protected void after() {
    for (int k = daemons.size() - 1; k >= 0; k--) {
      daemons.get(k).descendants().forEach(ProcessHandle::destroyForcibly);
      daemons.get(k).destroyForcibly();
    }
  }
}
