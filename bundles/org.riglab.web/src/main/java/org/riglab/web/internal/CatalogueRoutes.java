package org.riglab.web.internal;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Catalogue;
import org.riglab.api.bench.Catalogue.Offer;
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

  /**
   * Installs or updates exactly what was confirmed: the digest of the offer that a person has seen
   * must still be that of the catalogue.
   */
  private void take(Call call) throws IOException {
    String plugin = call.path("plugin");
    String sha256 = new BodyFields(call.body("sha256")).text("sha256");
    Offer offer = catalogue.versions(plugin).get(0);
    if (!plugin.equals(offer.name() + "@" + offer.version())) {
      throw new Refusal(400, "the path ends with NAME@VERSION, for example " + named(offer));
    }
    if (!offer.sha256().equals(sha256)) {
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
