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

/**
 * A cluster of two nodes on this machine: munged, slurmctld and slurmd of their own. Each slurmd
 * has a host name of its own; where the kernel does not allow that, there is one node.
 */
final class Slurm extends ExternalResource {
  private static final int CORES = 2;

  private final TemporaryFolder folder;
  private final List<Process> daemons = new ArrayList<>();
  private List<String> nodes = List.of();
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

  /** Names of the nodes. */
  List<String> nodes() {
    return nodes;
  }

  private static List<String> names() throws Exception {
    Process process = new ProcessBuilder("unshare", "--uts", "--mount", "true").start();
    String host = InetAddress.getLocalHost().getHostName().split("\\.")[0];
    return process.waitFor() == 0 ? List.of("rig-node1", "rig-node2") : List.of(host);
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
    for (String name : List.of("state", "log")) {
      Files.createDirectory(root.resolve(name));
    }
    nodes = names();
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
    for (String node : nodes) {
      if (nodes.size() == 1) {
        daemon("slurmd", "-D");
      } else {
        daemon(
            "unshare",
            "--uts",
            "--mount",
            "sh",
            "-c",
            "mount --bind %s /etc/hosts && hostname %s && exec slurmd -D".formatted(hosts(), node));
      }
    }
    long end = System.nanoTime() + 60_000_000_000L;
    while (!run("sinfo", "-h", "-o", "%T").strip().equals("idle")) {
      assertEquals("the node is not idle after 60 s", true, System.nanoTime() < end);
      Thread.sleep(500);
    }
  }

  /** The nodes find each other by name, as on a real cluster. */
  private Path hosts() throws IOException {
    return Files.writeString(
        root.resolve("hosts"), "127.0.0.1 localhost " + String.join(" ", nodes) + "\n");
  }

  private static int free() throws IOException {
    try (ServerSocket any = new ServerSocket(0)) {
      return any.getLocalPort();
    }
  }

  private String configuration() throws IOException {
    StringBuilder text =
        new StringBuilder(
            """
            ClusterName=riglab
            SlurmctldHost=%s(127.0.0.1)
            SlurmctldPort=%d
            AuthType=auth/munge
            AuthInfo=socket=ROOT/munge.sock,cred_expire=5
            SlurmUser=root
            StateSaveLocation=ROOT/state
            SlurmdSpoolDir=ROOT/spool-%%n
            SlurmctldPidFile=ROOT/slurmctld.pid
            SlurmdPidFile=ROOT/slurmd-%%n.pid
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_CPU
            ReturnToService=2
            MpiDefault=none
            KillWait=20
            SchedulerParameters=sched_interval=2,batch_sched_delay=0
            PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
            """
                .formatted(InetAddress.getLocalHost().getHostName().split("\\.")[0], free())
                .replace("ROOT", root.toString()));
    for (String node : nodes) {
      text.append(
          "NodeName=%s NodeAddr=127.0.0.1 Port=%d CPUs=%d State=UNKNOWN\n"
              .formatted(node, free(), CORES / nodes.size()));
    }
    return text.toString();
  }

  private void daemon(String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment());
    builder.redirectErrorStream(true);
    builder.redirectOutput(root.resolve("log/" + command[0] + daemons.size() + ".out").toFile());
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
