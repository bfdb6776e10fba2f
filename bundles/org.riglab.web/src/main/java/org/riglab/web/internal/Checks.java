package org.riglab.web.internal;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.felix.hc.api.FormattingResultLog;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.access.Tokens;
import org.riglab.api.bench.Plugins;
import org.riglab.api.lab.Health;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;

/** Health checks: what the lab finds out about itself, and the plugins. */
final class Checks {
  private static final Set<String> DISK = Set.of("disk", "runs");
  private static final String STORE = "store";
  private static final String MEMORY = "memory";

  private Checks() {}

  private static Result result(Health health, Predicate<String> which, String fine) {
    FormattingResultLog log = new FormattingResultLog();
    List<Health.Check> checks =
        health.checks().stream().filter(check -> which.test(check.name())).toList();
    for (Health.Check check : checks) {
      String text = check.name() + ": " + check.text();
      switch (check.status()) {
        case OK -> log.info("{}", text);
        case WARN -> log.warn("{}", text);
        case CRITICAL -> log.critical("{}", text);
      }
    }
    if (checks.isEmpty()) {
      log.info("{}", fine);
    }
    return new Result(log);
  }

  /** A check of what the lab found out. */
  private abstract static class LabCheck implements HealthCheck {
    final Lab lab;

    LabCheck(Lab lab) {
      this.lab = lab;
    }
  }

  /** Room where the home is. */
  @Component(
      service = HealthCheck.class,
      property = {HealthCheck.NAME + "=disk", HealthCheck.TAGS + "=" + HealthRoutes.TAG})
  public static final class Disk extends LabCheck {
    /**
     * @param lab whose health is checked
     */
    @Activate
    public Disk(@Reference Lab lab) {
      super(lab);
    }

    @Override
    public Result execute() {
      return result(lab.health(), DISK::contains, "no shortage");
    }
  }

  /** The store of runs. */
  @Component(
      service = HealthCheck.class,
      property = {HealthCheck.NAME + "=database", HealthCheck.TAGS + "=" + HealthRoutes.TAG})
  public static final class Database extends LabCheck {
    /**
     * @param lab whose health is checked
     */
    @Activate
    public Database(@Reference Lab lab) {
      super(lab);
    }

    @Override
    public Result execute() {
      // Reads the store. A failure throws, which makes the check critical.
      lab.list(new Lab.Query(Set.of(Run.State.QUEUED), Set.of(), "", 0, 0, 1));
      return result(lab.health(), STORE::equals, "answers");
    }
  }

  /** The queue, its workers, and runs that the watchdog reports. */
  @Component(
      service = HealthCheck.class,
      property = {HealthCheck.NAME + "=queue", HealthCheck.TAGS + "=" + HealthRoutes.TAG})
  public static final class Queue extends LabCheck {
    /**
     * @param lab whose health is checked
     */
    @Activate
    public Queue(@Reference Lab lab) {
      super(lab);
    }

    @Override
    public Result execute() {
      Health health = lab.health();
      Predicate<String> others =
          name -> !DISK.contains(name) && !name.equals(STORE) && !name.equals(MEMORY);
      Result found = result(health, others, health.workers().size() + " workers");
      if (health.server() || health.owner().isPresent()) {
        return found;
      }
      return new Result(Result.Status.CRITICAL, "no process works on the queue");
    }
  }

  /** Memory of the process. */
  @Component(
      service = HealthCheck.class,
      property = {HealthCheck.NAME + "=memory", HealthCheck.TAGS + "=" + HealthRoutes.TAG})
  public static final class Memory extends LabCheck {
    /**
     * @param lab whose health is checked
     */
    @Activate
    public Memory(@Reference Lab lab) {
      super(lab);
    }

    @Override
    public Result execute() {
      return result(lab.health(), MEMORY::equals, "no shortage");
    }
  }

  /** Whether tokens can be read; without them no one can sign in. */
  @Component(property = {HealthCheck.NAME + "=tokens", HealthCheck.TAGS + "=" + HealthRoutes.TAG})
  public static final class TokenStates implements HealthCheck {
    private final Tokens tokens;

    /**
     * @param tokens which
     */
    @Activate
    public TokenStates(@Reference Tokens tokens) {
      this.tokens = tokens;
    }

    @Override
    public Result execute() {
      try {
        return new Result(Result.Status.OK, tokens.list().size() + " tokens");
      } catch (RigException e) {
        return new Result(
            Result.Status.CRITICAL, "tokens cannot be read: 'rig token list' says why");
      }
    }
  }

  /** Whether every plugin runs. */
  @Component(property = {HealthCheck.NAME + "=plugins", HealthCheck.TAGS + "=" + HealthRoutes.TAG})
  public static final class PluginStates implements HealthCheck {
    private final Plugins plugins;

    /**
     * @param plugins which
     */
    @Activate
    public PluginStates(@Reference Plugins plugins) {
      this.plugins = plugins;
    }

    @Override
    public Result execute() {
      FormattingResultLog log = new FormattingResultLog();
      log.info("{} plugins", plugins.list().size());
      for (Plugins.Plugin plugin : plugins.list()) {
        if (!plugin.state().equals("active")) {
          log.warn("{}: {}", plugin.name(), plugin.state());
        }
      }
      return new Result(log);
    }
  }
}
