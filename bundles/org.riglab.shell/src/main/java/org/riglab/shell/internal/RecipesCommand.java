package org.riglab.shell.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Optional;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.riglab.api.access.Role;
import org.riglab.api.bench.Trainer;
import org.riglab.base.Feature;
import org.riglab.base.Json;

/** Lists and prints recipes. */
@Feature(Feature.TRAINING)
@Component(
    service = Function.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=rig",
      CommandProcessor.COMMAND_FUNCTION + "=recipes",
      Role.PROPERTY + "=viewer"
    })
public final class RecipesCommand extends Command {
  private final Trainer trainer;

  /**
   * @param trainer knows the recipes
   */
  @Activate
  public RecipesCommand(@Reference Trainer trainer) {
    super("recipes");
    this.trainer = trainer;
  }

  /**
   * @param session writes to it
   * @param json whether to print JSON
   * @param name of a recipe; empty for the list
   */
  @Descriptor(
      "lists the training recipes, or prints one. To write your own, start with a copy: 'rig"
          + " recipes deeplabv2 > my.json', then 'rig train NAME --recipe my.json'. A recipe"
          + " contains the options that differ from the default recipe. --json prints the list as"
          + " an array of objects: name, about, file")
  public void recipes(
      CommandSession session,
      @Descriptor("prints JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("name of a recipe, or FILE.json") Optional<String> name) {
    Terminal terminal = Terminal.of(session);
    if (name.isPresent()) {
      String asked = name.get();
      Trainer.Recipe recipe =
          trainer.recipe(
              asked.endsWith(".json") ? NamedFiles.resolve(session, asked).toString() : asked);
      JsonObject object = new JsonObject();
      if (!recipe.about().isEmpty()) {
        object.addProperty("about", recipe.about());
      }
      recipe.options().forEach((option, value) -> object.add(option, Json.tree(value)));
      terminal.out().print(Json.text(object));
      return;
    }
    JsonArray array = new JsonArray();
    Table table = new Table("recipe", "about", "file");
    for (Trainer.Recipe recipe : trainer.recipes()) {
      JsonObject object = new JsonObject();
      object.addProperty("name", recipe.name());
      object.addProperty("about", recipe.about());
      object.addProperty("file", recipe.file());
      array.add(object);
      table.row(
          recipe.name(), recipe.about(), recipe.file().isEmpty() ? "built in" : recipe.file());
    }
    if (json) {
      terminal.out().print(Json.text(array));
    } else {
      terminal.print(table);
    }
  }
}
