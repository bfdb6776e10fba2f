package org.riglab.shell.internal;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.RigException;
import org.riglab.api.access.Role;
import org.riglab.api.lab.Gallery;
import org.riglab.api.lab.Lab;
import org.riglab.api.lab.Run;
import org.riglab.base.Visible;
import org.riglab.console.Screen;

/** Shows the pictures of a run in the terminal. */
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=pictures",
      Role.PROPERTY + "=viewer"
    })
public final class PicturesCommand extends Command {
  private static final int GAP = 2;
  private static final int LEAST = 30;

  /** Columns of a picture of which something can be recognised. */
  private static final int SMALLEST = 12;

  private static final int CELL_WIDTH = 8;

  private final Lab lab;
  private final Gallery gallery;

  /**
   * @param lab the store of runs
   * @param gallery has their pictures
   */
  @Activate
  public PicturesCommand(@Reference Lab lab, @Reference Gallery gallery) {
    super("pictures");
    this.lab = lab;
    this.gallery = gallery;
  }

  /**
   * @param session writes to it
   * @param image which
   * @param layers of the picture
   * @param as how
   * @param list whether to list the images instead
   * @param id of the run
   */
  @Descriptor(
      "shows an image of a run with its label and the prediction of each iteration in the terminal,"
          + " as Sixel graphics where the terminal supports them, otherwise in half blocks")
  public void pictures(
      CommandSession session,
      @Descriptor("N: index of the image, from 0; default: the first one stored with the run")
          @Parameter(
              names = {"-i", "--image"},
              absentValue = "")
          Optional<Integer> image,
      @Descriptor(
              "NAME,...: layers to show: image, label, t1, t2, ..., gate.BLOCK.tN; default: image,"
                  + " label and all iterations")
          @Parameter(
              names = {"-l", "--layers"},
              absentValue = "")
          Optional<String> layers,
      @Descriptor("auto|sixel|blocks: how pictures are drawn")
          @Parameter(
              names = {"-a", "--as"},
              absentValue = "auto")
          String as,
      @Descriptor("lists the images and the layers of the selected one")
          @Parameter(
              names = {"-L", "--list"},
              presentValue = "true",
              absentValue = "false")
          boolean list,
      @Descriptor("id of the run") long id) {
    if (!List.of("auto", "sixel", "blocks").contains(as)) {
      throw Usage.wrong("--as '" + as + "': allowed are auto, sixel, blocks");
    }
    Terminal terminal = Terminal.of(session);
    Run run = lab.run(id);
    Gallery.Listing listing = gallery.list(run);
    if (listing.images().isEmpty()) {
      throw new RigException(RigException.Kind.NOT_FOUND, "run " + id + " has no pictures");
    }
    int index = image.orElse(listing.kept().isEmpty() ? 0 : listing.kept().get(0));
    if (list) {
      list(terminal, listing);
    }
    if (!list && !terminal.colour()) {
      throw new RigException(
          RigException.Kind.UNAVAILABLE,
          "pictures requires a terminal with colours; --list lists the images, the web page shows"
              + " them");
    }
    Gallery.Picture picture = gallery.picture(run, index);
    String title = terminal.wrap(title(run, index, listing, picture), 0);
    terminal.out().println(title);
    if (list) {
      terminal.out().println(terminal.wrap("layers: " + String.join(", ", names(picture)), 8));
    } else {
      List<String> shown = layers.map(l -> List.of(l.split(","))).orElse(usual(picture));
      show(terminal, picture, shown, as, (int) title.lines().count() + 1);
    }
  }

  private static void list(Terminal terminal, Gallery.Listing listing) {
    Table table = new Table("index", "image", "stored with the run").elided("image");
    for (int i = 0; i < listing.images().size(); i++) {
      table.row(
          String.valueOf(i),
          Visible.line(listing.images().get(i)),
          listing.kept().contains(i) ? "yes" : "no");
    }
    terminal.print(table);
  }

  private static String title(
      Run run, int index, Gallery.Listing listing, Gallery.Picture picture) {
    StringBuilder title =
        new StringBuilder(
            Text.format(
                "run %d %s, image %d of %d: %s",
                run.id(),
                Visible.line(run.name()),
                index,
                listing.images().size(),
                Visible.line(picture.image())));
    for (int t = 0; t < picture.accuracy().size(); t++) {
      title.append(Text.format(", t%d %s %%", t + 1, Text.percent(picture.accuracy().get(t))));
    }
    if (!picture.kept()) {
      title.append(" (computed with the current weights of " + listing.network() + ")");
    }
    return title.toString();
  }

  private static List<String> names(Gallery.Picture picture) {
    return picture.layers().keySet().stream().sorted().toList();
  }

  private static List<String> usual(Gallery.Picture picture) {
    List<String> usual = new ArrayList<>(List.of("image", "label"));
    for (int t = 1; picture.layers().containsKey("t" + t); t++) {
      usual.add("t" + t);
    }
    usual.retainAll(picture.layers().keySet());
    return usual;
  }

  private static void show(
      Terminal terminal, Gallery.Picture picture, List<String> layers, String as, int taken) {
    Screen screen = terminal.full().orElseThrow();
    org.jline.terminal.Terminal device = screen.terminal();
    boolean sixel = as.equals("sixel") || as.equals("auto") && Graphics.sixel(device);
    int across = across(picture, layers.size(), terminal.columns(), device.getHeight() - taken);
    int columns = columns(picture, across, terminal.columns());
    for (int first = 0; first < layers.size(); first += across) {
      List<String> row = layers.subList(first, Math.min(layers.size(), first + across));
      StringBuilder titles = new StringBuilder();
      for (String layer : row) {
        String title = Text.cut(layer, columns);
        titles.append(title).append(" ".repeat(columns + GAP - Text.width(title)));
      }
      terminal.out().println(titles.toString().stripTrailing());
      // A pixel of a half block is a column wide; a cell of a Sixel terminal has many.
      int width = sixel ? columns * CELL_WIDTH : columns;
      int height = Math.max(2, Math.round((float) width * picture.height() / picture.width()));
      int gap = sixel ? GAP * CELL_WIDTH : GAP;
      BufferedImage strip = strip(picture, row, width, height + height % 2, gap, sixel);
      if (sixel) {
        terminal.screen().println(Mosaic.sixel(strip));
      } else {
        Mosaic.blocks(strip, screen.trueColour()).forEach(terminal.screen()::println);
      }
    }
  }

  /**
   * How many pictures stand side by side: so many that each has some columns, and more if the
   * pictures are otherwise higher than the terminal.
   */
  static int across(Gallery.Picture picture, int pictures, int room, int height) {
    int across = Math.max(1, Math.min(pictures, (room + GAP) / (LEAST + GAP)));
    for (int more = across; more <= pictures; more++) {
      int columns = columns(picture, more, room);
      if (columns < SMALLEST) {
        break;
      }
      int lines = 1 + Math.round((float) columns * picture.height() / picture.width() / 2);
      if (lines * ((pictures + more - 1) / more) <= height) {
        return more;
      }
    }
    return across;
  }

  private static int columns(Gallery.Picture picture, int across, int room) {
    return Math.min(picture.width(), (room - GAP * (across - 1)) / across);
  }

  private static BufferedImage strip(
      Gallery.Picture picture,
      List<String> layers,
      int width,
      int height,
      int gap,
      boolean dithered) {
    BufferedImage strip =
        new BufferedImage(layers.size() * (width + gap) - gap, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = strip.createGraphics();
    for (int i = 0; i < layers.size(); i++) {
      String layer = layers.get(i).strip();
      boolean smooth = layer.equals("image") || layer.startsWith("gate.");
      BufferedImage scaled = Mosaic.scaled(read(picture.layers(), layer), width, height, smooth);
      graphics.drawImage(
          dithered && smooth ? Mosaic.dithered(scaled) : scaled, i * (width + gap), 0, null);
    }
    graphics.dispose();
    return strip;
  }

  private static BufferedImage read(Map<String, byte[]> layers, String name) {
    byte[] png = layers.get(name);
    if (png == null) {
      throw new RigException(
          RigException.Kind.NOT_FOUND,
          "there is no layer '"
              + name
              + "'; there are "
              + String.join(", ", layers.keySet().stream().sorted().toList()));
    }
    try {
      return ImageIO.read(new ByteArrayInputStream(png));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
