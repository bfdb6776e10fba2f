package org.riglab.web.internal;

import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.felix.hc.api.execution.HealthCheckExecutor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.riglab.api.access.Tokens;
import org.riglab.api.bench.Analyst;
import org.riglab.api.bench.Catalogue;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Plugins;
import org.riglab.api.bench.Registry;
import org.riglab.api.bench.Trainer;
import org.riglab.api.lab.Gallery;
import org.riglab.api.lab.Lab;
import org.riglab.base.RemoteFiles;
import org.riglab.search.Searches;

/** The page and the API, as one servlet for everything. */
@Component(
    service = Servlet.class,
    configurationPid = "org.riglab.web",
    property = {
      "osgi.http.whiteboard.servlet.name=riglab",
      "osgi.http.whiteboard.servlet.pattern=/*",
      "osgi.http.whiteboard.servlet.asyncSupported:Boolean=true"
    })
public final class Web extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final transient Front front;
  private final transient Live live;
  private final transient Bodies bodies;
  private final transient Tables tables;

  /** Null where nothing is searched; it may come after the page. */
  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  transient volatile Searches searches;

  /**
   * @param tokens valid tokens
   * @param lab the runs
   * @param networks the networks
   * @param gallery pictures of runs and predictions
   * @param plugins third-party plugins
   * @param catalogue further ones
   * @param trainer describes trainings; null where there is none
   * @param evaluator describes evaluations
   * @param registry the parts
   * @param analyst draws networks
   * @param checks how the server is
   * @param connections informed of authenticated connections
   * @param links that sign in once
   * @param config names and directories
   */
  @Activate
  public Web(
      @Reference Tokens tokens,
      @Reference Lab lab,
      @Reference Networks networks,
      @Reference Gallery gallery,
      @Reference Plugins plugins,
      @Reference Catalogue catalogue,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          Trainer trainer,
      @Reference Evaluator evaluator,
      @Reference Registry registry,
      @Reference Analyst analyst,
      @Reference HealthCheckExecutor checks,
      @Reference Connections connections,
      @Reference Links links,
      WebConfig config) {
    Guard guard =
        new Guard(
            tokens,
            Arrays.stream(config.hosts())
                .map(host -> host.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet()),
            () -> System.nanoTime() / NANOS_PER_MILLI,
            new SessionFile(networks.home().resolve("access").resolve("sessions.json")),
            links);
    bodies = new Bodies(() -> System.nanoTime() / NANOS_PER_MILLI);
    Roots roots =
        new Roots(
            networks.home(),
            new RemoteFiles(
                networks.home().resolve("files"),
                Arrays.stream(config.data()).map(Path::of).toList()));
    Uploads uploads = new Uploads(networks.home().resolve("cache").resolve("uploads"));
    live = new Live(lab, caller -> tokens.valid(caller.token()).isPresent());
    tables = new Tables(lab, networks.home());
    SessionRoutes sessions = new SessionRoutes(guard, live::end);
    HealthRoutes health = new HealthRoutes(checks);
    List<Route> open = new ArrayList<>();
    open.addAll(StaticFiles.open());
    open.addAll(health.open());
    open.addAll(sessions.open());
    List<Route> routes = new ArrayList<>();
    routes.addAll(sessions.routes());
    routes.addAll(health.routes());
    routes.addAll(new RunRoutes(lab, roots).routes());
    routes.addAll(new RunChanges(lab).routes());
    routes.addAll(new Sweeps(lab).routes());
    routes.addAll(new OptionRoutes(trainer, evaluator, registry, networks).routes());
    routes.addAll(new NetworkRoutes(networks, analyst).routes());
    routes.addAll(new Evaluations(lab, roots).routes());
    routes.addAll(new Pictures(lab, gallery).routes());
    routes.addAll(new PredictionRoutes(networks, gallery, uploads).routes());
    routes.addAll(new PluginRoutes(plugins, uploads).routes());
    routes.addAll(new CatalogueRoutes(catalogue, plugins).routes());
    routes.addAll(tables.routes());
    routes.addAll(new SearchRoutes(() -> searches).routes());
    routes.addAll(live.routes());
    routes.addAll(new MetricsRoutes(lab, live, plugins).routes());
    routes.addAll(StaticFiles.page());
    front =
        new Front(
            guard,
            new Proxies(Arrays.asList(config.proxies())),
            connections,
            bodies,
            networks.home(),
            live::messages,
            open,
            routes);
  }

  /**
   * @return the clients that watch
   */
  Live live() {
    return live;
  }

  /**
   * @return what is on its way
   */
  Bodies bodies() {
    return bodies;
  }

  /**
   * @return all routes
   */
  List<Route> routes() {
    return front.routes();
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    front.service(request, response);
  }

  @Deactivate
  void close() {
    live.close();
    bodies.close();
    tables.close();
  }
}
