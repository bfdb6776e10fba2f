package org.riglab.api.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import org.riglab.api.RigException;

/**
 * The plugins in the configured catalogues. A catalogue is an index file of the OSGi Repository
 * specification ({@code index.xml}) in a folder or on a web server, with the jars beside it. {@link
 * Plugins#install(String, boolean)} and {@link Plugins#update} accept {@code NAME} and {@code
 * NAME@VERSION} of a catalogue.
 */
@ProviderType
public interface Catalogue {
  /**
   * A version of a plugin in a catalogue.
   *
   * @param name symbolic name of the bundle
   * @param version of the bundle
   * @param about its description; empty if it has none
   * @param parts kind, name and description of each part, for example {@code gate attention:
   *     channel times spatial attention}
   * @param options kind and name of each part that has options, with their names, defaults and
   *     types, for example {@code gate attention: limit=2.0 (double), kernel_size=3 (int)}
   * @param license of the bundle; empty if it states none
   * @param sha256 digest of the jar in hexadecimal
   * @param bytes size of the jar
   * @param location address of the jar
   * @param signed whether the jar has a signature; it is verified when the jar is installed
   * @param needs packages that it imports, each with its range of versions
   * @param missing those of them that this installation does not have, in words; empty if it fits
   */
  record Offer(
      String name,
      String version,
      String about,
      List<String> parts,
      List<String> options,
      String license,
      String sha256,
      long bytes,
      String location,
      boolean signed,
      List<String> needs,
      List<String> missing) {
    /**
     * Copies the lists.
     *
     * @param name see {@link #name()}
     * @param version see {@link #version()}
     * @param about see {@link #about()}
     * @param parts see {@link #parts()}
     * @param options see {@link #options()}
     * @param license see {@link #license()}
     * @param sha256 see {@link #sha256()}
     * @param bytes see {@link #bytes()}
     * @param location see {@link #location()}
     * @param signed see {@link #signed()}
     * @param needs see {@link #needs()}
     * @param missing see {@link #missing()}
     */
    public Offer {
      parts = List.copyOf(parts);
      options = List.copyOf(options);
      needs = List.copyOf(needs);
      missing = List.copyOf(missing);
    }
  }

  /**
   * What is installed for a plugin of a catalogue.
   *
   * @param plugin the chosen version, which fits
   * @param libraries bundles of the catalogues that it needs beside those of this installation
   */
  record Plan(Offer plugin, List<Offer> libraries) {
    /**
     * Copies the list.
     *
     * @param plugin see {@link #plugin()}
     * @param libraries see {@link #libraries()}
     */
    public Plan {
      libraries = List.copyOf(libraries);
    }
  }

  /**
   * Resolves a plugin with its dependencies, without downloading anything.
   *
   * @param source as in {@link Plugins#install(String, boolean)}
   * @return what would be installed; empty if the source is not the name of a plugin in a
   *     catalogue, but a file, a digest or a Maven coordinate
   * @throws RigException NOT_FOUND if no catalogue has it; if it does not fit: the message states
   *     why, and which version would fit; or if a catalogue cannot be read
   */
  Optional<Plan> plan(String source);

  /**
   * @param jar a bundle
   * @return whether it is a library of plugins, which exports packages, and not a plugin
   * @throws RigException if it is neither; the message states the reason
   */
  boolean isLibrary(Path jar);

  /**
   * @param word in the name, the description or a part, in any case; empty for all
   * @return the newest version of each plugin that fits this installation, or else the newest one;
   *     sorted by name
   * @throws RigException if a catalogue cannot be read
   */
  List<Offer> search(String word);

  /**
   * @param plugin {@code NAME} or {@code NAME@VERSION}
   * @return all versions of that name, or that version; the newest first
   * @throws RigException NOT_FOUND if there is none; or if a catalogue cannot be read
   */
  List<Offer> versions(String plugin);

  /**
   * @return versions that fit and are newer than the installed ones, the newest of each plugin
   * @throws RigException if a catalogue cannot be read
   */
  List<Offer> outdated();

  /**
   * Adds a plugin or a library to the catalogue in a folder: copies the jar, and writes {@code
   * index.xml}.
   *
   * @param jar a plugin, or a library of plugins
   * @param folder of the catalogue; is created if it is missing
   * @return the entry
   * @throws RigException if the jar is neither, or CONFLICT if the catalogue has that version with
   *     other content
   */
  Offer publish(Path jar, Path folder);
}
