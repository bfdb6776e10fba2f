package org.riglab.graph.internal.analysis;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.bench.Analysis;
import org.riglab.api.bench.Analysis.BlockFigures;
import org.riglab.api.bench.Analysis.GateFigures;
import org.riglab.api.bench.Analysis.Memory;
import org.riglab.api.bench.Analyst;
import org.riglab.api.bench.Blueprints;
import org.riglab.api.bench.Blueprints.Blueprint;
import org.riglab.api.bench.Compiler;
import org.riglab.graph.internal.ir.Graph;
import org.riglab.graph.internal.trace.Tracer;

/** Traces networks and counts on the graphs. */
@Component
public final class AnalystService implements Analyst {
  private final Blueprints blueprints;
  private final Compiler compiler;

  /**
   * @param blueprints shows networks from within
   * @param compiler chooses types, layouts and kernels
   */
  @Activate
  public AnalystService(@Reference Blueprints blueprints, @Reference Compiler compiler) {
    this.blueprints = blueprints;
    this.compiler = compiler;
  }

  @Override
  public Analysis analyse(String network, int batch, int height, int width) {
    check(batch, height, width);
    return blueprints.show(network, shown -> new Study(shown, batch, height, width).of(network));
  }

  @Override
  public String picture(Analysis analysis) {
    return new Picture(analysis).svg();
  }

  @Override
  public String listing(String network, int batch, int height, int width) {
    check(batch, height, width);
    return blueprints.show(
        network, shown -> Tracer.trace(shown, batch, height, width, false).toString());
  }

  @Override
  public String graph(String network, int batch, int height, int width, Compiler.Options options) {
    check(batch, height, width);
    Shape image = new Shape(batch, 3, height, width);
    return blueprints.show(network, shown -> compiler.graph(shown, image, options));
  }

  private static void check(int batch, int height, int width) {
    if (batch < 1 || height < 1 || width < 1) {
      throw new RigException(
          "batch and size must be 1 or more, not %d and %dx%d".formatted(batch, height, width));
    }
  }

  /** One network's figures. */
  private static final class Study {
    private final Blueprint shown;
    private final int batch;
    private final int height;
    private final int width;
    private final Graph graph;
    private final Counts counts;
    private final Graph step;
    private final Activations activations;

    Study(Blueprint shown, int batch, int height, int width) {
      this.shown = shown;
      this.batch = batch;
      this.height = height;
      this.width = width;
      graph = Tracer.trace(shown, 1, height, width, false);
      counts = new Counts(graph);
      step = Tracer.trace(shown, batch, height, width, true);
      activations = new Activations(step);
    }

    Analysis of(String network) {
      List<BlockFigures> blocks =
          IntStream.rangeClosed(1, shown.stages().size()).mapToObj(this::block).toList();
      List<GateFigures> gates = shown.gates().keySet().stream().sorted().map(this::gate).toList();
      List<Integer> layers = blocks.stream().map(BlockFigures::convolutions).toList();
      Links links = new Links(graph);
      int last = graph.outputs().size() - 1;
      return new Analysis(
          network,
          shown.spec(),
          batch,
          height,
          width,
          blocks,
          gates,
          blocks.stream().mapToLong(BlockFigures::parameters).sum()
              + gates.stream().mapToLong(GateFigures::parameters).sum(),
          counts.total(),
          activations.total(),
          new Analysis.Depth(
              Paths.paper(shown.spec(), layers),
              Paths.longest(graph, true),
              Paths.longest(graph, false)),
          new Analysis.ReceptiveFields(
              ReceptiveFields.of(graph, 0, last > 0), // with one prediction, iteration 1 is inside
              ReceptiveFields.of(graph, last, true)),
          IntStream.range(0, graph.runs().size()).mapToObj(run -> run(links, run)).toList(),
          IntStream.rangeClosed(0, last).mapToObj(links::output).toList());
    }

    private BlockFigures block(int block) {
      List<Integer> runs = runs(graph, false, block);
      List<Long> each = runs.stream().map(counts::run).toList();
      return new BlockFigures(
          block,
          shown.stages().get(block - 1).name(),
          runs.isEmpty() ? List.of() : output(runs.get(runs.size() - 1)),
          parameters(shown.stages().get(block - 1).block()),
          runs.size(),
          each,
          each.stream().mapToLong(Long::longValue).sum(),
          memory(false, block),
          runs.stream().mapToInt(run -> Paths.through(graph, run)).max().orElse(0));
    }

    private GateFigures gate(int block) {
      List<Integer> runs = runs(graph, true, block);
      TreeSet<Integer> sources = new TreeSet<>();
      Links links = new Links(graph);
      for (int run : runs) {
        for (int source : links.feedback(run)) {
          sources.add(source == Links.IMAGE ? 0 : graph.runs().get(source).block());
        }
      }
      long each = runs.isEmpty() ? 0 : counts.run(runs.get(0));
      return new GateFigures(
          block,
          List.copyOf(sources),
          runs.isEmpty()
              ? List.of()
              : graph.runs().get(runs.get(0)).inputs().stream().skip(1).map(this::shape).toList(),
          runs.isEmpty() ? List.of() : output(runs.get(0)),
          parameters(shown.gates().get(block)),
          runs.size(),
          each,
          runs.stream().mapToLong(counts::run).sum(),
          memory(true, block));
    }

    private Analysis.BlockCall run(Links links, int run) {
      Graph.BlockCall what = graph.runs().get(run);
      return new Analysis.BlockCall(
          what.gate(),
          what.block(),
          what.iteration(),
          links.inputs(run),
          links.feedback(run),
          output(run),
          counts.run(run));
    }

    private static List<Integer> runs(Graph graph, boolean gate, int block) {
      List<Integer> runs = new ArrayList<>();
      for (int run = 0; run < graph.runs().size(); run++) {
        Graph.BlockCall what = graph.runs().get(run);
        if (what.gate() == gate && what.block() == block) {
          runs.add(run);
        }
      }
      return runs;
    }

    private Memory memory(boolean gate, int block) {
      long kept = 0;
      long held = 0;
      for (int run : runs(step, gate, block)) {
        Memory memory = activations.run(run);
        kept += memory.kept();
        held += memory.held();
      }
      return new Memory(kept, held);
    }

    private List<Long> output(int run) {
      return shape(graph.runs().get(run).outputs().get(0));
    }

    private List<Long> shape(int id) {
      List<Long> shape = graph.node(id).shape();
      return shape.subList(1, shape.size());
    }

    private static long parameters(Block block) {
      return block.getParameters().values().stream()
          .filter(Parameter::requiresGradient)
          .mapToLong(parameter -> parameter.getShape().size())
          .sum();
    }
  }
}
