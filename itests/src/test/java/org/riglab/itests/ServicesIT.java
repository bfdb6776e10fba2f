package org.riglab.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.riglab.api.bench.PartInfo;
import org.riglab.api.bench.Registry;

/** What is there in a bench that has just started. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class ServicesIT {
  @Inject private BundleContext context;
  @Inject private Registry registry;
  @Inject private ServiceComponentRuntime components;

  @Configuration
  public static Option[] configuration() throws Exception {
    return new Option[] {
      Platform.configuration("services", new PluginJars(Path.of("target/plugins-services")))
    };
  }

  @Test
  public void everyBuiltInPartIsThere() {
    Map<String, TreeSet<String>> names =
        registry.parts("").stream()
            .collect(
                Collectors.groupingBy(
                    PartInfo::kind,
                    Collectors.mapping(PartInfo::name, Collectors.toCollection(TreeSet::new))));
    contains(
        names.get("backbone"),
        "resnet",
        "resnet18",
        "resnet34",
        "resnet50",
        "resnet101",
        "resnet152",
        "deeplabv2",
        "vgg16",
        "unet");
    contains(names.get("gate"), "mul-sigmoid", "mul-tanh", "add-relu", "basic", "identity");
    contains(
        names.get("unroll"),
        "feed-forward",
        "sequential",
        "parallel",
        "parallel-multi-range",
        "rethinking",
        "network-wide",
        "network-wide-gated");
    contains(names.get("dataset"), "shapes", "camvid", "voc2012", "cocostuff10k", "folder");
    contains(names.get("metric"), "confusion", "boundary", "change-rate");
  }

  private static void contains(Set<String> names, String... expected) {
    Set<String> missing = new TreeSet<>(List.of(expected));
    missing.removeAll(names);
    assertEquals(Set.of(), missing);
  }

  @Test
  public void partsTellOptionsAndOrigin() throws Exception {
    for (PartInfo part : registry.parts("")) {
      assertTrue(part.about(), !part.about().isBlank() && !part.about().contains("out of order"));
      Bundle bundle = context.getBundle(part.bundleId());
      assertEquals(bundle.getSymbolicName(), part.bundle());
      assertEquals(bundle.getVersion().toString(), part.version());
      Path jar = Path.of(java.net.URI.create(bundle.getLocation().replace("reference:", "")));
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar));
      assertEquals(HexFormat.of().formatHex(digest), part.sha256());
    }
    PartInfo gate =
        registry.parts("gate").stream()
            .filter(p -> p.name().equals("mul-sigmoid"))
            .findFirst()
            .get();
    assertEquals(
        List.of("init=paper [paper, open, twice]", "pool=avg [avg, max, none]"),
        gate.options().stream()
            .map(o -> o.name() + "=" + o.defaultValue() + " " + o.allowed())
            .toList());
  }

  @Test
  public void everyBundleIsActive() {
    List<String> idle =
        Arrays.stream(context.getBundles())
            .filter(b -> b.getHeaders().get(Constants.FRAGMENT_HOST) == null)
            .filter(b -> b.getState() != Bundle.ACTIVE)
            .map(Bundle::toString)
            .toList();
    assertEquals(List.of(), idle);
  }

  @Test
  public void everyComponentIsSatisfied() {
    List<String> waiting = new ArrayList<>();
    int satisfied = 0;
    for (ComponentDescriptionDTO d : components.getComponentDescriptionDTOs()) {
      for (ComponentConfigurationDTO c : components.getComponentConfigurationDTOs(d)) {
        if (c.state == ComponentConfigurationDTO.ACTIVE
            || c.state == ComponentConfigurationDTO.SATISFIED) {
          satisfied++;
        } else if (c.state != ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION) {
          waiting.add(d.name);
        }
      }
    }
    assertEquals(List.of(), waiting);
    assertTrue("" + satisfied, satisfied > 15);
  }
}
