package org.riglab.datasets.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.riglab.api.data.ClassTable;

/**
 * The classes of COCO-Stuff: things with ids 1 to 91, of which {@link #ABSENT 11} never occur, and
 * stuff with ids 92 to 182.
 *
 * @param ids those that have a label: label 0 first
 */
record CocoStuffClasses(List<Integer> ids) {
  private static final String THINGS =
      """
      person, bicycle, car, motorcycle, airplane, bus, train, truck, boat,
      traffic light, fire hydrant, street sign, stop sign, parking meter, bench, bird,
      cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, hat, backpack,
      umbrella, shoe, eye glasses, handbag, tie, suitcase, frisbee, skis, snowboard,
      sports ball, kite, baseball bat, baseball glove, skateboard, surfboard,
      tennis racket, bottle, plate, wine glass, cup, fork, knife, spoon, bowl, banana,
      apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut, cake, chair,
      couch, potted plant, bed, mirror, dining table, window, desk, toilet, door, tv,
      laptop, mouse, remote, keyboard, cell phone, microwave, oven, toaster, sink,
      refrigerator, blender, book, clock, vase, scissors, teddy bear, hair drier,
      toothbrush, hair brush""";

  private static final String STUFF =
      """
      banner, blanket, branch, bridge, building-other, bush, cabinet, cage, cardboard,
      carpet, ceiling-other, ceiling-tile, cloth, clothes, clouds, counter, cupboard,
      curtain, desk-stuff, dirt, door-stuff, fence, floor-marble, floor-other,
      floor-stone, floor-tile, floor-wood, flower, fog, food-other, fruit,
      furniture-other, grass, gravel, ground-other, hill, house, leaves, light, mat,
      metal, mirror-stuff, moss, mountain, mud, napkin, net, paper, pavement, pillow,
      plant-other, plastic, platform, playingfield, railing, railroad, river, road,
      rock, roof, rug, salad, sand, sea, shelf, sky-other, skyscraper, snow,
      solid-other, stairs, stone, straw, structural-other, table, tent, textile-other,
      towel, tree, vegetable, wall-brick, wall-concrete, wall-other, wall-panel,
      wall-stone, wall-tile, wall-wood, water-other, waterdrops, window-blind,
      window-other, wood""";

  private static final List<String> NAMES =
      Stream.of(THINGS, STUFF)
          .flatMap(names -> Stream.of(names.strip().split(",\\s+")))
          .collect(Collectors.toUnmodifiableList());

  /** Ids that COCO reserved and never annotated. */
  private static final Set<Integer> ABSENT = Set.of(12, 26, 29, 30, 45, 66, 68, 69, 71, 83, 91);

  CocoStuffClasses {
    ids = List.copyOf(ids);
  }

  /**
   * @param count 171 for those that occur, 182 for all
   * @return the classes; empty for other counts
   */
  static Optional<CocoStuffClasses> of(int count) {
    List<Integer> all = IntStream.rangeClosed(1, NAMES.size()).boxed().toList();
    List<Integer> present = all.stream().filter(id -> !ABSENT.contains(id)).toList();
    return Stream.of(present, all)
        .filter(ids -> ids.size() == count)
        .map(CocoStuffClasses::new)
        .findFirst();
  }

  /**
   * @param id 1 to 182
   * @return its label; -1 if it has none
   */
  int label(int id) {
    return ids.indexOf(id);
  }

  /**
   * @return what a message says about the ids that there may be
   */
  String expected() {
    return ids.size() == NAMES.size()
        ? "0 to " + NAMES.size()
        : "0 to %d without the %d that never occur (option ids=182 has them)"
            .formatted(NAMES.size(), ABSENT.size());
  }

  /**
   * @return the classes by label; with VOC's colours by id, so that a class has one colour in both
   */
  ClassTable table() {
    List<ClassTable.Entry> entries = new ArrayList<>();
    for (int id : ids) {
      entries.add(new ClassTable.Entry(NAMES.get(id - 1), VocColours.of(id)));
    }
    return new ClassTable(entries);
  }
}
