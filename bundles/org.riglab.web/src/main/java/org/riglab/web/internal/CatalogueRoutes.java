package org.riglab.web.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Catalogue;
import org.riglab.api.bench.Catalogue.Offer;
import org.riglab.api.bench.Catalogue.Plan;
import org.riglab.api.bench.Plugins;

/** The plugins of the configured catalogues. */
final class CatalogueRoutes {
  private final Catalogue catalogue;
  private final Plugins plugins;

  /**
   * @param catalogue has them
   * @param plugins installs them
   */
  CatalogueRoutes(Catalogue catalogue, Plugins plugins) {
    this.catalogue = catalogue;
    this.plugins = plugins;
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/api/v1/catalogue", Role.VIEWER, this::search, "word"),
        Route.of(
            "GET",
            "/api/v1/catalogue/{plugin}",
            Role.VIEWER,
            call -> call.json(Map.of("versions", catalogue.versions(call.path("plugin"))))),
        Route.of(
            "GET",
            "/api/v1/catalogue/{plugin}/plan",
            Role.VIEWER,
            call -> call.json(plan(call.path("plugin")))),
        Route.of("POST", "/api/v1/catalogue/{plugin}", Role.ADMIN, this::take));
  }

  private void search(Call call) throws IOException {
    List<Offer> found = catalogue.search(call.text("word", ""));
    Map<String, String> newer = new TreeMap<>();
    catalogue.outdated().forEach(offer -> newer.put(offer.name(), offer.version()));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("offers", found);
    answer.put("outdated", newer);
    call.json(answer);
  }

  private Plan plan(String plugin) {
    return catalogue
        .plan(plugin)
        .orElseThrow(
            () -> new Refusal(404, "no catalogue has a plugin '" + Call.printable(plugin) + "'"));
  }

  /**
   * Installs or updates exactly what was confirmed: the digests of the plugin and its libraries in
   * the confirmed plan must still be those of the catalogue.
   */
  private void take(Call call) throws IOException {
    String plugin = call.path("plugin");
    List<String> seen = new BodyFields(call.body("sha256")).texts("sha256");
    Plan plan = plan(plugin);
    Offer offer = plan.plugin();
    if (!plugin.equals(offer.name() + "@" + offer.version())) {
      throw new Refusal(400, "the path ends with NAME@VERSION, for example " + named(offer));
    }
    List<String> now = new ArrayList<>(List.of(offer.sha256()));
    plan.libraries().forEach(library -> now.add(library.sha256()));
    if (!now.equals(seen)) {
      throw new Refusal(409, "the catalogue has changed; look at " + named(offer) + " again");
    }
    boolean there = plugins.list().stream().anyMatch(one -> one.name().equals(offer.name()));
    call.json(
        201, there ? plugins.update(named(offer)).after() : plugins.install(named(offer), false));
  }

  private static String named(Offer offer) {
    return offer.name() + "@" + offer.version();
  }
}
