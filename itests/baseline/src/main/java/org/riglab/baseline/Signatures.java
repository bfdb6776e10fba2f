package org.riglab.baseline;

import aQute.bnd.classfile.AnnotationDefaultAttribute;
import aQute.bnd.classfile.Attribute;
import aQute.bnd.classfile.ClassFile;
import aQute.bnd.classfile.ConstantValueAttribute;
import aQute.bnd.classfile.DeprecatedAttribute;
import aQute.bnd.classfile.ElementInfo;
import aQute.bnd.classfile.ExceptionsAttribute;
import aQute.bnd.classfile.FieldInfo;
import aQute.bnd.classfile.InnerClassesAttribute;
import aQute.bnd.classfile.MemberInfo;
import aQute.bnd.classfile.MethodInfo;
import aQute.bnd.classfile.PermittedSubclassesAttribute;
import aQute.bnd.classfile.RecordAttribute;
import aQute.bnd.classfile.RuntimeInvisibleAnnotationsAttribute;
import aQute.bnd.classfile.RuntimeVisibleAnnotationsAttribute;
import aQute.bnd.classfile.SignatureAttribute;
import aQute.bnd.classfile.builder.ClassFileBuilder;
import aQute.bnd.osgi.Domain;
import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.Resource;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The signatures of a bundle's exported packages: class files without code and without members that
 * only their package sees, and the manifest's name, version and exports. Some kilobytes that bnd
 * compares like the bundle itself.
 */
final class Signatures {
  private static final Set<Class<? extends Attribute>> KEPT =
      Set.of(
          AnnotationDefaultAttribute.class,
          ConstantValueAttribute.class,
          DeprecatedAttribute.class,
          ExceptionsAttribute.class,
          InnerClassesAttribute.class,
          PermittedSubclassesAttribute.class,
          RecordAttribute.class,
          RuntimeInvisibleAnnotationsAttribute.class,
          RuntimeVisibleAnnotationsAttribute.class,
          SignatureAttribute.class);
  private static final List<String> HEADERS =
      List.of("Bundle-ManifestVersion", "Bundle-SymbolicName", "Bundle-Version", "Export-Package");

  private Signatures() {}

  /**
   * Writes a bundle's signatures; the same bytes for the same signatures.
   *
   * @param bundle what has been built
   * @param file the jar to write
   */
  static void write(Jar bundle, Path file) throws Exception {
    Map<String, byte[]> entries = new TreeMap<>();
    for (Map.Entry<String, ClassFile> type : types(bundle).entrySet()) {
      entries.put(type.getKey(), strip(type.getValue()));
    }
    Files.createDirectories(file.getParent());
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(entry(JarFile.MANIFEST_NAME));
      manifest(bundle.getManifest()).write(zip);
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(entry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
  }

  /**
   * @param bundle a built bundle, or its signatures
   * @return the class files of its exported packages, by path
   */
  static Map<String, ClassFile> types(Jar bundle) throws Exception {
    Map<String, ClassFile> types = new TreeMap<>();
    for (String exported : Domain.domain(bundle.getManifest()).getExportPackage().keySet()) {
      Map<String, Resource> directory = bundle.getDirectory(exported.replace('.', '/'));
      if (directory != null) {
        for (Map.Entry<String, Resource> resource : directory.entrySet()) {
          if (resource.getKey().endsWith(".class")) {
            try (DataInputStream in = new DataInputStream(resource.getValue().openInputStream())) {
              types.put(resource.getKey(), ClassFile.parseClassFile(in));
            }
          }
        }
      }
    }
    return types;
  }

  /**
   * @param type a class file
   * @return the same without code
   */
  static byte[] strip(ClassFile type) throws IOException {
    ClassFileBuilder builder =
        new ClassFileBuilder(
            type.access,
            type.major_version,
            type.minor_version,
            type.this_class,
            type.super_class,
            type.interfaces);
    visible(type.fields)
        .forEach(f -> builder.fields(new FieldInfo(f.access, f.name, f.descriptor, attributes(f))));
    visible(type.methods)
        .forEach(
            m -> builder.methods(new MethodInfo(m.access, m.name, m.descriptor, attributes(m))));
    builder.attributes(attributes(type));
    return builder.build().write();
  }

  /**
   * @param bytes a class file
   * @return what it declares
   */
  static ClassFile parse(byte[] bytes) throws IOException {
    return ClassFile.parseClassFile(new DataInputStream(new ByteArrayInputStream(bytes)));
  }

  private static <M extends MemberInfo> Stream<M> visible(M[] members) {
    return Arrays.stream(members)
        .filter(m -> (m.access & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0);
  }

  private static Attribute[] attributes(ElementInfo element) {
    return Arrays.stream(element.attributes)
        .filter(a -> KEPT.contains(a.getClass()))
        .toArray(Attribute[]::new);
  }

  private static Manifest manifest(Manifest full) {
    Manifest manifest = new Manifest();
    Attributes headers = manifest.getMainAttributes();
    headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    for (String header : HEADERS) {
      headers.putValue(header, full.getMainAttributes().getValue(header));
    }
    return manifest;
  }

  private static ZipEntry entry(String name) {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(java.time.LocalDateTime.of(1980, 2, 1, 0, 0));
    return entry;
  }
}
