package org.riglab.itests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
import org.riglab.api.RigException;
import org.riglab.api.bench.Evaluator;
import org.riglab.api.bench.Networks;
import org.riglab.api.bench.Observer;

/** ONNX Runtime's native library is found in a fragment; its bundle comes and goes. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class OnnxIT {
  @Inject private BundleContext context;
  @Inject private Networks networks;
  @Inject private Evaluator evaluator;

  @Configuration
  public static Option[] configuration() throws Exception {
    return new Option[] {
      Platform.configuration("onnx", new PluginJars(Path.of("target/plugins-onnx")))
    };
  }

  /** How often which class was taken for which. */
  private List<List<Long>> confusion(String execution) {
    Map<String, Object> options =
        Map.of(
            "dataset",
            "shapes:size=32:train=2:val=4",
            "execution",
            execution,
            "threads",
            1,
            "device",
            "cpu");
    return evaluator.evaluate(evaluator.plan("rig", options), Observer.NONE).answer().confusion();
  }

  @Test
  public void evaluatesWhileItsBundleIsThere() throws Exception {
    Map<String, Object> spec = new HashMap<>();
    spec.put(
        "backbone",
        Map.of("name", "resnet", "layers", List.of(1L, 1L, 1L, 1L), "width", 8L, "block", "basic"));
    spec.put("classes", 6L);
    networks.assemble("rig", networks.spec(spec, "test"), false);
    List<List<Long>> wanted = confusion("eager");
    assertEquals(wanted, confusion("onnx"));

    Bundle runtime =
        Arrays.stream(context.getBundles())
            .filter(bundle -> bundle.getSymbolicName().equals("org.riglab.onnxruntime"))
            .findFirst()
            .orElseThrow();
    runtime.stop();
    assertEquals(
        "execution onnx requires the bundle org.riglab.onnxruntime, which is not installed",
        assertThrows(RigException.class, () -> confusion("onnx")).getMessage());
    runtime.start();
    assertEquals("the library is loaded once", wanted, confusion("onnx"));
  }
}
