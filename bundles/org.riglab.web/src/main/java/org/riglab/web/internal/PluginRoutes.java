package org.riglab.web.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Plugins;

/** Plugins and their state. */
final class PluginRoutes {
  private static final int MOST_BYTES = 64 << 20;

  private final Plugins plugins;
  private final Uploads uploads;

  PluginRoutes(Plugins plugins, Uploads uploads) {
    this.plugins = plugins;
    this.uploads = uploads;
  }

  List<Route> routes() {
    return List.of(
        Route.of(
            "GET",
            "/api/v1/plugins",
            Role.VIEWER,
            call -> call.json(Map.of("plugins", plugins.list()))),
        Route.of("POST", "/api/v1/plugins", Role.ADMIN, call -> take(call, plugins::install))
            .bodies(MOST_BYTES),
        Route.of("PUT", "/api/v1/plugins", Role.ADMIN, call -> take(call, plugins::update))
            .bodies(MOST_BYTES),
        Route.of("GET", "/api/v1/plugins/{plugin}", Role.VIEWER, this::examine),
        Route.of("POST", "/api/v1/plugins/{plugin}/rollback", Role.ADMIN, this::rollback).bodies(0),
        Route.of("DELETE", "/api/v1/plugins/{plugin}", Role.ADMIN, this::remove, "force"));
  }

  private void take(Call call, Function<Path, Object> change) throws IOException {
    Object what =
        uploads.with(
            call,
            List.of("application/java-archive", "application/octet-stream"),
            file -> {
              ArchiveCheck.check(file);
              return change.apply(file);
            });
    call.json(201, what);
  }

  private void examine(Call call) throws IOException {
    String name = call.path("plugin");
    call.json(plugins.doctor(name));
  }

  private void rollback(Call call) throws IOException {
    String name = call.path("plugin");
    call.json(plugins.rollback(name));
  }

  private void remove(Call call) {
    String name = call.path("plugin");
    if (plugins.list().stream().noneMatch(plugin -> plugin.name().equals(name))) {
      throw new Refusal(404, "there is no plugin '" + Call.printable(name) + "'");
    }
    String force = call.text("force", "false");
    if (!List.of("true", "false").contains(force)) {
      throw new Refusal(400, "force is not true or false");
    }
    plugins.remove(name, force.equals("true"));
    call.done();
  }
}
